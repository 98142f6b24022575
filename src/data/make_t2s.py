#!/usr/bin/env python3
"""Makes t2s_characters.txt and t2s_phrases.tsv from OpenCC's TSCharacters.txt and TSPhrases.txt.

usage: make_t2s.py FOLDER-WITH-THE-TWO-FILES     (writes beside itself)

Differs from the source so that converting twice is converting once, and Simplified text is left alone:
first counterpart only; no character whose counterpart would be converted again; no phrase with 坏, which is a rare
Traditional character in OpenCC's phrases and a common Simplified one in text; a result that would be converted again is listed as its own result.
"""
import pathlib, sys

source, here = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent


def read(name):
    for line in (source / name).read_text("utf-8").split("\n"):
        if line and not line.startswith("#"):
            key, values = line.split("\t")[:2]
            yield key, values.split()[0]


characters = {k: v for k, v in read("TSCharacters.txt") if k != v}
characters = {k: v for k, v in characters.items() if v not in characters}
phrases = {k: v for k, v in read("TSPhrases.txt") if "坏" not in k}
longest = max(map(len, phrases))


def convert(text):
    out, at = "", 0
    while at < len(text):
        for n in range(longest, 0, -1):
            if text[at : at + n] in phrases:
                out, at = out + phrases[text[at : at + n]], at + n
                break
        else:
            out, at = out + characters.get(text[at], text[at]), at + 1
    return out


while unstable := [v for v in phrases.values() if convert(v) != v]:
    phrases.update((v, v) for v in unstable)

pairs = [k + v for k, v in sorted(characters.items())]
(here / "t2s_characters.txt").write_text("".join(" ".join(pairs[i : i + 32]) + "\n" for i in range(0, len(pairs), 32)), "utf-8")
(here / "t2s_phrases.tsv").write_text("".join(f"{k}\t{v}\n" for k, v in sorted(phrases.items())), "utf-8")
