#!/usr/bin/env python3
"""Makes han_ngrams.zst from character n-gram counts: generate_han_ngrams.py FOLDER [--check | --text]

FOLDER holds zh_hans_1gram.tsv.xz, zh_hans_2gram.tsv.xz and zh_hans_3gram.tsv.xz (`ngram TAB count`, sorted; what they were counted from:
sources.tsv). --check writes nothing and exits with 1 where the table beside this file is another; --text prints the n-grams that
are kept with the class of their count, to be read. Needs the zstd program.

Kept are unigrams from 2, bigrams from 10 and trigrams from 14 on (counts are tenths), and where a character is in them that GBK
read one byte out of step can lose, trigrams from 10 and all bigrams: such a character must be told from a hundred others.

Two zstd frames, one after the other, since few texts need the second. Before compression, little-endian, in the order of the sections; symbols are
numbered from 1 by falling count, numbers that belong to bigrams and trigrams are written as all their low bytes and then all the high
ones, which compresses better:
    u32 x 2   how many symbols and bigrams
    u16, u32  of each symbol: its character, its count
    u16       of each symbol from 0 on: how many bigrams begin with it
    u16, u8   of each bigram: its second symbol, and the class of its count, LEAST * sqrt(2) ** class
the second frame
    u16       of each bigram: how many trigrams begin with it
    u16, u8   of each trigram: its third symbol and its class
"""
import lzma, math, pathlib, struct, subprocess, sys

LEAST = 3
LEAST_UNIGRAM, LEAST_BIGRAM, LEAST_TRIGRAM, LEAST_LOSABLE = 2, 10, 14, 10
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


def planes(numbers):
    return bytes(n & 0xFF for n in numbers) + bytes(n >> 8 for n in numbers)


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
    """What each of the two frames holds."""
    out = bytearray(struct.pack("<2I", len(ones), len(twos)))
    out += b"".join(struct.pack("<H", ord(c)) for c, _ in ones) + b"".join(struct.pack("<I", n) for _, n in ones)
    followers = [0] * (len(ones) + 1)
    for (a, _), _ in twos:
        followers[a] += 1
    out += struct.pack(f"<{len(followers)}H", *followers)
    out += planes([g[-1] for g, _ in twos]) + bytes(category(n) for _, n in twos)
    continued = dict.fromkeys((g for g, _ in twos), 0)
    for g, _ in threes:
        continued[g[:2]] += 1
    return bytes(out), planes(continued.values()) + planes([g[-1] for g, _ in threes]) + bytes(category(n) for _, n in threes)


def main():
    folder, *options = sys.argv[1:] or sys.exit(__doc__)
    ones, twos, threes = table(pathlib.Path(folder))
    if "--text" in options:
        for ngram, n in [*(((at,), n) for at, (_, n) in enumerate(ones, 1)), *twos, *threes]:
            print("".join(ones[at - 1][0] for at in ngram), n if len(ngram) == 1 else category(n), sep="\t")
        return
    frames = packed(ones, twos, threes)
    if "--check" in options:
        # Compressed bytes depend on the version of zstd, what they hold does not.
        kept = subprocess.run(["zstd", "-dcq", TARGET], stdout=subprocess.PIPE, check=True).stdout
        sys.exit(kept != b"".join(frames) and f"{TARGET} is not what the counts give: run this without --check")
    # Matches of less than seven bytes save 2 % of the size, and unpacking takes four times as long (19 ms instead of 4).
    zstd = ["zstd", "-19", "--zstd=minMatch=7", "-q", "-c"]
    TARGET.write_bytes(b"".join(subprocess.run(zstd, input=frame, stdout=subprocess.PIPE, check=True).stdout for frame in frames))
    print(f"{len(ones)} symbols, {len(twos)} bigrams, {len(threes)} trigrams: {len(b''.join(frames))} bytes, compressed {TARGET.stat().st_size}")


main()
