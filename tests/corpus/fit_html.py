#!/usr/bin/env python3
"""Fit the trees by which the html stage scores lines of pages.

usage: fit_html.py FEATURES TRUTH.jsonl PAGES [--sets SET ...] [--write src/stages/html/trees.tsv] [--rounds N] [--leaves N]

FEATURES is `target/release/examples/html_features`. TRUTH has records of `set`, `file` and `truth`, the main text as the makers of a benchmark
wrote it down; the page is PAGES/set/file.html or the same with .gz. Pages are dealt into two halves by the SHA-1 of `file`: half 0 is fitted on, half 1 only
scored. A set that is not among --sets is only scored.

A line belongs to the text when most of its words lie in runs of at least three that the truth has too, each stretch of it used once; a line of less than
eight words must be there as a whole, near its neighbours. Every page weighs the same, in it lines by their words. The trees are LightGBM's; --write stores them as text.
Printed: F1 of words in lines, per set and kind of page, with every page of half 0 scored by trees of the other four fifths.
Needs numpy and lightgbm.
"""
import argparse, gzip, hashlib, json, pathlib, re, subprocess, tempfile
from collections import defaultdict

import lightgbm
import numpy as np

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff_]+")
# Small trees: on half of some 300 pages deeper ones score no better on pages left out.
PARAMETERS = dict(objective="binary", learning_rate=0.1, max_depth=4, min_data_in_leaf=300, feature_fraction=0.3, bagging_fraction=0.5,
                  bagging_freq=1, lambda_l2=20, verbose=-1, num_threads=2, seed=1, deterministic=True)
# What may only speak for a line, and what only against.
SIGNS = {"in_evidence": 1, "first_reason": -1, "best_common": 1, "spread_common": 1, "repeats": -1, "control": -1}


def words(text):
    return WORD.findall(text.lower())


def half(file):
    return int(hashlib.sha1(file.encode()).hexdigest(), 16) % 2


def labels(lines, truth):
    """For each line the share of its words that are in the truth, in order and each of them once."""
    wanted, starts, at = [], set(), defaultdict(list)
    for line in truth.split("\n"):
        if found := words(line):
            starts.add(len(wanted))
            wanted += found
    used = np.zeros(len(wanted), bool)
    for n in range(len(wanted)):
        at[tuple(wanted[n:n + 3])].append(n)
        at[wanted[n]].append(n)
    shares, places = np.zeros(len(lines)), [None] * len(lines)
    split = [words(line) for line in lines]
    behind = 0
    for n, line in enumerate(split):
        if len(line) < 8:
            continue
        covered, first, k = np.zeros(len(line), bool), None, 0
        while k <= len(line) - 3:
            best = None
            for p in [p for p in at.get(tuple(line[k:k + 3]), ()) if not used[p:p + 3].any()][:20]:
                size = 3
                while k + size < len(line) and p + size < len(wanted) and line[k + size] == wanted[p + size] and not used[p + size]:
                    size += 1
                best = max(best or (0, 0, 0), (size, -abs(p - behind), p))
            if best is None:
                k += 1
                continue
            size, _, p = best
            covered[k:k + size] = True
            used[p:p + size] = True
            behind = p + size
            first = p if first is None else first
            k += size
        shares[n] = covered.mean()
        places[n] = first if shares[n] > 0.5 else None
    for n, line in enumerate(split):
        if not line or len(line) >= 8:
            continue
        before = next((places[k] for k in range(n - 1, max(-1, n - 60), -1) if places[k] is not None), None)
        after = next((places[k] for k in range(n + 1, min(len(split), n + 60)) if places[k] is not None), None)
        key = tuple(line[:3]) if len(line) >= 3 else line[0]
        found = [p for p in at.get(key, ()) if wanted[p:p + len(line)] == line and not used[p:p + len(line)].any()]
        if before is not None:
            found = [p for p in found if before <= p <= max(before + 300, after or 0)]
        elif after is not None:
            found = [p for p in found if p <= after]
        if len(line) < 3:
            found = [p for p in found if p in starts]
        if found:
            places[n] = found[0]
            used[found[0]:found[0] + len(line)] = True
            shares[n] = 1
    return shares


