#!/usr/bin/env python3
"""Makes han_ngrams.zst from character n-gram counts: generate_han_ngrams.py FOLDER [--check | --text]

FOLDER holds zh_hans_1gram.tsv.xz, zh_hans_2gram.tsv.xz and zh_hans_3gram.tsv.xz (`ngram TAB count`, sorted; what they were counted from:
sources.tsv). --check writes nothing and exits with 1 where the table beside this file is another; --text prints the n-grams that
are kept with the class of their count, to be read. Needs the zstd program.

Kept are unigrams from 2, bigrams from 12 and trigrams from 60 on (counts are tenths), and where a character is in them that GBK
read one byte out of step can lose, bigrams from 3 and trigrams from 18 on: such a character must be told from a hundred others.

The table before compression, little-endian, in the order of the sections; symbols are numbered from 1 by falling count:
    u32 x 3      how many symbols, bigrams, trigrams
    u16, u32     of each symbol: its character, its count
    u16          of each symbol from 0 on: how many bigrams begin with it
    LEB128       of each bigram: its second symbol, less the one before it
    u8           of each bigram: the class of its count, LEAST * sqrt(2) ** class
    LEB128       of each bigram: how many trigrams begin with it
    LEB128, u8   of each trigram: its third symbol and its class, in the same way
"""
import lzma, math, pathlib, struct, subprocess, sys

LEAST = 3
LEAST_UNIGRAM, LEAST_BIGRAM, LEAST_TRIGRAM, LEAST_LOSABLE = 2, 12, 60, 18
TARGET = pathlib.Path(__file__).with_name("han_ngrams.zst")


def counts(folder, name):
    with lzma.open(folder / name, "rt", encoding="utf8", newline="\n") as file:
        for line in file:
            ngram, count = line.rstrip("\n").split("\t")
            yield ngram, int(count)


def gbk(pairs):
    for pair in pairs:
        try:
            c = bytes(pair).decode("gbk")
        except UnicodeDecodeError:
            continue
        yield chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c


# The first character of a run has the first byte of a mark for its second, the last one the second byte of a mark for its first
# (see src/stages/mojibake/shift.rs).
LOSABLE = {*gbk((lead, trail) for lead in range(0x81, 0xFF) for trail in (0xA1, 0xA3)),
           *gbk((lead, trail) for lead in (0xBF, 0xA1, 0xAC, 0xBB, 0xA2, 0xA3) for trail in range(0x80, 0xFF))}


def leb128(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return out


def category(count):
    return round(2 * math.log2(count / LEAST))


def table(folder):
    ones = sorted(((c, n) for c, n in counts(folder, "zh_hans_1gram.tsv.xz") if n >= LEAST_UNIGRAM), key=lambda one: (-one[1], one[0]))
    number = {c: at for at, (c, _) in enumerate(ones, 1)}
    losable = {number[c] for c in LOSABLE if c in number}

    def numbered(name):
        for ngram, count in counts(folder, name):
            symbols = tuple(number.get(c, 0) for c in ngram)
            if all(symbols):
                yield symbols, count

    twos = {g: n for g, n in numbered("zh_hans_2gram.tsv.xz") if n >= LEAST_BIGRAM or not losable.isdisjoint(g)}
    threes = {g: n for g, n in numbered("zh_hans_3gram.tsv.xz")
              if n >= (LEAST_TRIGRAM if losable.isdisjoint(g) else LEAST_LOSABLE) and g[:2] in twos}
    return ones, sorted(twos.items()), sorted(threes.items())


def packed(ones, twos, threes):
    out = bytearray(struct.pack("<3I", len(ones), len(twos), len(threes)))
    out += b"".join(struct.pack("<H", ord(c)) for c, _ in ones) + b"".join(struct.pack("<I", n) for _, n in ones)
    followers = [0] * (len(ones) + 1)
    for (a, _), _ in twos:
        followers[a] += 1
    out += struct.pack(f"<{len(followers)}H", *followers)

    def lasts(ngrams):
        before, last = None, 0
        for ngram, _ in ngrams:
            if ngram[:-1] != before:
                before, last = ngram[:-1], 0
            yield from leb128(ngram[-1] - last)
            last = ngram[-1]

    continued = dict.fromkeys((g for g, _ in twos), 0)
    for g, _ in threes:
        continued[g[:2]] += 1
    out += bytes(lasts(twos)) + bytes(category(n) for _, n in twos)
    out += b"".join(leb128(n) for n in continued.values())
    out += bytes(lasts(threes)) + bytes(category(n) for _, n in threes)
    return bytes(out)


def main():
    folder, *options = sys.argv[1:] or sys.exit(__doc__)
    ones, twos, threes = table(pathlib.Path(folder))
    if "--text" in options:
        for ngram, n in [*(((at,), n) for at, (_, n) in enumerate(ones, 1)), *twos, *threes]:
            print("".join(ones[at - 1][0] for at in ngram), n if len(ngram) == 1 else category(n), sep="\t")
        return
    raw = packed(ones, twos, threes)
    if "--check" in options:
        # Compressed bytes depend on the version of zstd, what they hold does not.
        kept = subprocess.run(["zstd", "-dcq", TARGET], stdout=subprocess.PIPE, check=True).stdout
        sys.exit(kept != raw and f"{TARGET} is not what the counts give: run this without --check")
    subprocess.run(["zstd", "-22", "--ultra", "-q", "-f", "-o", TARGET], input=raw, check=True)
    print(f"{len(ones)} symbols, {len(twos)} bigrams, {len(threes)} trigrams: {len(raw)} bytes, compressed {TARGET.stat().st_size}")


main()
