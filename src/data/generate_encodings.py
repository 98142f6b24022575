#!/usr/bin/env python3
"""Makes encodings.zst, what encodings are judged by: generate_encodings.py WHEEL CLEAN.jsonl ZH_1GRAM.tsv.xz

WHEEL is the PyPI wheel of wordfreq 3.1.1 (its small lists), CLEAN.jsonl the documents that tests/corpus/gather.py gathers (members id, text, language),
ZH_1GRAM.tsv.xz the raw counts of Chinese characters that han_ngrams.zst is made from. Only counts of characters and of pairs of them are
kept. One document in eight (by a hash of its id) is left out, so that there is text to test with that the table has not seen.

The file, compressed with zstd, is lines of text and then bytes:
  A script TAB letters          an alphabet; the symbols of a script are COMMON and these (lower case), in this order
  L language TAB script         a language
  C name TAB characters         characters of East Asian writing
  an empty line
  for each L: a matrix of size * size bytes, the row the symbol before, the column the symbol after
  for each C: a byte a character
A byte is the negative natural logarithm of a probability, in eighths.
"""
import collections, gzip, hashlib, io, json, lzma, math, pathlib, re, subprocess, sys, unicodedata, zipfile
import msgpack

HERE = pathlib.Path(__file__).parent
LATIN = ("en fr de es pt it nl da sv nb fi is ca eu gl ga gd cy br oc af sq lb pl cs sk hu sl hr ro lt lv et tr az eo mt vi id se hsb fo fy").split()
CYRILLIC = "ru uk be bg mk sr".split()
OTHERS = {"greek": ["el"], "hebrew": ["he", "yi"], "arabic": ["ar", "fa", "ur"], "thai": ["th"]}
LANGUAGES = [(l, "latin") for l in LATIN] + [(l, "cyrillic") for l in CYRILLIC] + [(l, s) for s, ls in OTHERS.items() for l in ls]
# The same list is in src/decode/letters.rs. A symbol of several characters stands for a class.
COMMON = ["space", "digit", "stop", "open", "close", "'", '"', "-", "ascii"] + list("\u00a0«»“”„‘’‚‹›–—…•·°ºª¿¡§©®™€£№µ²³½×´¨") + [
    "sign", "math", "box", "control", "foreign", "latin"]
INDEX = {c: i for i, c in enumerate(COMMON)}
SIGNS = "¢¥¤¦¬¯±¶¸¹¼¾÷†‡‰ˆ˜ˇ˘˙˛˝"
SINGLE = ("cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 koi8_r koi8_u cp866 mac_roman mac_cyrillic iso8859_2 iso8859_3 iso8859_4 "
          "iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_10 iso8859_13 iso8859_14 iso8859_15 iso8859_16 "
          "cp437 cp850 cp852 cp855 cp857 cp737 cp862 cp775 mac_latin2 mac_greek mac_turkish").split()
ENOUGH = 4_000_000  # characters of a language
PER_DOCUMENT = 60_000
PAIRS = 1_000_000  # what the counts of each source are scaled to, at most
BACKOFF = 8.0  # counts that the symbol before adds to what is seen after it
FOREIGN = 2e-3  # of the letters, those that the language has not: names, quotations
FLOOR = 2e-7
MIXED = 0.02  # of every context, what is drawn from anywhere
# Estimates of what pages hold at least, by what stands in those of Debian's documentation that have signs at all.
SIGNS_AT_LEAST = {"\u00a0": 3e-3, "sign": 5e-5} | dict.fromkeys("«»“”„‘’–—…•·©°", 4e-4) | dict.fromkeys("ºª®™€£§", 1e-4) | dict.fromkeys("‚‹›¿¡№µ²³½×´¨", 3e-5)