def load(program, truth, pages, folder):
    rows = [json.loads(line) for line in open(truth, encoding="utf-8")]
    paths = {}
    for row in rows:
        path = pages / row["set"] / (row["file"] + ".html")
        if not path.exists():
            copy = pathlib.Path(folder) / f"{row['set']}_{row['file']}.html"
            copy.write_bytes(gzip.open(str(path) + ".gz").read())
            path = copy
        paths[str(path)] = row
    lines = subprocess.run([program, *paths], stdout=subprocess.PIPE, check=True, text=True, encoding="utf-8").stdout.rstrip("\n").split("\n")
    names, loaded = json.loads(lines[0]), []
    for line in lines[1:]:
        page = json.loads(line)
        row = paths[page["source"]]
        may = [l for l in page["lines"] if l[1]]
        if not may or not row["truth"].strip():
            continue
        loaded.append(dict(set=row["set"], kind=row.get("type") or row["set"], half=half(row["file"]), words=np.array([len(words(l[0])) for l in may]),
                           x=np.array([l[2] for l in may], np.float32), y=labels([l[0] for l in may], row["truth"]), wanted=max(1, len(words(row["truth"])))))
    return names, loaded


def train(names, pages, options):
    weight = np.concatenate([(p["words"] + 3.0) / (p["words"] + 3.0).sum() for p in pages]) * 1000
    data = lightgbm.Dataset(np.vstack([p["x"] for p in pages]), (np.concatenate([p["y"] for p in pages]) > 0.5).astype(int), weight=weight)
    parameters = PARAMETERS | dict(num_leaves=options.leaves, monotone_constraints=[SIGNS.get(n, 0) for n in names])
    return lightgbm.train(parameters, data, options.rounds)


def choose(odds, page):
    """As `main_content::main` does."""
    p, weight = 1 / (1 + np.exp(-odds)), page["words"] + 0.5
    order = np.argsort(-p, kind="stable")
    right, kept = np.cumsum((p * weight)[order]), np.cumsum(weight[order])
    keep = np.zeros(len(p), bool)
    keep[order[:(right / (kept + right[-1])).argmax() + 1]] = True
    return keep


def f1(page, keep):
    right = (page["words"] * page["y"] * keep).sum()
    if not right:
        return 0.0
    precision, recall = right / (page["words"] * keep).sum(), min(1, right / page["wanted"])
    return 2 * precision * recall / (precision + recall)


def report(title, pages, odds):
    by_kind = defaultdict(list)
    for page, z in zip(pages, odds):
        score = f1(page, choose(z, page))
        by_kind[page["set"]].append(score)
        if page["kind"] != page["set"]:
            by_kind[page["kind"]].append(score)
    print(title, ", ".join(f"{kind} {np.mean(scores):.3f} ({len(scores)})" for kind, scores in by_kind.items()), flush=True)


def table(model, names, origin):
    rows = [f"# Trees of the html stage's score, by tests/corpus/fit_html.py. {origin}"]
    for tree in model.dump_model()["tree_info"]:
        forks, leaves = [], []

        def walk(node):
            if "leaf_value" in node:
                leaves.append(node["leaf_value"])
                return -len(leaves)
            n = len(forks)
            forks.append(None)
            low, high = walk(node["left_child"]), walk(node["right_child"])
            forks[n] = f"F\t{names[node['split_feature']]}\t{node['threshold']:.6g}\t{low}\t{high}"
            return n
        if walk(tree["tree_structure"]) == 0:
            rows.append("\t".join(forks + [f"L\t{value:.5f}" for value in leaves]))
    return "\n".join(rows) + "\n"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("features")
    ap.add_argument("truth", type=pathlib.Path)
    ap.add_argument("pages", type=pathlib.Path)
    ap.add_argument("--sets", nargs="*", default=["magic_article", "wcxb_dev"])
    ap.add_argument("--write", type=pathlib.Path)
    ap.add_argument("--rounds", type=int, default=150)
    ap.add_argument("--leaves", type=int, default=10)
    ap.add_argument("--no-folds", action="store_true", help="only fit")
    options = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        names, pages = load(options.features, options.truth, options.pages, folder)
    fit = [p for p in pages if p["half"] == 0 and p["set"] in options.sets]
    rest = [p for p in pages if p["half"] == 1 or p["set"] not in options.sets]
    if not options.no_folds:
        fold = np.random.RandomState(0).permutation(len(fit)) % 5
        odds = [None] * len(fit)
        for k in range(5):
            model = train(names, [p for p, f in zip(fit, fold) if f != k], options)
            for n in np.where(fold == k)[0]:
                odds[n] = model.predict(fit[n]["x"], raw_score=True, num_threads=1)
        report("half 0, folds:", fit, odds)
    model = train(names, fit, options)
    report("never seen:", rest, [model.predict(p["x"], raw_score=True, num_threads=1) for p in rest])
    if options.write:
        origin = (f"Fitted on {len(fit)} pages of {' and '.join(options.sets)} (half 0 by the SHA-1 of the file's name), "
                  f"{options.rounds} trees of at most {options.leaves} leaves, LightGBM {lightgbm.__version__}.")
        options.write.write_text(table(model, names, origin), encoding="utf-8")


if __name__ == "__main__":
    main()
