#!/usr/bin/env python3
"""Plants one kind of pollution into clean text and scores how much of it a stage takes out again, and what else.

usage: pollute.py CLEAN KIND SOURCE ... [--documents N] [--seed S] [--language L] [--write FILE] [-- OPTION ...]

CLEAN is the program; it runs as `CLEAN --only STAGE OPTION ...`, the stage that the kind belongs to. A SOURCE is JSON Lines of records with text
and language (gather.py), of which the documents of prose in language L are taken, or plain text of a paragraph a line (`.txt`, also `.xz`).
KIND is one of those below, or `all` (each with the language it is made for). Prints a line a kind: documents, planted characters (for `wrap` and
`columns`: line breaks), those taken out, characters of the text that were harmed (breaks that were joined and should not have been), documents
that came out exactly, documents marked only.
"""
import argparse, collections, difflib, json, lzma, pathlib, random, re, subprocess, sys, tempfile, unicodedata

DATA = pathlib.Path(__file__).resolve().parents[2] / "src" / "data"
HAN = re.compile(r"[\u4e00-\u9fff]")


def readings():
    toned = {}
    for line in (DATA / "pinyin.tsv").read_text("utf-8").splitlines():
        syllable, _, chars = line.partition("\t")
        for c in chars:
            toned.setdefault(c, []).append(syllable)
    return toned


def plain(syllable):
    marks = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ", "aaaaeeeeiiiioooouuuuüüüünnn")
    return syllable.translate(marks)


READINGS = readings()
TRADITIONAL = set(re.sub(r"[A-Za-z\s]", "", "".join(l for l in (DATA / "script_only.tsv").read_text("utf-8").splitlines(True) if l.startswith("Hant"))))


def fixed_table(text, draw):
    """Kit A: some types of Traditional characters, each time; 17.5 % of the Han characters as long as there are types."""
    counts = collections.Counter(c for c in text if c in TRADITIONAL and READINGS.get(c))
    han, chosen, sum_ = len(HAN.findall(text)), {}, 0
    types = sorted(counts, key=lambda c: (draw.random() ** (1 / counts[c])), reverse=True)
    for c in types:
        if sum_ / max(han, 1) < 0.175:
            chosen[c], sum_ = draw.choice([r for r in READINGS[c] if plain(r) != r] or READINGS[c]), sum_ + counts[c]
    return "".join(f"{c}({chosen[c]})" if c in chosen else c for c in text)


def scattered(text, draw):
    """Kit B: after every fifth to seventh Han character or so, without tone marks; one document of three with some."""
    toned, out, left = draw.random() < 0.33, [], draw.randint(2, 7)
    for c in text:
        out.append(c)
        if HAN.match(c):
            left -= 1
            if left <= 0 and READINGS.get(c):
                syllable = draw.choice(READINGS[c])
                out.append(f"({syllable if toned and draw.random() < 0.5 else plain(syllable)})")
                left = draw.randint(4, 8)
    return "".join(out)


def control(text, draw):
    """Kit A: one to five of U+0005 to U+0008 before punctuation."""
    return re.sub(r"(?=[，。、；：！？])", lambda m: "".join(draw.choices("\5\6\7\x08", k=draw.randint(1, 5))) if draw.random() < 0.3 else "", text)


