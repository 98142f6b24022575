#!/usr/bin/env python3
"""Puts whole Chinese documents out of step, and counts the damaged lines that the stage mojibake brings back.

usage: out_of_step.py CLEAN CLEAN.jsonl [--pieces N] [--dropped] [--confidence P]

CLEAN is the program, CLEAN.jsonl what gather.py writes. Pieces of some 1,500 characters of prose, at most N of a package, are folded to ASCII width and damaged by the
channel of channels.py; with --dropped they lose their private-use characters, too. Of each damaged line is counted whether it comes out
as it was, as it was but for marks in the place of single characters, damaged as before, or otherwise, which is wrong; lines that were not damaged must not change.
"""
import argparse, collections, json, random, re, subprocess, sys

from channels import FOLD, out_of_step

MARK, PRIVATE = "〓", re.compile("[\ue000-\uf8ff]")


def is_prose(line):
    han = len(re.findall("[\u4e00-\u9fff]", line))
    return han >= 15 and han >= 0.6 * len(line) and re.search("[，。！？]", line) and "\ufffd" not in line and not PRIVATE.search(line)


def encodable(line):
    return line.encode("gbk", "ignore").decode("gbk")


def pieces(path, most):
    """Lists of lines, drawn evenly from the packages."""
    packages = collections.defaultdict(list)
    for record in map(json.loads, open(path, encoding="utf-8")):
        # Verse is not what the channel is known of.
        if record["language"] not in ("zh", "zh-Hant") or "poetry" in record["id"]:
            continue
        lines = [encodable(" ".join(line.split())) for line in record["text"].split("\n") if is_prose(line)]
        piece, size = [], 0
        for at, line in enumerate(lines):
            piece.append(line)
            size += len(line)
            if size > 1500 or at + 1 == len(lines) and size > 500:
                packages[record["id"].split("/")[0]].append(piece)
                piece, size = [], 0
    draw = random.Random(1)
    for package in sorted(packages):
        yield from draw.sample(packages[package], min(most, len(packages[package])))


def outcome(true, damaged, got):
    if got == true:
        return "exact"
    if got == damaged:
        return "left"
    marked = len(got) == len(true) and all(a == b or b == MARK for a, b in zip(true, got))
    return "marked" if marked else "wrong"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("clean")
    arguments.add_argument("--pieces", type=int, default=12)
    arguments.add_argument("--dropped", action="store_true")
    arguments.add_argument("--confidence", default="0.95")
    options = arguments.parse_args()
    documents = []
    for lines in pieces(options.clean, options.pieces):
        damaged = [out_of_step(line).translate(FOLD) for line in lines]
        damaged = [PRIVATE.sub("", line) for line in damaged] if options.dropped else damaged
        documents.append(([line.translate(FOLD) for line in lines], damaged))
    records = "".join(json.dumps({"text": "\n".join(damaged)}) + "\n" for _, damaged in documents)
    command = [options.program, "-q", "--only", "mojibake", "--mojibake-confidence", options.confidence]
    output = subprocess.run(command, input=records.encode(), stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    if len(output) != len(documents):
        sys.exit(f"{len(documents)} documents went in, {len(output)} came out")
    counts, harmed = collections.Counter(), 0
    for (true, damaged), record in zip(documents, output):
        got = json.loads(record)["text"].split("\n")
        for line in zip(true, damaged, got, strict=True):
            if line[0] == line[1]:
                harmed += line[2] != line[0]
            else:
                counts[outcome(*line)] += 1
    total = counts.total()
    shares = ", ".join(f"{kind} {100 * counts[kind] / total:.1f} %" for kind in ("exact", "marked", "wrong", "left"))
    print(f"{len(documents)} documents, {total} damaged lines: {shares}; other lines changed: {harmed}")


main()
