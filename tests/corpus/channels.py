#!/usr/bin/env python3
"""Damages lines of clean text in every way that encodings are confused, to measure what repair gets back.

usage: channels.py CLEAN.jsonl OUT.jsonl [--lines N] [--seed S]

CLEAN.jsonl is what gather.py writes. Takes lines of 20 to 400 characters with enough characters outside ASCII, and writes N rows of each class:
{"class", "damaged", "original", "language"}. A line goes into a class only if the encoding it is said to have been in can hold it, and if it comes out changed.
"""
import argparse, collections, html.entities, json, random, sys, zlib

LATIN, CYRILLIC, CHINESE = "fr de es pt it pl cs tr vi".split(), ["ru", "uk"], ["zh", "zh-Hant"]
GROUPS = {"latin": LATIN, "cyrillic": CYRILLIC, "el": ["el"], "he ar fa": ["he", "ar", "fa"], "hi th": ["hi", "th"], "zh": ["zh"], "zh-Hant": ["zh-Hant"], "ja": ["ja"], "ko": ["ko"]}
PUNCTUATION = "？！，；、。"
FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
EMOJI = "😀 😂 👍 🎉 📷 🌸 🚀 🍜 🐼 💡 🙏 🔥".split()


def single(name):
    """bytes -> text by a code page of one byte, where unassigned bytes are control characters, as in browsers."""
    table = [bytes([b]).decode(name, "ignore") or chr(b) for b in range(256)]
    return lambda data: "".join(table[b] for b in data)


SINGLE = {name: single(codec) for name, codec in {"cp1252": "cp1252", "latin-1": "latin-1", "cp1250": "cp1250", "cp1251": "cp1251", "MacRoman": "mac_roman", "cp437": "cp437",
                                                  "KOI8-R": "koi8_r"}.items()}


def cp936_pair(lead, trail):
    """What code page 936 reads in two bytes; private use for its user-defined areas; None for no character."""
    if trail < 0x40 or trail in (0x7F, 0xFF):
        return None
    if trail >= 0xA1 and (0xAA <= lead <= 0xAF or lead >= 0xF8):
        return chr(0xE000 + 94 * (lead - 0xAA if lead <= 0xAF else lead - 0xF8 + 6) + trail - 0xA1)
    if trail < 0xA1 and 0xA1 <= lead <= 0xA7:
        return chr(0xE4C6 + 96 * (lead - 0xA1) + trail - 0x40 - (trail > 0x7F))
    try:
        return bytes([lead, trail]).decode("gbk")
    except UnicodeDecodeError:
        return None


PAIRS_936 = {bytes([lead, trail]): cp936_pair(lead, trail) for lead in range(0x81, 0xFF) for trail in range(0x100)}


def cp936(data, lost="?", private=True, swallow=False):
    """GBK text of any bytes. What is no character becomes `lost`, also private-use characters if not `private`; an ASCII byte after a lone lead byte stays,
    as in browsers, or is swallowed, as in other programs. With `lost` None: None if anything is lost."""
    out, at = [], 0
    while at < len(data):
        lead = data[at]
        if lead <= 0x80:
            out.append("€" if lead == 0x80 else chr(lead))
            at += 1
            continue
        pair = PAIRS_936.get(data[at:at + 2])
        if pair and (private or not "\ue000" <= pair <= "\uf8ff"):
            out.append(pair)
            at += 2
            continue
        if lost is None:
            return None
        out.append(lost)
        at += 1 if lead == 0xFF or at + 1 == len(data) or data[at + 1] < 0x80 and not swallow and not pair else 2
    return "".join(out)


def big5(data, lost="?"):
    out, at = [], 0
    while at < len(data):
        size = 1 if data[at] < 0x80 else 2
        try:
            out.append(data[at:at + size].decode("big5hkscs"))
        except UnicodeDecodeError:
            if lost is None:
                return None
            out.append(lost)
            size = 1 if at + 1 < len(data) and data[at + 1] < 0x80 else size
        at += size
    return "".join(out)


def out_of_step(text, lone="?"):
    """GBK in which software replaced punctuation byte by byte, before it was decoded piece by piece."""
    data = text.encode("gbk")
    # A place that is taken by one mark is not looked at for the next.
    marks = {}
    for mark in PUNCTUATION:
        wanted, at = mark.encode("gbk"), -1
        while (at := data.find(wanted, at + 1)) >= 0:
            if not {at - 1, at, at + 1} & marks.keys():
                marks[at] = mark
                at += 1
    out, start = [], 0
    for at in sorted(marks) + [len(data)]:
        out += [cp936(data[start:at], lone, swallow=True), marks.get(at, "")]
        start = at + 2
    return "".join(out)


def cesu8(text):
    return b"".join(c.encode() if c < "\U00010000" else b"".join(chr(unit).encode("utf-8", "surrogatepass") for unit in surrogates(c)) for c in text)


def surrogates(c):
    code = ord(c) - 0x10000
    return 0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)


def references(text, form="&#{};"):
    return "".join(c if c < "\x80" else form.format(ord(c)) for c in text)


