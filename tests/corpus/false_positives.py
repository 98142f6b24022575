#!/usr/bin/env python3
"""Everything the repair of damaged text changes in clean text: nothing should be.

usage: false_positives.py CLEAN FILE ... [--questions MB] [--seed S] [--samples N] [-- OPTION ...]

CLEAN is the program; it runs as `CLEAN --only mojibake --edits OPTION ...`. A FILE is JSON Lines of records with text, language and kind (gather.py,
questions.py), or plain text of a paragraph a line (`.txt`, also `.xz` and `.gz`), which is read twice: a paragraph a document, and thirty. So many MB of
questions.py are added. Each document is taken as it is and, if it has any full-width ASCII, folded to ASCII width, as many sites print it.

Prints for each language (or plain file) and form: MB, documents, edits made, edits marked only (those that --bold would make), documents with a flag; then the
flags, and all edits, at most N of a rule, as before|after with what stands around them. Exit code 1 if any edit was made.
"""
import argparse, collections, gzip, itertools, json, lzma, pathlib, subprocess, sys, tempfile, threading

from count import before, shown, steps
from questions import documents as questions

FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
WIDE = frozenset(map(chr, FOLD))
FORMS = ("as it is", "folded")


def documents(path):
    """(id, language, text) of a file."""
    opened = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    with opened(path, "rt", encoding="utf-8") as lines:
        if ".jsonl" in path.name:
            for line in lines:
                record = json.loads(line)
                yield record["id"], record.get("language", "?"), record["text"]
            return
        name = path.name.removesuffix(path.suffix) if path.suffix in (".xz", ".gz") else path.name
        for first in itertools.count(step=30):
            some = list(itertools.islice(lines, 30))
            if not some:
                return
            for n, line in enumerate(some):
                yield f"{name}:{first + n + 1}", f"{name} by 1", line.rstrip("\n")
            yield f"{name}:{first + 1}-{first + len(some)}", f"{name} by 30", "".join(some)


def generated(seed, mb):
    size = 0
    for record in questions(seed):
        if size >= mb * 1e6:
            return
        size += len(record["text"].encode())
        yield f"questions/{record['id']}", f"questions {record['language']}", record["text"]


class Counts:
    def __init__(self):
        self.bytes, self.documents, self.made, self.marked, self.flagged = (collections.Counter() for _ in range(5))
        self.flags = collections.defaultdict(collections.Counter)


def run(clean, options, write, read):
    """Starts the program, writes records in a thread of its own, and reads those that come out."""
    with subprocess.Popen([clean, "--only", "mojibake", "--edits", "--input", "jsonl", *options, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as program:
        def feed():
            with program.stdin as pipe:
                for record in write():
                    pipe.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        writer = threading.Thread(target=feed)
        writer.start()
        for line in program.stdout:
            # Most lines say that nothing happened; they need not be parsed.
            if b'"flags":["' in line or b'"edits":[{' in line:
                read(json.loads(line))
        writer.join()
    if program.returncode not in (0, 1):
        sys.exit(f"{clean}: exit code {program.returncode}")


def found(record):
    """[(place, rule, sample)] of the edits in a record."""
    text, out = record["text"].encode("utf-8", "replace"), []
    for step in reversed(steps(record["clean"].get("edits") or [])):
        text = before(text, step)
        for edit in step:
            start, end = edit["start"], edit["end"]
            sample = (shown(text[max(0, start - 60):start]), shown(text[start:end][:400]), shown(edit["after"].encode()[:400]), shown(text[end:end + 60]))
            out.append(((start, end), edit["rule"], sample))
    return out


def main():
    own, options = sys.argv[1:], []
    if "--" in own:
        own, options = own[:own.index("--")], own[own.index("--") + 1:]
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("clean")
    arguments.add_argument("files", nargs="*", type=pathlib.Path)
    arguments.add_argument("--questions", type=float, default=5, metavar="MB")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--samples", type=int, default=200)
    given = arguments.parse_args(own)
    counts, samples, totals = Counts(), collections.defaultdict(list), collections.Counter()

    def source():
        for name, language, text in itertools.chain(*map(documents, given.files), generated(given.seed, given.questions)):
            forms = (text, text.translate(FOLD)) if not WIDE.isdisjoint(text) else (text,)
            for form, text in zip(FORMS, forms):
                counts.bytes[language, form] += len(text.encode("utf-8", "surrogatepass"))
                counts.documents[language, form] += 1
                yield {"id": name, "language": language, "form": form, "text": text}

    def note(record, edits, how):
        for _, rule, sample in edits:
            totals[how, rule] += 1
            if len(samples[how, rule]) < given.samples:
                samples[how, rule].append((record["id"], record["form"], *sample))

    with tempfile.TemporaryFile("w+", encoding="utf-8") as again:
        def look(record):
            where, flags = (record["language"], record["form"]), [f for f in record["clean"].get("flags") or [] if f.startswith("mojibake:")]
            edits = found(record)
            counts.made[where] += len(edits)
            counts.flagged[where] += bool(flags)
            counts.flags[where].update(flags)
            note(record, edits, "made")
            if flags:
                text = record["text"].encode()
                for step in reversed(steps(record["clean"].get("edits") or [])):
                    text = before(text, step)
                record = {name: record[name] for name in ("id", "language", "form")} | {"text": text.decode(), "made": [[*place] for place, _, _ in edits]}
                again.write(json.dumps(record, ensure_ascii=False) + "\n")

        run(given.clean, options, source, look)
        again.seek(0)

        def look_again(record):
            edits = [edit for edit in found(record) if [*edit[0]] not in record["made"]]
            counts.marked[record["language"], record["form"]] += len(edits)
            note(record, edits, "marked")

        run(given.clean, [*options, "--bold"], lambda: map(json.loads, again), look_again)

    print(f"{'language':24}{'form':10}{'MB':>9}{'documents':>11}{'made':>7}{'marked':>8}{'flagged':>9}  flags")
    for where in sorted(counts.bytes):
        flags = ", ".join(f"{flag.removeprefix('mojibake:')} {n}" for flag, n in counts.flags[where].most_common())
        print(f"{where[0]:24}{where[1]:10}{counts.bytes[where] / 1e6:9.2f}{counts.documents[where]:11}{counts.made[where]:7}{counts.marked[where]:8}{counts.flagged[where]:9}  {flags}")
    made = counts.made.total()
    print(f"{'total':34}{counts.bytes.total() / 1e6:9.2f}{counts.documents.total():11}{made:7}{counts.marked.total():8}{counts.flagged.total():9}")
    for (how, rule), rows in sorted(samples.items()):
        print(f"\n== {how}: {rule}, {len(rows)} of {totals[how, rule]}")
        for name, form, left, old, new, right in rows:
            print(f"{name} ({form})\n    {left}⟦{old}|{new}⟧{right}")
    sys.exit(1 if made else 0)


if __name__ == "__main__":
    main()
