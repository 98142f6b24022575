#!/usr/bin/env python3
"""ablate_boilerplate.py CLEAN.jsonl EXTRACT [REALDOCS [SIGNALS]] -- what each signal of the stage `boilerplate` is worth.

Each signal is switched off by a change of one place of the source, in a copy of it, and the program is built and measured again:

* of pages whose markup is gone, dumped by w3m and converted to Markdown (see dumped_pages.py; EXTRACT is its SET), the share of the site's
  characters that is cut and of the article's that is lost;
* of labelled documents, if there are any (REALDOCS is a folder with eval_realdocs.py), the share of navigation that is cut, and the clean ones harmed;
* edits in clean text (CLEAN.jsonl is what gather.py writes).

SIGNALS is a regular expression for those wanted. With ABLATE_TARGET in the environment the builds are made there, and can be taken up again. A signal whose place in the source is not found is an error.
"""
import json, os, pathlib, re, shutil, subprocess, sys, tempfile

import dumped_pages

EVERY = 6  # of the pages one in so many is measured
ROOT = pathlib.Path(__file__).parents[2]
STAGE = 'src/stages/boilerplate'

# What it is, the file, what stands there, and what stands there without it.
SIGNALS = [
    ('nothing switched off', None, '', ''),
    ('layout: the article as the densest stretch', '.rs', 'if firm(&head.items) || firm(&tail.items) { layout::article(doc) } else { None }', 'None::<Range<usize>>'),
    ('layout: cards that stand twice', '/layout.rs', 'near(*at).filter(|place| is_twice(items, **place)).count() >= CARDS', 'false'),
    ('layout: several weak words as an edge', '/layout.rs', '1 => near(*at).filter(|place| known(place)).count() >= ENTRIES,', '1 => false,'),
    ('links of Markdown read as shown', '.rs', 'Shown::of(doc.text())', 'None::<Shown>'),
    ('links show a page that was converted', '/rest.rs', 'if self.is_dump {', 'if false {'),
    ('a list on both sides of the article', '/rows.rs', 'if again.len() < LISTED {', 'if again.len() < usize::MAX {'),
    ('a page shows itself', '/rows.rs', 'let strong = strong && !list;', 'let strong = false;'),
    ('neighbours support each other', '/rows.rs', '|| supported\n', ''),
    ('what only pages say goes alone', '/rows.rs', '(u32::from(weight) >= CERTAIN && alone_enough)\n', 'false\n'),
    ('entries between known ones', '/rows.rs', '        if !gap.is_empty()\n', '        if false && !gap.is_empty()\n'),
    ('lists with known entries', '/rows.rs', 'between.extend(in_menus(&titles, items).map', 'between.extend(in_menus(&titles, items).take(0).map'),
    ('between a menu and the trail', '/rows.rs', 'between.extend(in_the_header(&titles, items).map', 'between.extend(in_the_header(&titles, items).take(0).map'),
    ('between two firm lines of a footer', '/rows.rs', 'between.extend(in_the_footer(items).map', 'between.extend(in_the_footer(items).take(0).map'),
    ('titles below `Related`', '/rows.rs', 'between.extend((place + 1..=place + list).map(|place| (place, Class::Related.rule())));', 'let _ = list;'),
    ('rows of teasers', '.rs', 'for row in teasers::find(doc) {', 'for row in teasers::find(doc).into_iter().take(0) {'),
    ('the headline again', '/titles.rs', '    let mut seen = false;\n', '    let mut seen = false;\n    if head.len() < usize::MAX {\n        return;\n    }\n'),
    ('captions of an album', '.rs', 'again = captions(doc, title);', 'again = captions(doc, title);\n            again.clear();'),
    ('mottos over a menu', '.rs', 'let motto = || zone == Zone::Head && is_over_a_menu(doc, place);', 'let motto = || zone == Zone::Head && place > lines.len() && is_over_a_menu(doc, place);'),
    ('debris', '/recognise.rs', 'if let Some(weight) = debris(text, line, zone) {', 'if let Some(weight) = debris(text, line, zone).filter(|_| false) {'),
    ('trails of links', '/recognise.rs', 'if let Some(found) = breadcrumb(lower, zone) {', 'if let Some(found) = breadcrumb(lower, zone).filter(|_| false) {'),
    ('guard: lines on both sides', '/rows.rs', 'let around = sides || loud.count() >= LOUD;', 'let around = sides || loud.count() < usize::MAX;'),
    ('guard: only links of Markdown for where they stand', '.rs', 'let may_go = |line: &Line| !is_dump ||', 'let may_go = |line: &Line| head.edge <= tail.edge || !is_dump ||'),
    ('guard: what is below its own heading', '/rows.rs', 'let stays = weight < SUPPORT && (owned ||', 'let stays = weight < SUPPORT && (owned && at > items.len() ||'),
    ('guard: teasers with prose behind', '/teasers.rs', 'row.certain = (outside - before) * least <= before;', 'row.certain = (outside - before) * least <= before || outside > 0;'),
    ('guard: a share of the lines', '/rows.rs', 'let share = laid_out || found', 'let share = laid_out || found < usize::MAX || found'),
    ('guard: technical texts', '.rs', 'let technical = rest.is_technical();', 'let technical = rest.is_technical() && head.edge > tail.edge;'),
    ('guard: lists of strings', '.rs', 'let list = rest.is_list();', 'let list = rest.is_list() && head.edge > tail.edge;'),
    ('guard: texts about copyright', '.rs', 'for (place, weight) in copyright {', 'for (place, weight) in copyright.into_iter().take(0) {'),
    ('guard: texts about cookies', '.rs', '&& cookies_are_the_topic\n', '&& cookies_are_the_topic\n                && head.edge > tail.edge\n'),
    ('guard: paragraphs that quote', '/recognise.rs', '        if prose\n            && (', '        if prose\n            && lower.is_empty()\n            && ('),
    ('guard: headlines that invite', '/recognise.rs', '            && invites\n', '            && invites\n            && lower.is_empty()\n'),
    ('guard: titles nearest to the article', '/layout.rs', '!is_headline && !says.all_of(&items[place])', '!is_headline || titles.len() <= TITLES || says.0.is_empty()'),
    ('guard: short runs stay', '/layout.rs', 'if run.len() >= least &&', 'if run.len() >= least.min(1) &&'),
]


