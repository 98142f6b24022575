#!/usr/bin/env python3
"""dumped_pages.py CLEAN SET -- what `boilerplate` does to pages whose markup is gone.

SET is a folder as extraction benchmarks have them: truth.jsonl with `set`, `file` and `truth` (the main text) a line, and
pages/SET/FILE.html.gz. Each page is dumped by `w3m`, which must be installed, and cleaned with `--only boilerplate`; its lines are
compared with the main text. A line is the site's if no part of the main text holds it, and the article's if one does and a line of more than
forty characters of the article stands at most two lines away: menus hold words that occur in an article by chance. Printed
are, by set and for all, how much of the site's text went (of all characters, and as the mean over pages), and how much of the article's."""
import gzip, json, os, re, subprocess, sys, unicodedata
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher

LONG = 40  # characters of a line that is in a main text by no chance
SHORT = 6  # fewer are in every text: they must be a line of it
NEAR = 2


def bare(text):
    return re.sub(r'[\s\u200b\ufeff•]+', '', unicodedata.normalize('NFC', text))


def clean(binary, records, *flags):
    """The texts of what the binary makes of these texts, in their order."""
    lines = ''.join(json.dumps({'id': str(n), 'text': text}) + '\n' for n, text in enumerate(records))
    done = subprocess.run([binary, '-q', '--input', 'jsonl', *flags], input=lines.encode(), capture_output=True, check=True)
    return [json.loads(line)['text'] for line in done.stdout.splitlines()]


def dump(binary, page):
    """A page as the browser shows it, without scripts and the names of pictures."""
    read = subprocess.run([binary, '-q', '--only', 'none'], input=page, capture_output=True).stdout.decode()
    html = ''.join(json.loads(line).get('text') or '' for line in read.splitlines())
    html = re.sub(r'(?is)<(script|style|noscript)\b.*?</\1>', '', html)
    shown = subprocess.run(['w3m', '-dump', '-T', 'text/html', '-I', 'UTF-8', '-O', 'UTF-8', '-cols', '9000'],
                           input=html.encode(), capture_output=True, timeout=60)
    return re.sub(r'\[[^\[\]\n]*\.(png|jpg|gif|svg|webp)[^\[\]\n]*\]', '', shown.stdout.decode('utf-8', 'replace'))


def labels(text, truth):
    """For each line that is not empty: whether it is the article's, the site's (False), or nobody knows (None)."""
    own_lines, own = {bare(line) for line in truth.split('\n')}, bare(truth)
    lines = [line.strip() for line in text.split('\n') if line.strip()]

    def label(line):
        line = bare(line)
        if not line or len(line) < SHORT:
            return True if line and line in own_lines else (None if line in own else False)
        if line in own:
            return True
        if len(line) <= 30:
            return False
        same = SequenceMatcher(None, line, own, autojunk=False).find_longest_match(0, len(line), 0, len(own))
        return same.size * 2 >= len(line)

    found = [label(line) for line in lines]
    sure = [is_own and len(line) > LONG for line, is_own in zip(lines, found)]
    found = [None if is_own and not any(sure[max(0, n - NEAR):n + NEAR + 1]) else is_own for n, is_own in enumerate(found)]
    return lines, found


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, folder = sys.argv[1:]
    truths = [json.loads(line) for line in open(f'{folder}/truth.jsonl', encoding='utf-8')]

    def read(truth):
        text = dump(binary, gzip.open(f"{folder}/pages/{truth['set']}/{truth['file']}.html.gz").read())
        return truth['set'], text, labels(text, truth['truth'] or '')

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pages = [page for page in pool.map(read, truths) if len(page[1]) > 200]
    sums = defaultdict(lambda: [0, 0, 0, 0, 0, 0.0])
    size = lambda line: sum(not c.isspace() for c in line)
    for (name, _, (lines, found)), after in zip(pages, clean(binary, [page[1] for page in pages], '--only', 'boilerplate')):
        kept = set()
        after = [line.strip() for line in after.split('\n') if line.strip()]
        for block in SequenceMatcher(None, lines, after, autojunk=False).get_matching_blocks():
            kept.update(range(block.a, block.a + block.size))
        counts = [0, 0, 0, 0]
        for n, (line, is_own) in enumerate(zip(lines, found)):
            if is_own is not None:
                counts[2 * is_own] += size(line)
                counts[2 * is_own + 1] += 0 if n in kept else size(line)
        for key in (name, 'all'):
            sums[key][0] += 1
            for n, count in enumerate(counts):
                sums[key][n + 1] += count
            sums[key][5] += counts[1] / max(1, counts[0])
    for name, (pages, site, cut, own, lost, mean) in sums.items():
        print(f'{name}: {pages} pages; the site\'s lines cut {100 * cut / max(1, site):.1f} % (mean over pages '
              f'{100 * mean / pages:.1f} %), the article\'s lost {100 * lost / max(1, own):.3f} %')


if __name__ == '__main__':
    main()
