#!/usr/bin/env python3
"""Compares with what one would run instead: ftfy, trafilatura, datatrove, Data-Juicer, on one generated corpus in one run.

    cargo build --release && python3 benches/compare.py

The tools are installed from the Python registry into an environment of their own (target/compare); one that cannot be installed or does
not run is reported and left out. Every tool runs alone on one thread and reads JSON Lines and writes JSON Lines; what counts is the CPU time
of the whole process, start-up included, the median of three. They do not do the same: the table says what each was asked for.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What each tool is called in the registry, and what it does here.
TOOLS = {
    "ftfy": ("ftfy", "fix_text"),
    "trafilatura": ("trafilatura lxml_html_clean", "extract"),
    "datatrove": ("datatrove[io,processing] lxml_html_clean", "FTFY, symbol lines and PII formatters; Trafilatura for pages"),
    "data-juicer": ("py-data-juicer aiohttp", "fix_unicode, whitespace_normalization, clean_links; clean_html for pages"),
}

READ = """
import json, sys
source, target = sys.argv[1:]
def main(clean):
    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as out:
        for line in lines:
            record = json.loads(line)
            record["text"] = clean(record["text"])
            out.write(json.dumps(record, ensure_ascii=False) + "\\n")
"""

DRIVERS = {
    ("ftfy", "text"): READ + "import ftfy\nmain(ftfy.fix_text)",
    ("trafilatura", "html"): READ + "import trafilatura\nmain(trafilatura.extract)",
    ("datatrove", "text"): """
import sys, pathlib
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter, SymbolLinesFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
source, target = map(pathlib.Path, sys.argv[1:])
steps = [JsonlReader(str(source.parent), glob_pattern=source.name), FTFYFormatter(), SymbolLinesFormatter(), PIIFormatter(),
         JsonlWriter(str(target) + ".d", compression=None)]
LocalPipelineExecutor(steps, tasks=1, logging_dir=str(target) + ".log", skip_completed=False).run()
""",
    ("datatrove", "html"): """
import sys, pathlib
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
source, target = map(pathlib.Path, sys.argv[1:])
steps = [JsonlReader(str(source.parent), glob_pattern=source.name), Trafilatura(timeout=10),
         JsonlWriter(str(target) + ".d", compression=None)]
LocalPipelineExecutor(steps, tasks=1, logging_dir=str(target) + ".log", skip_completed=False).run()
""",
    ("data-juicer", "text"): """
import sys
from datasets import load_dataset, disable_caching
from data_juicer.ops.mapper import CleanLinksMapper, FixUnicodeMapper, WhitespaceNormalizationMapper
source, target = sys.argv[1:]
disable_caching()
data = load_dataset("json", data_files=source, split="train", cache_dir=target + ".cache")
for op in [FixUnicodeMapper(), WhitespaceNormalizationMapper(), CleanLinksMapper()]:
    data = data.map(op.process, batched=op.is_batched_op(), num_proc=None)
data.to_json(target, force_ascii=False)
""",
    ("data-juicer", "html"): """