def named(text):
    return "".join(c if c < "\x80" else f"&{html.entities.codepoint2name[ord(c)]};" if ord(c) in html.entities.codepoint2name else f"&#{ord(c)};" for c in text)


def half(damage):
    """The second half of a line, from a space on if one is near."""
    def damaged(text):
        middle = len(text) // 2
        space = text.find(" ", middle)
        middle = space + 1 if 0 <= space < middle + 20 else middle
        rest = damage(text[middle:])
        return rest and text[:middle] + rest
    return damaged


def classes():
    """(name, languages, damage, whether the original gets an emoji, whether it is folded to ASCII width)."""
    def utf8(decode):
        return lambda text: decode(text.encode("utf-8"))

    def of(codec, decode):
        return lambda text: decode(text.encode(codec))

    def then(first, second):
        return lambda text: second(first(text))
    rows = []

    def add(name, languages, damage, emoji=False, fold=False):
        rows.append((name, languages, damage, emoji, fold))
    for group, languages in GROUPS.items():
        for page in ("cp1252", "latin-1", "cp1250", "cp1251", "MacRoman", "cp437"):
            once = utf8(SINGLE[page])
            add(f"UTF-8 as {page} ({group})", languages, once)
            add(f"UTF-8 as {page} twice ({group})", languages, then(once, once))
        add(f"UTF-8 as latin-1, then as cp1252 ({group})", languages, then(utf8(SINGLE["latin-1"]), utf8(SINGLE["cp1252"])))
        # Programs differ in how much they skip: one byte, as Python and iconv; a pair, as browsers; a pair with ASCII in it.
        add(f"UTF-8 as GBK, lost bytes ? ({group})", languages, utf8(lambda data: data.decode("gbk", "replace").replace("\ufffd", "?")))
        add(f"UTF-8 as GBK, lost bytes U+FFFD ({group})", languages, utf8(lambda data: data.decode("gbk", "replace")))
        add(f"UTF-8 as GBK, lost pairs ? ({group})", languages, utf8(lambda data: cp936(data, "?", private=False)))
        add(f"UTF-8 as GBK, lost pairs U+FFFD ({group})", languages, utf8(lambda data: cp936(data, "\ufffd", private=False)))
        add(f"UTF-8 as GBK, lost pairs ?, ASCII swallowed ({group})", languages, utf8(lambda data: cp936(data, "?", private=False, swallow=True)))
        add(f"UTF-8 as GBK, private use ({group})", languages, utf8(lambda data: cp936(data, "?")))
        add(f"UTF-8 as GBK, nothing lost ({group})", languages, utf8(lambda data: cp936(data, None)))
        add(f"half: UTF-8 as cp1252 ({group})", languages, half(utf8(SINGLE["cp1252"])))
        add(f"half: UTF-8 as GBK, lost bytes ? ({group})", languages, half(utf8(lambda data: data.decode("gbk", "replace").replace("\ufffd", "?"))))
        add(f"entities of UTF-8 as cp1252 ({group})", languages, then(utf8(SINGLE["cp1252"]), references))
        add(f"entities of UTF-8 as latin-1, hexadecimal ({group})", languages, then(utf8(SINGLE["latin-1"]), lambda text: references(text, "&#x{:x};")))
        add(f"named entities of UTF-8 as cp1252 ({group})", languages, then(utf8(SINGLE["cp1252"]), named))
        add(f"entities of the text ({group})", languages, references)
        add(f"CESU-8 as cp1252 ({group})", languages, then(cesu8, SINGLE["cp1252"]), emoji=True)
        add(f"UTF-8 with emoji as cp1252 ({group})", languages, utf8(SINGLE["cp1252"]), emoji=True)
        for form in ("&#{};", "&#x{:X};"):
            def emoji_only(text, form=form):
                return "".join(c if c < "\U00010000" else "".join(map(form.format, surrogates(c))) for c in text)
            add(f"surrogate references {form.format(0xD83D)} ({group})", languages, emoji_only, emoji=True)
            add(f"surrogate references {form.format(0xD83D)} among references ({group})", languages, then(emoji_only, lambda text, form=form: references(text, form)), emoji=True)
        # What a page loses when somebody tidies it.
        add(f"UTF-8 as cp1252, no-break spaces folded ({group})", languages, lambda text: SINGLE["cp1252"](text.encode()).replace("\xa0", " "))
        add(f"UTF-8 as cp1252, controls dropped ({group})", languages, lambda text: "".join(c for c in SINGLE["cp1252"](text.encode()) if not "\x80" <= c < "\xa0"))
        add(f"UTF-8 as cp1252, controls U+FFFD ({group})", languages, lambda text: "".join("\ufffd" if "\x80" <= c < "\xa0" else c for c in SINGLE["cp1252"](text.encode())))
    add("GBK as UTF-8 as GBK: 锟斤拷 (zh)", ["zh"], lambda text: text.encode("gbk").decode("utf-8", "replace").encode().decode("gbk", "replace"))
    for codec, name, languages in (("gbk", "GBK", ["zh"]), ("gbk", "GBK", ["zh-Hant"]), ("cp950", "Big5", ["zh-Hant"]), ("cp932", "Shift_JIS", ["ja"]), ("euc_jp", "EUC-JP", ["ja"]),
                                   ("cp949", "EUC-KR", ["ko"])):
        where = languages[0]
        for page in ("latin-1", "cp1252"):
            read = of(codec, SINGLE[page])
            add(f"{name} as {page} ({where})", languages, read)
            add(f"half: {name} as {page} ({where})", languages, half(read))
            add(f"entities of {name} as {page} ({where})", languages, then(read, references))
            add(f"named entities of {name} as {page} ({where})", languages, then(read, named))
            add(f"{name} as {page}, again as UTF-8 ({where})", languages, then(read, utf8(SINGLE[page])))
        if name != "GBK":
            add(f"{name} as GBK, nothing lost ({where})", languages, of(codec, lambda data: cp936(data, None)))
            add(f"{name} as GBK, lost bytes ? ({where})", languages, of(codec, lambda data: cp936(data, "?", private=False)))
            add(f"{name} as GBK, private use ({where})", languages, of(codec, lambda data: cp936(data, "?")))
            add(f"half: {name} as GBK, lost bytes ? ({where})", languages, half(of(codec, lambda data: cp936(data, "?", private=False))))
        if name != "Big5":
            add(f"{name} as Big5, nothing lost ({where})", languages, of(codec, lambda data: big5(data, None)))
            add(f"{name} as Big5, lost bytes ? ({where})", languages, of(codec, big5))
    for codec, name in (("cp1251", "cp1251"), ("koi8_r", "KOI8-R"), ("koi8_u", "KOI8-U")):
        for page in ("latin-1", "cp1252", "cp1251", "KOI8-R"):
            if page != name and page[:4] + name[:4] != "KOI8KOI8":
                languages = {"koi8_r": ["ru"], "koi8_u": ["uk"]}.get(codec, CYRILLIC)
                read = of(codec, SINGLE[page])
                add(f"{name} as {page} ({' '.join(languages)})", languages, read)
                add(f"half: {name} as {page} ({' '.join(languages)})", languages, half(read))
                add(f"entities of {name} as {page} ({' '.join(languages)})", languages, then(read, references))
    for where in CHINESE:
        for lone in ("?", "\ufffd"):
            add(f"GBK out of step, U+{ord(lone):04X} ({where})", [where], lambda text, lone=lone: out_of_step(text, lone))
        add(f"GBK out of step, folded ({where})", [where], lambda text: out_of_step(text).translate(FOLD), fold=True)
    add("clean text (must not change)", [language for group in GROUPS.values() for language in group], lambda text: text)
    return rows


