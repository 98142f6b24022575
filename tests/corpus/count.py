#!/usr/bin/env python3
"""Count what `clean` changes in clean text, and show it: every edit here is a wrong one until somebody has read it.

usage: count.py CLEAN IN.jsonl [--samples N] [--only STAGE[:RULE]] [--kind KIND] [--language LANGUAGE] [--context BYTES] [-- OPTION ...]

CLEAN is the program; it runs as `CLEAN IN.jsonl -o OUT.jsonl --edits OPTION ...`. Prints edits per gigabyte of text by stage and rule, and from
each rule N edits, drawn evenly, as before|after with what stands around them. The whitespace stage is counted, and shown only with --only.
"""
import argparse, collections, itertools, json, pathlib, random, subprocess, sys, tempfile


def steps(edits):
    """Edits of the text, by step."""
    edits = [e for e in edits if e.get("field", "text") == "text"]
    return [list(group) for _, group in itertools.groupby(edits, key=lambda e: (e.get("step"), e["stage"]))]


def before(after, edits):
    """The text before a step, from the text after it. Bytes."""
    out, read, size = [], 0, 0
    for edit in edits:
        here = read + edit["start"] - size
        old, new = edit["before"].encode(), edit["after"].encode()
        if after[here:here + len(new)] != new:
            raise ValueError(f"{edit['stage']}:{edit['rule']} at byte {edit['start']} does not fit the text")
        out += [after[read:here], old]
        size, read = edit["start"] + len(old), here + len(new)
    return b"".join(out) + after[read:]


def shown(data):
    return data.decode("utf-8", "ignore").replace("\n", "⏎").replace("\t", "⇥")


def main():
    own, _, options = " ".join(sys.argv[1:]).partition(" -- ")
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("clean")
    arguments.add_argument("input", type=pathlib.Path)
    arguments.add_argument("--samples", type=int, default=5)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--kind")
    arguments.add_argument("--language")
    arguments.add_argument("--context", type=int, default=60)
    given = arguments.parse_args(own.split())
    with tempfile.TemporaryDirectory(dir=given.input.parent) as folder:
        source = given.input
        if given.kind or given.language:
            source = pathlib.Path(folder) / "in.jsonl"
            with open(given.input, encoding="utf-8") as lines, open(source, "w", encoding="utf-8") as out:
                for line in lines:
                    record = json.loads(line)
                    if given.kind in (None, record["kind"]) and given.language in (None, record["language"]):
                        out.write(line)
        cleaned = pathlib.Path(folder) / "out.jsonl"
        done = subprocess.run([given.clean, source, "-o", cleaned, "--edits", *options.split()])
        if done.returncode not in (0, 1):
            sys.exit(f"{given.clean}: exit code {done.returncode}")
        count(cleaned, given)


def count(cleaned, given):
    draw, size, documents, broken = random.Random(1), 0, 0, 0
    edits, inside, flags, removed = (collections.Counter() for _ in range(4))
    where, samples = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    for line in open(cleaned, encoding="utf-8"):
        record = json.loads(line)
        text, documents, note = record["text"].encode("utf-8", "replace"), documents + 1, record.get("clean") or {}
        flags.update(note.get("flags") or [])
        touched = set()
        for step in reversed(steps(note.get("edits") or [])):
            try:
                old = before(text, step)
            except ValueError as error:
                broken += 1
                print(f"{record['id']}: {error}", file=sys.stderr)
                break
            text = old
            for edit in step:
                rule = f"{edit['stage']}:{edit['rule']}"
                edits[rule] += 1
                removed[rule] += len(edit["before"].encode()) - len(edit["after"].encode())
                where[rule][f"{record.get('language')}/{record.get('kind')}"] += 1
                touched.add(rule)
                place = draw.randrange(edits[rule])
                if place < given.samples or len(samples[rule]) < given.samples:
                    start, end = edit["start"], edit["end"]
                    sample = (record["id"], shown(old[max(0, start - given.context):start]), shown(old[start:end][:400]), shown(edit["after"].encode()[:400]),
                              shown(old[end:end + given.context]))
                    if len(samples[rule]) < given.samples:
                        samples[rule].append(sample)
                    else:
                        samples[rule][place] = sample
        inside.update(touched)
        size += len(text)
    print(f"{documents} documents, {size / 1e6:.1f} MB of text, {broken} records whose edits do not fit\n")
    print(f"{'rule':34}{'edits':>9}{'per GB':>11}{'documents':>11}{'bytes cut':>12}  most in")
    for rule, number in edits.most_common():
        most = ", ".join(f"{name} {n}" for name, n in where[rule].most_common(4))
        print(f"{rule:34}{number:9}{number * 1e9 / max(size, 1):11.1f}{inside[rule]:11}{removed[rule]:12}  {most}")
    print(f"\n{'flag':34}{'documents':>9}{'per GB':>11}")
    for flag, number in flags.most_common():
        print(f"{flag:34}{number:9}{number * 1e9 / max(size, 1):11.1f}")
    for rule in sorted(samples):
        if rule.startswith(given.only) and (given.only or not rule.startswith("whitespace:")):
            print(f"\n== {rule}")
            for name, left, old, new, right in samples[rule]:
                print(f"{name}\n    {left}⟦{old}|{new}⟧{right}")


if __name__ == "__main__":
    main()
