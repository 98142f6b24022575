#!/usr/bin/env python3
"""Main text of pages: run another tool, or score outputs, with a paired bootstrap over pages.

usage: extraction.py run TOOL PAGES OUT.jsonl
       extraction.py score TRUTH.jsonl OUT.jsonl [OTHER.jsonl ...]

TOOL is trafilatura, trafilatura_precision, readability, resiliparse or justext (`pip install trafilatura readability-lxml resiliparse
justext`). Ours: `clean -q --only html PAGES -o OUT.jsonl`. TRUTH has records of `set`, `file`, `truth` and perhaps `type`; pages are
PAGES/set/file.html.

Each set has its own metric: `wcxb*` the F1 of bags of words, a mean over pages; others the F1 of the mean precision and the mean recall of runs of four words, where
in sets other than `sh` a Han or kana character is a word (Scrapinghub's and magic-html's articles). Halves are those of fit_html.py. Behind each OTHER: the
difference to OUT with its interval of 95 % over 2,000 samples of pages.
"""
import hashlib, json, pathlib, random, re, resource, statistics, sys
from collections import Counter

WORD = re.compile(r"\w+")
HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def extractor(tool):
    if tool.startswith("trafilatura"):
        import trafilatura
        return lambda raw: trafilatura.extract(raw, include_comments=False, favor_precision=tool.endswith("precision"))
    from trafilatura.utils import decode_file
    if tool == "readability":
        import lxml.html, readability
        return lambda raw: "\n".join(lxml.html.fromstring(readability.Document(decode_file(raw)).summary()).itertext())
    if tool == "resiliparse":
        from resiliparse.extract.html2text import extract_plain_text
        return lambda raw: extract_plain_text(decode_file(raw), main_content=True)
    if tool == "justext":
        import justext
        stop = frozenset().union(*(justext.get_stoplist(l) for l in ("English", "German", "French", "Spanish", "Portuguese", "Russian")))
        return lambda raw: "\n".join(p.text for p in justext.justext(raw, stop) if not p.is_boilerplate)
    sys.exit(f"unknown tool {tool}")


def run(tool, pages, out):
    extract, size, start = extractor(tool), 0, resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with open(out, "w", encoding="utf-8") as lines:
        for path in sorted(pathlib.Path(pages).glob("*/*.html")):
            raw = path.read_bytes()
            size += len(raw)
            try:
                text = extract(raw) or ""
            except Exception as error:
                text = ""
                print(path, repr(error)[:100], file=sys.stderr)
            lines.write(json.dumps({"source": str(path), "text": text}) + "\n")
    print(f"{tool}: {size / 1e6 / (resource.getrusage(resource.RUSAGE_SELF).ru_utime - start):.1f} MB/s of CPU")


def counts(set_, text):
    if set_.startswith("wcxb"):
        return Counter(WORD.findall(text.lower()))
    words = (WORD if set_ == "sh" else HAN).findall(text)
    return Counter(t for t in (tuple(words[n:n + 4]) for n in range(max(1, len(words) - 3))) if t)


def page(set_, truth, text):
    """Precision and recall; None where a benchmark leaves the page out of that mean."""
    wanted, found = counts(set_, truth), counts(set_, text)
    if not wanted and not found:
        return 1.0, 1.0
    right, empty = sum((wanted & found).values()), 0.0 if set_.startswith("wcxb") else None
    return right / sum(found.values()) if found else empty, right / sum(wanted.values()) if wanted else empty


def f1(p, r):
    return 2 * p * r / (p + r) if p and r else 0.0


def total(set_, pages):
    if set_.startswith("wcxb"):
        return statistics.mean(f1(*p) for p in pages)
    means = [[x[k] for x in pages if x[k] is not None] for k in (0, 1)]
    return f1(*(statistics.mean(m) if m else 0.0 for m in means))


def score(truth, *outputs):
    rows = [json.loads(line) for line in open(truth, encoding="utf-8")]
    loaded = []
    for path in outputs:
        texts = {}
        for line in open(path, encoding="utf-8"):
            record = json.loads(line)
            source = pathlib.PurePath(record.get("source") or record["id"])
            texts[source.parent.name, source.stem] = record.get("text") or ""
        loaded.append([page(r["set"], r["truth"], texts.get((r["set"], r["file"]), "")) for r in rows])
    groups = {}
    for n, row in enumerate(rows):
        chinese = len(re.findall("[\u4e00-\u9fff]", row["truth"])) > 0.3 * max(1, len(row["truth"]))
        names = [row["set"]] + ([f"{row['set']} Chinese"] if chinese and row["set"] != "sh" else []) + ([f"{row['set']} {row['type']}"] if row.get("type") else [])
        for name in names:
            groups.setdefault(name, []).append(n)
    random.seed(0)
    for name, members in groups.items():
        set_ = name.split()[0]
        halves = [[n for n in members if int(hashlib.sha1(rows[n]["file"].encode()).hexdigest(), 16) % 2 == h] for h in (0, 1)]
        print(f"{name:26}{len(members):4} pages")
        for path, pages in zip(outputs, loaded):
            own = [total(set_, [pages[n] for n in part]) if part else 0 for part in (members, *halves)]
            line = f"    {pathlib.PurePath(path).name:34} {own[0]:.4f}  half 0 {own[1]:.4f}  half 1 {own[2]:.4f}"
            if pages is not loaded[0]:
                samples = sorted(total(set_, [loaded[0][n] for n in s]) - total(set_, [pages[n] for n in s])
                                 for s in (random.choices(members, k=len(members)) for _ in range(2000)))
                line += f"  ours {total(set_, [loaded[0][n] for n in members]) - own[0]:+.4f} [{samples[50]:+.4f}, {samples[1949]:+.4f}]"
            print(line)


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "run":
        run(*sys.argv[2:])
    elif len(sys.argv) >= 4 and sys.argv[1] == "score":
        score(*sys.argv[2:])
    else:
        sys.exit(__doc__)
