#!/usr/bin/env python3
"""Makes letters.txt from word frequencies and clean text: generate_letters.py WHEEL CLEAN.jsonl...

WHEEL is the PyPI wheel of wordfreq 3.1.1: its small lists, all languages but Chinese, words with their frequencies. CLEAN.jsonl has
clean documents of many languages, members text and language; only their kinds of characters are counted, never their words.
Needs the package msgpack. Four parts, an empty line between; an upper-case letter is a probability, `A` = 1 and each further
letter e to the -0.5, and stands before the characters that have it (letters are lower case, so no letter is mistaken for one):

1. for each letter a line: it, then what follows it within a word (a space: the word ends); `*` = how often a letter is anywhere in
   its script, a space = what words begin with. All languages of a script count the same.
2. for each kind of characters (KINDS) a line: its name, and in its order the probability of the kind after it.
3. for each kind of characters that have no line in the first part a line: its name and its characters, by probability.
4. the Han characters that make up nine tenths of Chinese and of Japanese text, both scripts.
"""
import collections, gzip, io, json, math, pathlib, struct, subprocess, sys, zipfile
import msgpack

LEAST_PAIR = 2e-7  # joint probability within a script of the rarest pair kept: a pair of one word in a million words of one language of 30
COMMON = 0.9
SHARP = 0.3
ENOUGH = 2_500_000  # characters of one language, for kinds of characters
LEAST_HANGUL = 4e-5  # Hangul has too many pairs: those that make up two thirds of text

# Letters by script, both cases; then what is no letter. The same list is in src/lang/letters.rs.
SCRIPTS = ["latin", "cyrillic", "greek", "hebrew", "arabic", "indic", "thai", "kana", "hangul", "han", "other"]
KINDS = ["latin", "LATIN", "cyrillic", "CYRILLIC", "greek", "GREEK", "hebrew", "arabic", "indic", "thai", "kana", "hangul", "han",
         "other", "space", "digit", "stop", "mark", "sign", "quote", "ideographic", "fullwidth", "latin-sign", "symbol", "box", "emoji",
         "combining", "control", "private"]


def script(c):
    o = ord(c)
    if o < 0x80:
        return "latin" if c.isalpha() else None
    if o < 0x2B0:
        return "latin" if o >= 0xC0 and o not in (0xD7, 0xF7) else None
    if o < 0x370:
        return None
    if o < 0x400 or 0x1F00 <= o < 0x2000:
        return None if o in (0x375, 0x37E, 0x384, 0x385, 0x387) else "greek"
    if o < 0x530:
        return None if 0x482 <= o < 0x48A else "cyrillic"
    if 0x590 <= o < 0x600:
        return "hebrew"
    if 0x600 <= o < 0x780:
        return None if o < 0x620 or 0x660 <= o < 0x66E or o == 0x6D4 or 0x6F0 <= o < 0x6FA else "arabic"
    if 0x900 <= o < 0xE00:
        return "indic"
    if 0xE00 <= o < 0xE80:
        return "thai"
    if 0x1E00 <= o < 0x1F00 or 0xFB00 <= o < 0xFB07:
        return "latin"
    if 0x3041 <= o < 0x3100 and o != 0x30FB:
        return "kana"
    if 0xAC00 <= o < 0xD7A4:
        return "hangul"
    if 0x4E00 <= o < 0xA000 or 0x3400 <= o < 0x4DC0 or o in (0x3005, 0x3007) or 0xF900 <= o < 0xFB00 or 0x20000 <= o < 0x32400:
        return "han"
    if (o < 0x1AB0 or 0x1B00 <= o < 0x1E00 or 0x2C00 <= o < 0x2E00 or 0xA000 <= o < 0xAC00 or 0xFB00 <= o < 0xFE00 or 0xFE70 <= o < 0xFEFF
            or 0x10000 <= o < 0x1D000):
        return "other"
    return None


def kind(c):
    o, s = ord(c), script(c)
    if s in ("latin", "cyrillic", "greek"):
        return s.upper() if c.lower() != c else s
    if s:
        return s
    if c in " \t\n\r":
        return "space"
    if "0" <= c <= "9":
        return "digit"
    if o < 0x80:
        return "control" if o < 0x20 or o == 0x7F else "stop" if c in ".,;:!?" else "mark" if c in "'\"()-/" else "sign"
    if o < 0xA0:
        return "control"
    if c in "‘’“”„‚«»‹›–—…‐‑‒―":
        return "quote"
    if o < 0x300:
        return "latin-sign"
    if o < 0x370 or 0x1AB0 <= o < 0x1B00 or 0x20D0 <= o < 0x2100 or 0xFE00 <= o < 0xFE10:
        return "combining"
    if 0x3000 <= o < 0x3100:
        return "ideographic"
    if 0xFF00 <= o < 0xFFF0:
        return "fullwidth"
    if 0x2500 <= o < 0x25A0:
        return "box"
    if 0x1F000 <= o < 0x1FB00 or 0x2600 <= o < 0x27C0:
        return "emoji"
    if 0xE000 <= o < 0xF900 or o >= 0xFFFC and o < 0x10000 or o >= 0xE0000:
        return "private"
    return "symbol"


def level(p):
    return max(0, min(25, round(-2 * math.log(p))))


def classes(items):
    by = collections.defaultdict(list)
    for c, p in items:
        by[level(p)].append(c)
    return "".join(chr(65 + k) + "".join(sorted(v)) for k, v in sorted(by.items()))


def words(wheel):
    with zipfile.ZipFile(wheel) as z:
        for name in sorted(z.namelist()):
            language = name.rsplit("/", 1)[-1].removeprefix("small_").removesuffix(".msgpack.gz")
            if "/small_" not in name or language == "zh":
                continue
            lists = msgpack.load(gzip.open(io.BytesIO(z.read(name))), raw=False)[1:]
            for centibel, of in enumerate(lists):
                for word in of:
                    yield language, word, 10 ** (-centibel / 100)


