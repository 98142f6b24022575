#!/usr/bin/env python3
"""Makes pinyin.tsv (`syllable with tone mark TAB characters of GBK that have this reading`) from PyPI pypinyin's pinyin_dict.json:

generate_pinyin.py PINYIN_DICT_JSON
"""
import collections, json, pathlib, sys, unicodedata

readings = json.load(open(sys.argv[1], encoding="utf8"))
table = collections.defaultdict(list)
for code, syllables in readings.items():
    char = chr(int(code))
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        continue
    for syllable in dict.fromkeys(unicodedata.normalize("NFC", s) for s in syllables.split(",")):
        table[syllable].append(char)
lines = [f"{syllable}\t{''.join(sorted(chars))}\n" for syllable, chars in sorted(table.items())]
pathlib.Path(__file__).with_name("pinyin.tsv").write_text("".join(lines), "utf8")
