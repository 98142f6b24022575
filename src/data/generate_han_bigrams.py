#!/usr/bin/env python3
"""Makes han_bigrams.txt.zst from character n-gram counts: generate_han_bigrams.py FOLDER LEAST

FOLDER holds zh_hans_1gram.tsv.xz and zh_hans_2gram.tsv.xz (`ngram TAB count`; what they were counted from: sources.tsv) and
script_only.tsv (pairs of OpenCC's TSCharacters). Bigrams counted less often than LEAST are left out.
Three parts, an empty line between: `character TAB count`; `Traditional Simplified` pairs run together; for each first character
a line: it, then for each half-octave class of count a lower-case letter (`a` = LEAST) and the second characters of that class.
Needs the zstd program.
"""
import collections, lzma, math, pathlib, subprocess, sys

folder, least = pathlib.Path(sys.argv[1]), int(sys.argv[2])


def counts(name):
    with lzma.open(folder / name, "rt", encoding="utf8", newline="\n") as file:
        for line in file:
            ngram, count = line.rstrip("\n").split("\t")
            yield ngram, int(count)


def plain(c):
    return not c.islower() and c != "\t"


out = [f"{c}\t{n}" for c, n in counts("zh_hans_1gram.tsv.xz") if plain(c) and n >= 2] + [""]
with open(folder / "script_only.tsv", encoding="utf8") as file:
    rows = [line.rstrip("\n").split("\t") for line in file]
out += ["".join(r[0] + r[4] for r in rows if r[1] == "Hant" and len(r[4]) == 1), ""]
after = collections.defaultdict(lambda: collections.defaultdict(list))
for ngram, count in counts("zh_hans_2gram.tsv.xz"):
    if count >= least and all(map(plain, ngram)):
        step = min(25, round(2 * math.log2(count / least)))
        after[ngram[0]][step].append(ngram[1])
for first, classes in sorted(after.items()):
    out.append(first + "".join(chr(97 + k) + "".join(sorted(v)) for k, v in sorted(classes.items())))
text = "\n".join(out) + "\n"
target = pathlib.Path(__file__).with_name("han_bigrams.txt.zst")
subprocess.run(["zstd", "-19", "--ultra", "-22", "-q", "-f", "-o", target], input=text.encode(), check=True)
print(len(text.encode()), target.stat().st_size)