import sys
from datasets import load_dataset, disable_caching
from data_juicer.ops.mapper import CleanHtmlMapper
source, target = sys.argv[1:]
disable_caching()
data = load_dataset("json", data_files=source, split="train", cache_dir=target + ".cache")
op = CleanHtmlMapper()
data = data.map(op.process, batched=op.is_batched_op(), num_proc=None)
data.to_json(target, force_ascii=False)
""",
}

ENGLISH = [
    "The harbour office counted {n} boats on {t}, most of them from {w}.",
    "{p} remembers how the mill at {w} stood idle for {n} years.",
    "“We never planned it,” said {p}; “it began on {t} with two tables and a lamp.”",
    "In {w} a committee of {n} people looks after the path along the river.",
    "Nobody in {w} could say who had moved the stones, or why it was done on {t}.",
]
CHINESE = [
    "{t}，{w}统计了港口的{n}条渔船，其中大部分来自邻近的村子。",
    "{p}还记得，{w}的磨坊停了{n}年，没有人愿意接手。",
    "“这件事没有计划，”{p}说，“是从{t}的两张桌子开始的。”",
    "在{w}，有{n}个人组成的小组负责照看河边的小路。",
    "{w}的人说不清是谁搬走了石头，也不知道为什么在{t}动手。",
]
SLOTS = {
    "en": {"p": ["Ada Merrow", "the old pilot", "Tom Yelland", "a teacher"], "w": ["Stonebridge", "East Quay", "Willow End"],
           "t": ["a wet Tuesday", "the first of May", "the last evening of summer"]},
    "zh": {"p": ["吕德福", "退休教师孟澜", "队长邵明", "秦秀兰"], "w": ["石桥社区", "东港镇", "柳林村"],
           "t": ["去年秋天", "六月的一个傍晚", "台风过后"]},
}


def text(language, size, dice):
    """Paragraphs of about `size` bytes."""
    templates = ENGLISH if language == "en" else CHINESE
    paragraphs, length = [], 0
    while length < size:
        slots = lambda: {k: dice.choice(v) for k, v in SLOTS[language].items()} | {"n": dice.randint(2, 900)}
        sentences = [dice.choice(templates).format(**slots()) for _ in range(dice.randint(2, 6))]
        paragraphs.append((" " if language == "en" else "").join(sentences))
        length += len(paragraphs[-1].encode())
    return "\n\n".join(paragraphs)


def damaged(dice):
    """French or English in UTF-8 that was read as Windows-1252, with references and stray white space."""
    words = text("en", 4000, dice).replace("office", "café").replace("path", "allée").replace("table", "naïveté — ")
    return words.encode().decode("cp1252", "replace").replace("�", "") .replace("; ", " &amp; ") + "  \n\n\n\n\n"


def page(dice):
    """A page with navigation, scripts and a foot around its text."""
    links = "".join(f'<li><a href="/s/{n}">Section {n}</a></li>' for n in range(30))
    script = "<script>var a=[" + ",".join(str(dice.randint(0, 99)) for _ in range(400)) + "];</script>"
    body = "".join(f"<p>{p}</p>\n" for p in text(dice.choice(["en", "zh"]), 6000, dice).split("\n\n"))
    return (f"<!DOCTYPE html><html><head><title>A page</title>{script}<style>{'.x{color:red}' * 60}</style></head><body><nav><ul>{links}</ul></nav>"
            f"<main><article><h1>A heading</h1>{body}</article></main><footer><p>Copyright. All rights reserved.</p></footer></body></html>")


def corpora(directory, megabytes):
    """Writes the corpora: name -> kind and path."""
    makers = {
        "english": ("text", lambda dice: text("en", 6000, dice)),
        "chinese": ("text", lambda dice: text("zh", 6000, dice)),
        "damaged": ("text", damaged),
        "pages": ("html", page),
    }
    found = {}
    for name, (kind, make) in makers.items():
        dice = random.Random(name)
        path = directory / f"{name}.jsonl"
        with path.open("w", encoding="utf-8") as out:
            number = 0
            while out.tell() < megabytes << 20:
                out.write(json.dumps({"id": str(number), "text": make(dice)}, ensure_ascii=False) + "\n")
                number += 1
        found[name] = (kind, path)
    return found


def install(environment, names, wait):
    """Installs the tools one by one; those that could be."""
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    able = []
    for name in names:
        try:
            subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *TOOLS[name][0].split()], check=True,
                           timeout=wait, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            able.append(name)
        except subprocess.TimeoutExpired:
            print(f"{name}: not installed within {wait} s, left out")
        except subprocess.CalledProcessError as error:
            print(f"{name}: cannot be installed, left out: {error.stderr.strip().splitlines()[-1:]}")
    return able, python


def cpu_seconds(command, directory, wait):
    """CPU seconds of a command and its children, median of three; None if it fails, with its last words."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
    times, deadline = [], time.monotonic() + wait
    for _ in range(3):
        before = os.times()
        try:
            done = subprocess.run(command, cwd=directory, env=environment, timeout=max(1, deadline - time.monotonic()),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        except subprocess.TimeoutExpired:
            return (statistics.median(times), "") if times else (None, f"not done within {wait} s")
        if done.returncode != 0:
            return None, (done.stderr.strip().splitlines() or ["no message"])[-1][:160]
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(times), ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=8, help="of each corpus")
    parser.add_argument("--clean", type=Path, default=ROOT / "target/release/clean", help="the program")
    parser.add_argument("--directory", type=Path, default=ROOT / "target/compare", help="for corpora, outputs and the environment")
    parser.add_argument("--tools", default=",".join(TOOLS), help="comma-separated")
    parser.add_argument("--corpora", default="english,chinese,damaged,pages", help="comma-separated")
    parser.add_argument("--wait", type=int, default=900, help="seconds that installing or running a tool may take")
    args = parser.parse_args()
    directory = args.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    able, python = install(directory / "venv", args.tools.split(","), args.wait)
    print(f"\n{'corpus':10} {'MB':>6} {'tool':12} {'MB/CPU-s':>9} {'clean is':>9}  what it was asked for")
    made = corpora(directory, args.megabytes)
    for name in args.corpora.split(","):
        kind, path = made[name]
        megabytes = path.stat().st_size / 1e6
        ours, words = cpu_seconds([args.clean.resolve(), "-q", "-j1", path, "-o", directory / "out.jsonl", "--force"], directory, args.wait)
        if ours is None:
            sys.exit(f"clean: {words}")
        print(f"{name:10} {megabytes:6.1f} {'clean':12} {megabytes / ours:9.1f} {'':9}  everything", flush=True)
        for tool in able:
            if (tool, kind) not in DRIVERS:
                continue
            driver = directory / f"{tool}-{kind}.py"
            driver.write_text(DRIVERS[tool, kind], encoding="utf-8")
            theirs, words = cpu_seconds([python, driver, path, directory / f"{tool}.jsonl"], directory, args.wait)
            if theirs is None:
                print(f"{'':10} {'':6} {tool:12} does not run, left out: {words}", flush=True)
                continue
            print(f"{'':10} {'':6} {tool:12} {megabytes / theirs:9.2f} {theirs / ours:8.1f}x  {TOOLS[tool][1]}", flush=True)


if __name__ == "__main__":
    main()
