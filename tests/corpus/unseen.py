#!/usr/bin/env python3
"""Score main text on pages that nothing was fitted to: those that other extractors publish with their own tests.

usage: unseen.py CLEAN [--work DIR] [--misses]

Needs pip, and trafilatura, gne, readability-lxml and lxml_html_clean installed. Fetches the sources of trafilatura 1.1.0 and GNE 0.4.3 from the package index.

* trafilatura's tests say of 83 pages, most of them German blogs, which phrases its result must hold and which it must not. They were written to pass
  with trafilatura, and some of the phrases wanted are readers' comments. Precision, recall and F1 of the phrases, as in its own evaluation.
* GNE's are 62 pages of Chinese news without their text. For each the F1 of runs of four words with the output of the others: pages on which no other
  tool agrees are named, to be read.
"""
import argparse, ast, collections, json, pathlib, re, subprocess, tarfile, unicodedata, urllib.parse, urllib.request

SOURCES = {"trafilatura": "1.1.0", "gne": "0.4.3"}
AGREED = 0.95  # F1 below which a page is named


def fetch(name, version, work):
    folder = work / f"{name}-{version}"
    if not folder.exists():
        index = subprocess.run(["pip", "config", "get", "global.index-url"], capture_output=True, text=True).stdout.strip()
        page = (index or "https://pypi.org/simple").rstrip("/") + f"/{name}/"
        links = re.findall(r'href="([^"#]+)', urllib.request.urlopen(page).read().decode())
        link = next(link for link in links if link.endswith(f"{name}-{version}.tar.gz"))
        with tarfile.open(fileobj=urllib.request.urlopen(urllib.parse.urljoin(page, link)), mode="r|gz") as archive:
            archive.extractall(work, filter="data")
    return folder


def ours(clean, files):
    run = subprocess.run([clean, "-q", "--only", "html", *map(str, files)], capture_output=True)
    return {record["id"]: record["text"] for record in map(json.loads, run.stdout.splitlines())}


def others(raw):
    import gne, lxml.html, readability, trafilatura

    tools = {
        "trafilatura": lambda: trafilatura.extract(raw, include_comments=False),
        "precision": lambda: trafilatura.extract(raw, include_comments=False, favor_precision=True),
        "readability": lambda: lxml.html.fromstring(readability.Document(raw).summary()).text_content(),
        "gne": lambda: gne.GeneralNewsExtractor().extract(raw)["content"],
    }
    found = {}
    for name, tool in tools.items():
        try:
            found[name] = tool() or ""
        except Exception:  # a page that a tool fails on has no text there
            found[name] = ""
    return found


def plain(text):
    text = unicodedata.normalize("NFC", text).translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x201E: '"'})
    return re.sub(r"[\s\u00ad]+", "", text)


def wanted_phrases(source):
    """(page, phrase, whether it is wanted) of each assertion that is not commented out."""
    files = dict(re.findall(r"'(https?://[^']+)':\s*'([^']+\.html)'", source))
    string = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
    page = None
    for line in source.splitlines():
        load = re.search(r"load_mock_page\('([^']+)'", line)
        page = files.get(load[1]) if load else page
        for found in re.finditer(rf"({string})\s+(not in|in)\s+result", line):
            if page and "#" not in re.sub(string, "", line[: found.start()]):
                yield page, ast.literal_eval(found[1]), found[2] == "in"


def phrases(clean, folder, misses):
    from trafilatura.utils import decode_file

    cache = folder / "tests" / "cache"
    rows = [row for row in wanted_phrases((folder / "tests" / "realworld_tests.py").read_text()) if (cache / row[0]).exists()]
    files = sorted({row[0] for row in rows})
    texts = {"clean": {pathlib.Path(name).name: text for name, text in ours(clean, [cache / f for f in files]).items()}}
    for file in files:
        for tool, text in others(decode_file((cache / file).read_bytes())).items():
            texts.setdefault(tool, {})[file] = text
    print(f"{len(files)} pages, {len(rows)} phrases\ntool\tP\tR\tF1")
    for tool, found in texts.items():
        counts = collections.Counter((plain(phrase) in plain(found.get(file, "")), wanted) for file, phrase, wanted in rows)
        precision = counts[True, True] / max(1, counts[True, True] + counts[True, False])
        recall = counts[True, True] / max(1, counts[True, True] + counts[False, True])
        print(f"{tool}\t{precision:.3f}\t{recall:.3f}\t{2 * precision * recall / (precision + recall):.3f}")
    for file, phrase, wanted in rows if misses else []:
        if (plain(phrase) in plain(texts["clean"].get(file, ""))) != wanted:
            print("missing" if wanted else "surplus", file, repr(phrase))


def runs(text):
    words = re.findall(r"[\u3400-\u9fff]|[A-Za-z0-9]+", text)
    return collections.Counter(zip(words, words[1:], words[2:], words[3:]))


def f1(a, b):
    return 2 * sum((a & b).values()) / max(1, sum(a.values()) + sum(b.values()))


def agreement(clean, folder):
    files = sorted(folder.glob("tests/**/*.html"))
    texts = ours(clean, files)
    scores = collections.defaultdict(list)
    for file in files:
        found = {tool: runs(text) for tool, text in others(file.read_bytes().decode("utf-8", "replace")).items()}
        found["clean"] = runs(texts.get(str(file), ""))
        best = {a: max(f1(found[a], found[b]) for b in found if b != a and {a, b} != {"trafilatura", "precision"}) for a in found}
        for tool, score in best.items():
            scores[tool].append(score)
        if best["clean"] < AGREED:
            print(f"read {file.relative_to(folder)}: {best['clean']:.2f}")
    print(f"{len(files)} pages\ntool\tF1 with the tool that agrees most, mean\tpages below {AGREED}")
    for tool, values in scores.items():
        print(f"{tool}\t{sum(values) / len(values):.3f}\t{sum(v < AGREED for v in values)}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("clean")
    arguments.add_argument("--work", type=pathlib.Path, default=pathlib.Path("corpus-work"))
    arguments.add_argument("--misses", action="store_true")
    arguments = arguments.parse_args()
    arguments.work.mkdir(exist_ok=True)
    folders = {name: fetch(name, version, arguments.work) for name, version in SOURCES.items()}
    phrases(arguments.clean, folders["trafilatura"], arguments.misses)
    agreement(arguments.clean, folders["gne"])