def fits(line, language):
    """A line worth damaging: text of its language, whole."""
    if not 20 <= len(line) <= 400 or any(c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\uf8ff" or c in "\ufffd\xad&" for c in line):
        return False
    foreign = sum(c >= "\x80" for c in line)
    return foreign >= (2 if language in LATIN else max(8, len(line) // 3))


def lines_of(path, draw, most=6000):
    """Language -> lines, drawn evenly from a file of documents."""
    wanted = {language for group in GROUPS.values() for language in group}
    lines, met, seen = collections.defaultdict(list), collections.Counter(), set()
    for record in map(json.loads, open(path, encoding="utf-8")):
        language = record["language"]
        if language not in wanted or record["kind"] in ("code", "licence"):
            continue
        for line in record["text"].split("\n"):
            line = line.strip()
            if not fits(line, language) or (digest := zlib.crc32(line.encode())) in seen:
                continue
            seen.add(digest)
            met[language] += 1
            place = draw.randrange(met[language])
            if len(lines[language]) < most:
                lines[language].append(line)
            elif place < most:
                lines[language][place] = line
    return lines


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("clean")
    arguments.add_argument("out")
    arguments.add_argument("--lines", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    lines = lines_of(options.clean, random.Random(options.seed))
    with open(options.out, "w", encoding="utf-8") as out:
        for name, languages, damage, emoji, fold in classes():
            draw, done = random.Random(f"{options.seed}/{name}"), collections.Counter()
            for language in languages:
                share = -(-options.lines // len(languages))
                for line in draw.sample(lines[language], len(lines[language])):
                    if done[language] == share or done.total() == options.lines:
                        break
                    if emoji:
                        line += draw.choice(EMOJI) if draw.random() < 0.5 else " " + draw.choice(EMOJI) + draw.choice(EMOJI)
                    try:
                        damaged = damage(line)
                    except UnicodeEncodeError:
                        continue
                    original = line.translate(FOLD) if fold else line
                    if damaged is not None and (damaged != original) == (not name.startswith("clean")):
                        done[language] += 1
                        out.write(json.dumps({"class": name, "damaged": damaged, "original": original, "language": language}, ensure_ascii=False) + "\n")
            if done.total() < options.lines:
                print(f"{name}: only {done.total()} lines", file=sys.stderr)


if __name__ == "__main__":
    main()