def script(c):
    o = ord(c)
    if c.isalpha() and (o < 0x250 or 0x1E00 <= o < 0x1F00):
        return None if c in "ªº" else "latin"
    if o in (0x300, 0x301, 0x303, 0x309, 0x323):
        return "latin"
    if 0x370 <= o < 0x400:
        return "greek"
    if 0x400 <= o < 0x530 and o != 0x482:
        return "cyrillic"
    if 0x591 <= o < 0x5F5:
        return "hebrew"
    if 0x600 <= o < 0x700 or o in (0x200C, 0x200D):
        return "arabic"
    if 0xE01 <= o < 0xE60:
        return "thai"
    return None


# Modern Romanian writes a comma where the older encodings have a cedilla; Windows-1258 puts tones behind vowels.
MERGED = {"ș": "ş", "ț": "ţ"}
TONES = "\u0300\u0301\u0303\u0309\u0323"


def lower(c):
    if c == "İ":
        return c
    l = c.lower()
    l = l if len(l) == 1 else c
    return MERGED.get(l, l)


def alphabets():
    found = collections.defaultdict(set)
    for codec in SINGLE:
        for c in bytes(range(128, 256)).decode(codec, "ignore"):
            if script(c):
                found[script(c)].add(lower(c))
    found["latin"] |= set("abcdefghijklmnopqrstuvwxyz")
    return {s: "".join(sorted(cs)) for s, cs in found.items()}


def vietnamese(text):
    """As Windows-1258 holds it: with the letters it has, or (every other word) with all tones apart."""
    def apart(word, always):
        out = []
        for c in unicodedata.normalize("NFD", word):
            if c in "\u0302\u0306\u031b" and out:
                out[-1] = unicodedata.normalize("NFC", out[-1] + c)
            elif c in "\u0302\u0306" and len(out) > 1 and out[-1] in TONES:
                out[-2] = unicodedata.normalize("NFC", out[-2] + c)
            elif c in TONES and out and not always and len(x := unicodedata.normalize("NFC", out[-1] + c)) == 1 and x in "àáâãèéêìíòóôõùúýÀÁÈÉÍÓÙÚ" and c != "\u0303":
                out[-1] = x
            else:
                out.append(c)
        return "".join(out)
    return " ".join(apart(w, i % 2) for i, w in enumerate(text.split(" ")))


def symbols(text, alphabet):
    """Places of the characters in COMMON + alphabet."""
    out = []
    for c in text:
        i = alphabet.get(c)
        if i is None:
            i = alphabet.get(lower(c))
        if i is None:
            i = (INDEX["space"] if c in " \t\r\n" else INDEX["digit"] if "0" <= c <= "9" else INDEX["stop"] if c in ".,;:!?" else INDEX["open"] if c in "([{<"
                 else INDEX["close"] if c in ")]}>" else INDEX[c] if c in "'\"-" else (INDEX["latin"] if c.isalpha() else INDEX["ascii"]) if c < "\x7f"
                 else INDEX.get(c) if c in INDEX else INDEX["sign"] if c in SIGNS else INDEX["box"] if 0x2500 <= ord(c) < 0x25A0
                 else INDEX["control"] if unicodedata.category(c) == "Cc" else INDEX["foreign"] if c.isalpha() else INDEX["math"])
        out.append(i)
    return out


def held_out(id):
    return hashlib.sha256(id.encode()).digest()[0] % 8 == 0


def prose(text):
    """Lines of prose, each once."""
    for line in text.split("\n"):
        line = line.strip()
        if len(line) >= 20 and sum(c.isalpha() or c == " " or unicodedata.combining(c) > 0 for c in line) >= 0.8 * len(line):
            yield line


def texts(path, wanted):
    of = {l: [] for l in wanted}
    sizes, seen = collections.Counter(), set()
    for row in open(path, encoding="utf-8"):
        row = json.loads(row)
        language = {"nn": "nb", "zh-Hans": "zh"}.get(row["language"], row["language"])
        if language not in of or sizes[language] >= ENOUGH or held_out(row["id"]):
            continue
        size = 0
        for line in prose(row["text"]):
            key = hash(line)
            if key in seen or size > PER_DOCUMENT:
                continue
            seen.add(key)
            size += len(line)
            of[language].append(line)
        sizes[language] += size
    return of