def build(copy, target):
    # Switching off leaves warnings, which are no matter here.
    environment = {**os.environ, 'CARGO_TARGET_DIR': str(target), 'CARGO_PROFILE_RELEASE_INCREMENTAL': 'true', 'RUSTFLAGS': '-Awarnings'}
    done = subprocess.run(['cargo', 'build', '--release', '--quiet', '--bin', 'clean'], cwd=copy, env=environment, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(done.stderr.decode())
    return str(target / 'release' / 'clean')


def harm(binary, clean):
    """Edits of the stage in clean text."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / 'report.json'
        subprocess.run([binary, '-q', '--only', 'boilerplate', clean, '-o', f'{folder}/out.jsonl', '--report', report], check=True)
        stages = json.loads(report.read_text())['stages']
    return sum(rule['edits'] for rule in stages.get('boilerplate', {}).get('rules', {}).values())


def labelled(binary, folder):
    shown = subprocess.run([sys.executable, f'{folder}/eval_realdocs.py', '--', binary, '-q'], stdout=subprocess.PIPE, check=True).stdout.decode()
    navigation = re.search(r'^nav +\d+ +\d+ +\d+ +([\d.]+)% +([\d.]+)%', shown, re.M)
    harmed = re.search(r'^clean +\d+ +\d+ +([\d.]+)%', shown, re.M)
    return f'{navigation[1]} / {navigation[2]} | {harmed[1]}'


def main():
    if not 3 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    clean, extract, *realdocs = sys.argv[1:]
    folder = pathlib.Path(tempfile.mkdtemp())
    target = pathlib.Path(os.environ.get('ABLATE_TARGET', folder / 'target'))
    copy = folder / 'copy'
    copy.mkdir()
    shutil.copytree(ROOT / 'src', copy / 'src')
    for name in ('Cargo.toml', 'Cargo.lock', 'README.md', 'build.rs', 'examples', 'benches', 'tests'):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        elif source.exists():
            shutil.copy(source, copy / name)
    for what, file, old, _ in SIGNALS:
        if file and (copy / f'{STAGE}{file}').read_text().count(old) != 1:
            sys.exit(f'{what}: `{old}` must stand in {STAGE}{file} once')
    sets = None
    print('| signal | dumps: cut | lost | Markdown: cut | lost | labelled: navigation, mean | clean kept | edits in clean text |', flush=True)
    for what, file, old, new in SIGNALS:
        if realdocs[1:] and not re.search(realdocs[1], what):
            continue
        path = copy / f'{STAGE}{file or ".rs"}'
        source = path.read_text()
        path.write_text(source.replace(old, new) if file else source)
        binary = build(copy, target)
        sets = sets or [dumped_pages.pages(binary, extract, form)[::EVERY] for form in (dumped_pages.dump, dumped_pages.markdown)]
        cells = []
        for pages in sets:
            _, site, cut, own, lost, _ = dumped_pages.score(binary, pages)['all']
            cells += [f'{100 * cut / site:.2f}', f'{100 * lost / own:.3f}']
        cells += [labelled(binary, realdocs[0]) if realdocs else '- | -', str(harm(binary, clean))]
        print(f'| {what} | {" | ".join(cells)} |', flush=True)
        path.write_text(source)
    shutil.rmtree(folder)


main()