def headed(text):
    """The text below a headline of its own words."""
    words = re.findall(r"[\u4e00-\u9fff]{4,16}", text)
    return (words[len(words) // 3] if words else "") + "\n" + text


def fragments(text, draw):
    """Pieces of the headline (here: the beginning of the text) within sentences, one in about 60 characters."""
    head, _, body = headed(text).partition("\n")
    pieces = [p for p in re.findall(r"[\u4e00-\u9fff]{2,}", head)]
    if not pieces:
        return None
    def piece():
        p = draw.choice(pieces)
        size = draw.randint(2, min(4, len(p)))
        at = draw.randint(0, len(p) - size)
        return p[at:at + size]
    out = []
    for i, c in enumerate(body):
        out.append(c)
        if HAN.match(c) and i + 1 < len(body) and HAN.match(body[i + 1]) and draw.random() < 1 / 60:
            out.append(piece())
    return head + "\n" + "".join(out)


def brand(text, draw):
    """One or two phrases of four to six characters, between characters of a sentence."""
    brands = draw.sample(["彩神争霸", "天福平台", "鸿运娱乐", "金沙在线", "万豪国际城", "大发快三", "博乐体育", "龙虎斗网"], draw.randint(1, 2))
    return "".join(c + (draw.choice(brands) if HAN.match(c) and i + 1 < len(text) and HAN.match(text[i + 1]) and draw.random() < 1 / 80 else "")
                   for i, c in enumerate(text))


LATIN_TO_CYRILLIC = dict(zip("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ"))
LATIN_TO_GREEK = dict(zip("oABEHIKMNOPTXYZ", "οΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"))


def look_alikes(text, draw, table):
    return "".join(table[c] if c in table and draw.random() < 0.06 else c for c in text)


def tool_calls(text, draw):
    """What a model that translates says to its tools, at the end of two paragraphs."""
    words = ["彩神争霸安卓", "天天中彩票 大发快三", "北京赛车的 彩票平台招商", " 高频彩大发快三json", "娱乐彩票注册"]
    lines = [i for i, l in enumerate(text.split("\n")) if len(l) > 20]
    if not lines:
        return None
    out = text.split("\n")
    for i in draw.sample(lines, min(2, len(lines))):
        call = draw.choice(["analysis", "commentary", "assistant", "user"]) + " to=functions." + draw.choice(["read", "bash", "exec", "edit"]) + draw.choice([" in commentary ", " ", " code "])
        call += draw.choice(words) + draw.choice(["_input=", "", "\n"]) + json.dumps({"path": f"docs/page-{draw.randint(1, 99)}.md", "limit": draw.randint(1, 200)}) + draw.choice([" code", "", " json"])
        out[i] += draw.choice(["♀♀♀", "ക്ര്‍", ""]) + call
    return "\n".join(out)


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrapped(paragraph, columns):
    """Lines of at most so many columns: between any Han characters but before a closing mark, and at spaces."""
    lines, line = [], ""
    for token in re.findall(r"[\u2e80-\u9fff\uff00-\uffef“”‘’…—]|[^\u2e80-\u9fff\uff00-\uffef“”‘’…—\s]+|\s+", paragraph):
        if line and width(line + token) > columns and token not in "，。、；：！？）》”’」』…—":
            lines.append(line.rstrip())
            line = ""
        line += token if line or not token.isspace() else ""
    return lines + ([line.rstrip()] if line.strip() else [])


def hyphenated(paragraph, columns, draw):
    """Lines of Latin text; a word that does not fit is divided now and then."""
    lines, line = [], ""
    for word in paragraph.split():
        if line and len(line) + 1 + len(word) > columns:
            room = columns - len(line) - 2
            if room >= 3 and len(word) >= 7 and word.isalpha() and len(word) - room >= 3 and draw.random() < 0.6:
                lines.append(f"{line} {word[:room]}-")
                line = word[room:]
                continue
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return lines + [line]


def wrap(text, draw):
    """Every paragraph cut into lines of one width, paragraphs divided by empty lines."""
    columns = draw.choice([24, 30, 36, 44, 52, 60, 70, 76, 90])
    return "\n\n".join("\n".join(wrapped(p, columns)) for p in text.split("\n") if p.strip())


def wrap_latin(text, draw):
    columns = draw.choice([34, 40, 48, 56, 72, 90])
    return "\n\n".join("\n".join(hyphenated(p, columns, draw)) for p in text.split("\n") if p.strip())


def broken(text, draw):
    """Some paragraphs cut by an empty line, at any place in a sentence, as columns and pages do."""
    out = []
    for p in text.split("\n"):
        if len(p) > 60 and draw.random() < 0.15:
            at = draw.randint(20, len(p) - 20)
            if HAN.match(p[at]) and (HAN.match(p[at - 1]) or p[at - 1] in "，、"):
                p = p[:at] + "\n\n" + p[at:]
        out.append(p)
    return "\n\n".join(out)


def doubled(text, draw):
    text = text.replace("“", "''").replace("”", "''")
    return text if text.count("''") >= 6 else None


def questioned(text, draw):
    """Both marks of a pair became a question mark: the program that saved the page did not know them."""
    lost = text.replace("“", "?").replace("”", "?")
    return lost if text.count("“") >= 3 else None


def replaced(text, draw):
    lost = text.replace("“", "\ufffd").replace("”", "\ufffd")
    return lost if text.count("“") >= 3 else None


# kind: stage, language, the function, what the truth is made by
KINDS = {
    "pinyin_a": ("pinyin", "zh-Hant", fixed_table), "pinyin_b": ("pinyin", "zh", scattered), "control": ("control", "zh", control),
    "fragments": ("inline", "zh", fragments), "brand": ("inline", "zh", brand),
    "cyrillic_in_latin": ("inline", "en", lambda t, d: look_alikes(t, d, LATIN_TO_CYRILLIC)),
    "greek_in_latin": ("inline", "en", lambda t, d: look_alikes(t, d, LATIN_TO_GREEK)),
    "latin_in_cyrillic": ("inline", "ru", lambda t, d: look_alikes(t, d, {v: k for k, v in LATIN_TO_CYRILLIC.items()})),
    "tool_calls": ("inline", "zh", tool_calls),
    "wrap": ("reflow", "zh", wrap), "wrap_latin": ("reflow", "en", wrap_latin), "broken": ("reflow", "zh", broken),
    "doubled": ("quotes", "zh", doubled), "questioned": ("quotes", "zh", questioned), "replaced": ("quotes", "zh", replaced),
}


def documents(sources, language, number, draw):
    """Pieces of eight to twenty paragraphs of prose."""
    paragraphs = []
    for source in sources:
        if source.suffix in (".xz", ".txt"):
            lines = (lzma.open(source, "rt", encoding="utf-8") if source.suffix == ".xz" else open(source, encoding="utf-8"))
            if ("hant" in source.name) == (language == "zh-Hant") and language.startswith("zh"):
                paragraphs.append([l.strip() for l in lines if len(l.strip()) > 10])
        elif source.suffix == ".jsonl":
            for line in open(source, encoding="utf-8"):
                record = json.loads(line)
                if record.get("language") == language and record.get("kind", "prose") == "prose":
                    good = [l.strip() for l in record["text"].split("\n") if len(l) > (120 if language in ("en", "ru") else 40) and l[:1].strip() and re.search(r"[.。！？!?”]\s*$", l)]
                    if len(good) >= 8:
                        paragraphs.append(good)
    whole = []
    for part in paragraphs:
        at = 0
        while at < len(part):
            size = draw.randint(8, 20)
            whole.append("\n".join(part[at:at + size]))
            at += size
    draw.shuffle(whole)
    return whole[:number]


def truth(kind, text):
    if kind == "fragments":
        return headed(text)
    return text.replace("\n", "\n\n") if KINDS[kind][0] == "reflow" else text


def breaks(text):
    """Places of line breaks, as numbers of visible characters before them; hyphens at line ends are none."""
    text = re.sub(r"(?<=\w)-\n(?=\w)", "\n", text)
    places, n = set(), 0
    for c in text:
        if c == "\n":
            places.add(n)
        elif not c.isspace():
            n += 1
    return places


def differ(a, b):
    """Characters of a that b lacks, and of b that a lacks."""
    lost = added = 0
    for x, y in zip(a, b) if len(a) == len(b) else [("\n".join(a), "\n".join(b))]:
        if x == y:
            continue
        for op, i, j, k, l in difflib.SequenceMatcher(None, x, y, autojunk=False).get_opcodes():
            if op != "equal":
                lost, added = lost + j - i, added + l - k
    return lost, added


def score(kind, program, rows, options):
    stage = KINDS[kind][0]
    with tempfile.TemporaryDirectory() as folder:
        source, out = pathlib.Path(folder, "in.jsonl"), pathlib.Path(folder, "out.jsonl")
        source.write_text("".join(json.dumps({"text": polluted}) + "\n" for _, polluted in rows), "utf-8")
        subprocess.run([program, "-q", "--only", stage, source, "-o", out, *options], check=True)
        cleaned = [json.loads(l) for l in open(out, encoding="utf-8")]
    planted = taken = harmed = exact = marked = 0
    for (good, polluted), record in zip(rows, cleaned):
        text = record["text"]
        fold = lambda t: re.sub(r"\n+", "\n", t)
        exact += fold(text) == fold(good)
        marked += bool(record.get("clean", {}).get("flags")) and text == polluted
        if stage == "reflow":
            was, want, got = breaks(polluted), breaks(good), breaks(text)
            planted, taken, harmed = planted + len(was - want), taken + len((was - want) - got), harmed + len(want - got)
        else:
            lines = lambda t: t.split("\n")
            before = differ(lines(polluted), lines(good))
            after = differ(lines(text), lines(good))
            planted, taken, harmed = planted + before[0], taken + before[0] - after[0], harmed + max(0, after[1] - (before[1] if after[0] else 0))
    share = f"{taken / planted:8.2%}" if planted else "-"
    print(f"{kind:20}{len(rows):6}{planted:9}{share:>9}{harmed:8}{exact:7}{marked:7}", flush=True)


def main():
    own, _, options = " ".join(sys.argv[1:]).partition(" -- ")
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("clean")
    arguments.add_argument("kind")
    arguments.add_argument("sources", nargs="+", type=pathlib.Path)
    arguments.add_argument("--documents", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--language")
    arguments.add_argument("--write", type=pathlib.Path)
    given = arguments.parse_args(own.split())
    print(f"{'kind':20}{'docs':>6}{'planted':>9}{'taken':>9}{'harmed':>8}{'exact':>7}{'marked':>7}")
    pieces = {}
    for kind in KINDS if given.kind == "all" else given.kind.split(","):
        draw = random.Random(given.seed)
        language = given.language or KINDS[kind][1]
        if language not in pieces:
            pieces[language] = documents(given.sources, language, 20 * given.documents, draw)
        rows = []
        texts = pieces[language]
        if kind == "broken":
            # A page of a newspaper: some fifty paragraphs.
            texts = ["\n".join(texts[i:i + 4]) for i in range(0, len(texts), 4)]
        for text in texts:
            polluted = KINDS[kind][2](text, draw)
            if polluted is not None and polluted != text and len(rows) < given.documents:
                rows.append((truth(kind, text), polluted))
        if given.write:
            with open(given.write, "a", encoding="utf-8") as out:
                out.writelines(json.dumps({"kind": kind, "good": g, "text": p}, ensure_ascii=False) + "\n" for g, p in rows)
        score(kind, given.clean, rows, options.split())


if __name__ == "__main__":
    main()