def words(wheel):
    of = collections.defaultdict(list)
    with zipfile.ZipFile(wheel) as z:
        for name in sorted(z.namelist()):
            language = name.rsplit("/", 1)[-1].removeprefix("small_").removesuffix(".msgpack.gz")
            if "/small_" in name:
                for centibel, ws in enumerate(msgpack.load(gzip.open(io.BytesIO(z.read(name))), raw=False)[1:]):
                    of[language] += [(w, 10 ** (-centibel / 100)) for w in ws]
    return of


QUOTES = [("“", "”"), ("«", "»"), ("„", "“"), ("‘", "’")]


def typeset(line, i):
    """The line as a page has it: manuals have typewriter quotes where pages have proper ones, and hardly a no-break space."""
    kind = i % 8
    if kind in (0, 1):
        line = line.replace("'", "’").replace(" - ", " – ").replace("...", "…")
    elif kind == 2:
        line = line.replace(" - ", " — ")
    if kind in (0, 2, 4, 6):
        opening, closing = QUOTES[kind // 2]
        line = re.sub(r'"([^"]+)"', opening + r"\1" + closing, line)
    # One space in a hundred, and now and then two.
    spaces = [m.start() for m in re.finditer(" ", line)]
    for k in spaces[i % 100::100]:
        line = line[:k] + ("\u00a0" if k % 3 else "\u00a0\u00a0") + line[k + 1:]
    return line


def pairs(lines, weighed, alphabet, language):
    n = len(COMMON) + len(alphabet)
    first = [collections.Counter(), collections.Counter()]
    for i, line in enumerate(lines):
        line = typeset(line, i)
        if language == "vi":
            line = vietnamese(unicodedata.normalize("NFC", line))
        s = [0] + symbols(line, alphabet) + [0]
        first[0].update(zip(s, s[1:]))
    for i, (word, weight) in enumerate(weighed):
        if language == "vi":
            word = vietnamese("x " * (i % 2) + word)[2 * (i % 2):]
        s = [0] + symbols(word, alphabet) + [0]
        for p in zip(s, s[1:]):
            first[1][p] += weight
    whole = [[0.0] * n for _ in range(n)]
    for counts in first:
        total = sum(counts.values())
        if not total:
            continue
        scale = min(PAIRS, total) / total if counts is first[0] else PAIRS / 2 / total
        for (a, b), c in counts.items():
            whole[a][b] += c * scale
    return whole


def cost(p):
    return max(0, min(255, round(-8 * math.log(p))))


def matrix(counts, everywhere):
    n = len(counts)
    total = sum(map(sum, counts))
    column = [sum(counts[a][b] for a in range(n)) / total for b in range(n)]
    one = [(1 - FOREIGN) * column[b] + FOREIGN * everywhere[b] + FLOOR for b in range(n)]
    # Signs are a matter of the page, not of the language.
    for c, p in SIGNS_AT_LEAST.items():
        one[INDEX[c]] = max(one[INDEX[c]], p)
    # No text that is sound holds controls; drawings of boxes, of which there are few here, come in runs.
    one[INDEX["control"]] = 1e-7
    one[INDEX["box"]] = max(one[INDEX["box"]], 1e-5)
    one[INDEX["math"]] = min(max(one[INDEX["math"]], 1e-6), 1e-4)
    one[INDEX["foreign"]] = min(one[INDEX["foreign"]], 1e-4)
    rows = []
    for a in range(n):
        seen = sum(counts[a])
        row = [(1 - MIXED) * (counts[a][b] + BACKOFF * one[b]) / (seen + BACKOFF) + MIXED * one[b] for b in range(n)]
        if a == INDEX["box"]:
            row = [0.3 * p for p in row]
            row[a] = 0.7
        row[INDEX["control"]] = 1e-7
        rows.append(bytes(map(cost, row)))
    return b"".join(rows)


def east_asian(lines, weighed, keep):
    """Costs of the characters that `keep` holds among those."""
    sources = [collections.Counter(), collections.Counter()]
    for line in lines:
        sources[0].update(c for c in line if keep(c))
    for word, weight in weighed:
        for c in word:
            if keep(c):
                sources[1][c] += weight
    sources = [counts for counts in sources if counts]
    p = collections.Counter()
    for counts in sources:
        total = sum(counts.values())
        for c, n in counts.items():
            p[c] += n / total / len(sources)
    return {c: cost(x) for c, x in p.items() if x > 3e-7}


def main():
    wheel, clean, chinese = sys.argv[1:]
    alphabet = alphabets()
    places = {s: {c: len(COMMON) + i for i, c in enumerate(a)} for s, a in alphabet.items()}
    weighed = words(wheel)
    weighed["hr"] = weighed.get("sh", []) or weighed.get("hr", [])
    cyrillic = lambda ws: [w for w in ws if any(script(c) == "cyrillic" for c in w[0])]
    weighed["sr"] = cyrillic(weighed.get("sr", []))
    of = texts(clean, [l for l, _ in LANGUAGES] + ["ja", "ko", "zh-Hant"])
    of["sr"] = [line for line in of["sr"] if sum(script(c) == "cyrillic" for c in line) * 2 > len(line)]
    head, body = [], []
    head += [f"A {s}\t{a}" for s, a in alphabet.items()]
    counts = {l: pairs(of[l], weighed.get(l, []), places[s], l) for l, s in LANGUAGES}
    for s in alphabet:
        of_script = [counts[l] for l, x in LANGUAGES if x == s]
        n = len(of_script[0])
        everywhere = [0.0] * n
        for c in of_script:
            total = sum(map(sum, c))
            for a in range(n):
                for b in range(n):
                    everywhere[b] += c[a][b] / total / len(of_script)
        for l, x in LANGUAGES:
            if x == s:
                head.append(f"L {l}\t{s}")
                body.append(matrix(counts[l], everywhere))
    han = lambda c: 0x4E00 <= ord(c) < 0xA000 or c in "々〇"
    kana = lambda c: 0x3041 <= ord(c) < 0x3100
    hangul = lambda c: 0xAC00 <= ord(c) < 0xD7A4
    simplified = [(l.split("\t")[0], int(l.split("\t")[1])) for l in lzma.open(chinese, "rt", encoding="utf-8")]
    simplified = [(c, n) for c, n in simplified if len(c) == 1]
    traditional = collections.defaultdict(float)
    folded = {}
    for line in (HERE / "t2s_characters.txt").read_text(encoding="utf-8").split():
        for i in range(0, len(line), 2):
            folded[line[i]] = line[i + 1]
    by = dict(simplified)
    changed = set(folded.values())
    for c, n in simplified:
        if c not in changed:
            traditional[c] += n
    for t, s in folded.items():
        traditional[t] += by.get(s, 0) / 2
    parts = [("hans", east_asian([], simplified, han)), ("hant", east_asian(of["zh-Hant"], list(traditional.items()), han)),
             ("ja", east_asian(of["ja"], weighed["ja"], han)), ("kana", east_asian(of["ja"], weighed["ja"], kana)), ("hangul", east_asian(of["ko"], weighed["ko"], hangul))]
    for name, costs in parts:
        chars = sorted(costs)
        print(name, len(chars), file=sys.stderr)
        head.append(f"C {name}\t{''.join(chars)}")
        body.append(bytes(costs[c] for c in chars))
    data = "\n".join(head).encode() + b"\n\n" + b"".join(body)
    out = subprocess.run(["zstd", "-19", "--ultra", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    (HERE / "encodings.zst").write_bytes(out)
    print(len(data), len(out), file=sys.stderr)


main()