def spelled(wheel):
    """The words, with what wordfreq has folded away: the final sigma, and the sharp s in a share of the words that may have one."""
    for language, word, p in words(wheel):
        word = word.replace("ı̇", "i").lower()
        if language == "el" and word.endswith("σ"):
            word = word[:-1] + "ς"
        if language == "de" and "ss" in word:
            yield language, word.replace("ss", "ß"), p * SHARP
            p -= p * SHARP
        yield language, word, p


def letters(wheel):
    joint = collections.defaultdict(collections.Counter)  # (script, language) -> pair -> weight
    kanji = collections.Counter()
    for language, word, p in spelled(wheel):
        before = " "
        for c in word + " ":
            s = script(c)
            if s == "han" and language == "ja":
                kanji[c] += p
            if s in (None, "han", "other"):
                c, s = " ", script(before)
            if before != " " and script(before) != s:
                joint[script(before), language][before + " "] += p
                before = " "
            if before + c != "  " and s not in (None, "han", "other"):
                joint[s, language][before + c] += p
            before = c
    pooled = collections.defaultdict(collections.Counter)
    for (s, language), pairs in joint.items():
        total = sum(pairs.values())
        # What a language borrows from a foreign script says little about that script.
        if total < 0.3:
            continue
        for pair, p in pairs.items():
            pooled[s][pair] += p / total
    lines = []
    for s in SCRIPTS:
        pairs, after, ones = pooled[s], collections.defaultdict(dict), collections.Counter()
        total = sum(pairs.values())
        for pair, p in pairs.items():
            if pair[1] != " ":
                ones[pair[1]] += p / total
            after[pair[0]][pair[1]] = p / total
        if s == "han":
            total = sum(kanji.values())
            ones = collections.Counter({c: p / total for c, p in kanji.items() if p / total > 1e-5})
        else:
            known = sum(ones.values())
            ones = collections.Counter({c: p / known for c, p in ones.items() if p / known > 1e-6})
        if not ones:
            continue
        lines.append("*" + classes(ones.items()))
        least = LEAST_HANGUL if s == "hangul" else LEAST_PAIR
        for a, of in sorted(after.items()):
            if a != " " and a not in ones:
                continue
            whole = sum(of.values())
            kept = [(b, p / whole) for b, p in of.items() if p >= least and (b == " " or b in ones)]
            if kept:
                lines.append(a + classes(kept))
    return lines


def kinds(paths):
    follow = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))  # language -> kind -> kind -> count
    ones = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    cache, read = {}, collections.Counter()
    for path in paths:
        with open(path, encoding="utf8") as file:
            for line in file:
                record = json.loads(line)
                if record.get("kind") in ("code", "list"):
                    continue
                language, before = record.get("language", "en"), "space"
                if read[language] > ENOUGH:
                    continue
                read[language] += len(record["text"])
                f, o = follow[language], ones[language]
                for c in record["text"][:200_000]:
                    k = cache.get(c) or cache.setdefault(c, kind(c))
                    f[before][k] += 1
                    if script(c) in (None, "thai", "other"):
                        o[k][c] += 1
                    before = k
    matrix, unigrams = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    for language in follow:
        # English has most of the text; each language weighs by the square root of its size.
        size = sum(sum(f.values()) for f in follow[language].values())
        if size < 50_000:
            continue
        weight = size ** -0.5
        for a, of in follow[language].items():
            for b, n in of.items():
                matrix[a][b] += n * weight
        for k, of in ones[language].items():
            for c, n in of.items():
                unigrams[k][c] += n * weight
    lines = []
    for a in KINDS:
        whole = sum(matrix[a].values()) or 1
        # A twentieth of a thousandth is everybody's, so that nothing is impossible.
        lines.append(f"{a}\t" + "".join(chr(65 + level(max(matrix[a][b] / whole, 4e-6))) for b in KINDS))
    lines.append("")
    for k in KINDS:
        whole = sum(unigrams[k].values())
        if whole and k != "space":
            kept = [(c, n / whole) for c, n in unigrams[k].items() if n / whole > 1e-5 and c not in "\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"]
            lines.append(f"{k}\t" + classes(kept))
    return lines


def common(wheel):
    """From the counts in han_ngrams.zst, which lies beside this file, and the kanji of the wheel."""
    here = pathlib.Path(__file__)
    table = subprocess.run(["zstd", "-dcq", here.with_name("han_ngrams.zst")], stdout=subprocess.PIPE, check=True).stdout
    (size,) = struct.unpack_from("<I", table)
    symbols = struct.unpack_from(f"<{size}H", table, 12)
    seen = struct.unpack_from(f"<{size}I", table, 12 + 2 * size)
    counts = collections.Counter({chr(c): n for c, n in zip(symbols, seen) if script(chr(c)) == "han"})
    pairs = "".join(here.with_name("t2s_characters.txt").read_text("utf8").split())
    japanese = collections.Counter()
    for language, word, p in words(wheel):
        if language == "ja":
            japanese.update({c: p for c in word if script(c) == "han"})
    found = set()
    for of in (counts, japanese):
        left = sum(of.values()) * COMMON
        for c, n in of.most_common():
            if left < 0:
                break
            left -= n
            found.add(c)
    for o, new in zip(pairs[::2], pairs[1::2]):
        if new in found:
            found.add(o)
    return "".join(sorted(found))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf8")
    print("\n".join([*letters(sys.argv[1]), "", *kinds(sys.argv[2:]), "", common(sys.argv[1])]))
