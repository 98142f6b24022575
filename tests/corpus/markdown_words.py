#!/usr/bin/env python3
"""Read the Markdown of pages with another parser: every word of the plain text must be there, and no markup that the text did not mean.

usage: markdown_words.py CLEAN PAGES

Needs markdown-it-py and mdit-py-plugins. Prints how many pages differ, and where each of them first does, white space apart.
"""
import itertools, json, subprocess, sys

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin

PARSER = MarkdownIt("commonmark").enable("table").enable("strikethrough").use(deflist_plugin)
STRAY = {"em_open", "strong_open", "s_open", "link_open", "image", "html_block", "html_inline", "code_block"}


def texts(clean, pages, *options):
    run = subprocess.run([clean, "-q", "--only", "html", *options, pages], capture_output=True)
    return {record["id"]: record["text"] for record in map(json.loads, run.stdout.splitlines())}


def words(tokens):
    for token in tokens:
        if token.type in STRAY:
            yield f"[{token.type}]"
        if token.type in ("text", "code_inline", "fence", "code_block", "html_block", "html_inline"):
            yield token.content
        yield from words(token.children or ())


def bare(text):
    return "".join(text.split())


clean, pages = sys.argv[1:]
plain, marked = texts(clean, pages), texts(clean, pages, "--markdown")
wrong = 0
for name, text in plain.items():
    wanted, found = bare(text), bare("".join(words(PARSER.parse(marked[name]))))
    if wanted != found:
        wrong += 1
        at = next(n for n, (a, b) in enumerate(itertools.zip_longest(wanted, found)) if a != b)
        print(f"{name}: {wanted[max(0, at - 30):at + 30]!r} | {found[max(0, at - 30):at + 30]!r}")
print(f"{len(plain)} pages, {wrong} differ")
sys.exit(wrong > 0)
