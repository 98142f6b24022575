#!/usr/bin/env python3
"""Makes han_ngrams.txt.zst from character n-gram counts: generate_han_ngrams.py FOLDER

FOLDER holds zh_hans_1gram.tsv.xz, zh_hans_2gram.tsv.xz and zh_hans_3gram.tsv.xz (`ngram TAB count`; what they were counted from:
sources.tsv) and script_only.tsv (pairs of OpenCC's TSCharacters). Rarer n-grams than the numbers below are left out.
Four parts, an empty line between: `character TAB count`; `Traditional Simplified` pairs run together; for each first character
a line: it, then for each half-octave class of count a lower-case letter (`a` = least) and the second characters of that class;
the same of trigrams for each first two characters. Needs the zstd program.

Of the trigrams only those that decide what GBK read one byte late has lost: a first character that ended in A1 or A3 before
a second byte of a punctuation mark, and a last character before punctuation.
"""
import collections, lzma, math, pathlib, subprocess, sys

folder = pathlib.Path(sys.argv[1])
LEAST_BIGRAM, LEAST_ENDING, LEAST_LAST = 110, 20, 60


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


def table(counted):
    """counted: (key, next character, least, count)"""
    after = collections.defaultdict(lambda: collections.defaultdict(list))
    for key, c, least, count in counted:
        if count >= least and all(map(plain, key + c)):
            after[key][min(25, round(2 * math.log2(count / least)))].append(c)
    for key, classes in sorted(after.items()):
        yield key + "".join(chr(97 + k) + "".join(sorted(v)) for k, v in sorted(classes.items()))


def gbk(pairs):
    for lead, trail in pairs:
        try:
            c = bytes((lead, trail)).decode("gbk")
        except UnicodeDecodeError:
            continue
        yield from (c, chr(ord(c) - 0xFEE0)) if "\uff01" <= c <= "\uff5e" else c


ending = set(gbk((lead, trail) for lead in range(0x81, 0xFF) for trail in (0xA1, 0xA3)))
owed = set(gbk((lead, trail) for lead in (0xBF, 0xA1, 0xAC, 0xBB, 0xA2, 0xA3) for trail in range(0xA1, 0xFF)))


def wanted(trigrams):
    for g, count in trigrams:
        if g[1] in ending and g[2] in owed or g[0] in ending and g[1] in owed:
            yield g[:2], g[2], LEAST_ENDING, count
        # The least of a class letter must be one for the whole part: LEAST_LAST is only where this part begins.
        elif g[2] in ",。、?!;" and count >= LEAST_LAST:
            yield g[:2], g[2], LEAST_ENDING, count


out += table((g[0], g[1], LEAST_BIGRAM, n) for g, n in counts("zh_hans_2gram.tsv.xz"))
out += [""]
out += table(wanted(counts("zh_hans_3gram.tsv.xz")))
text = "\n".join(out) + "\n"
target = pathlib.Path(__file__).with_name("han_ngrams.txt.zst")
subprocess.run(["zstd", "-19", "--ultra", "-22", "-q", "-f", "-o", target], input=text.encode(), check=True)
print(len(text.encode()), target.stat().st_size)
