#!/usr/bin/env python3
"""dumped_pages.py CLEAN SET [--markdown] -- what `boilerplate` does to pages whose markup is gone.

SET is a folder as extraction benchmarks have them: truth.jsonl with `set`, `file` and `truth` (the main text) a line, and
pages/SET/FILE.html.gz. Each page is dumped by `w3m`, which must be installed, or with --markdown by the Python package html2text, and cleaned
with `--only boilerplate`; its lines are compared with the main text. A line is the site's if no part of the main text holds it, and the article's if one does and a line of more than
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


def html(binary, page):
    """A page in UTF-8, without its scripts."""
    read = subprocess.run([binary, '-q', '--only', 'none'], input=page, capture_output=True).stdout.decode()
    text = ''.join(json.loads(line).get('text') or '' for line in read.splitlines())
    return re.sub(r'(?is)<(script|style|noscript)\b.*?</\1>', '', text)


def dump(binary, page):
    """A page as the browser shows it, without the names of pictures; and the same."""
    shown = subprocess.run(['w3m', '-dump', '-T', 'text/html', '-I', 'UTF-8', '-O', 'UTF-8', '-cols', '9000'],
                           input=html(binary, page).encode(), capture_output=True, timeout=60)
    text = re.sub(r'\[[^\[\]\n]*\.(png|jpg|gif|svg|webp)[^\[\]\n]*\]', '', shown.stdout.decode('utf-8', 'replace'))
    return text, text


LINK = re.compile(r'\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[^()]|\([^()]*\))*\)')


def markdown(binary, page):
    """A page as it is converted to Markdown, and what its lines say without the marks of that."""
    import html2text
    converter = html2text.HTML2Text(bodywidth=0)
    converter.ignore_images = True
    text = converter.handle(html(binary, page))
    lines = [line for line in text.split('\n') if line.strip()]
    said = [re.sub(r'^[\s*#>+-]+|[*_`\\]', '', LINK.sub(r'\1', LINK.sub(r'\1', line))) for line in lines]
    return '\n'.join(lines), '\n'.join(line if line.strip() else NOTHING for line in said)


NOTHING = '-'  # a line that says nothing is shown so, that there are as many lines


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


def pages(binary, folder, dump):
    """Of each page of a set its name, its text, and its lines with their labels."""
    truths = [json.loads(line) for line in open(f'{folder}/truth.jsonl', encoding='utf-8')]

    def read(truth):
        page = gzip.open(f"{folder}/pages/{truth['set']}/{truth['file']}.html.gz").read()
        text, said = dump(binary, page)
        lines = [line.strip() for line in text.split('\n') if line.strip()]
        return truth['set'], text, (lines, labels(said, truth['truth'] or '')[1])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [page for page in pool.map(read, truths) if len(page[1]) > 200]


def score(binary, pages):
    """By set and for all: pages, characters of the site's lines and those cut, of the article's and those lost, sum of the shares cut."""
    sums = defaultdict(lambda: [0, 0, 0, 0, 0, 0.0])
    size = lambda line: sum(not c.isspace() for c in line)
    for (name, _, (lines, found)), after in zip(pages, clean(binary, [page[1] for page in pages], '--only', 'boilerplate')):
        kept = set()
        after = [line.strip() for line in after.split('\n') if line.strip()]
        for block in SequenceMatcher(None, lines, after, autojunk=False).get_matching_blocks():
            kept.update(range(block.a, block.a + block.size))
        counts = [0, 0, 0, 0]
        for n, (line, is_own) in enumerate(zip(lines, found, strict=True)):
            if is_own is not None:
                counts[2 * is_own] += size(line)
                counts[2 * is_own + 1] += 0 if n in kept else size(line)
        for key in (name, 'all'):
            sums[key][0] += 1
            for n, count in enumerate(counts):
                sums[key][n + 1] += count
            sums[key][5] += counts[1] / max(1, counts[0])
    return sums


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ['--markdown']):
        sys.exit(__doc__)
    binary, folder = sys.argv[1:3]
    found = pages(binary, folder, markdown if sys.argv[3:] else dump)
    for name, (count, site, cut, own, lost, mean) in score(binary, found).items():
        print(f'{name}: {count} pages; the site\'s lines cut {100 * cut / max(1, site):.1f} % (mean over pages '
              f'{100 * mean / count:.1f} %), the article\'s lost {100 * lost / max(1, own):.3f} %')


if __name__ == '__main__':
    main()
