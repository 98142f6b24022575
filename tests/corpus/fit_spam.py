#!/usr/bin/env python3
"""Fit the weights of the spam stage, or score it: a logistic regression over the features that the program itself measures.

usage: fit_spam.py FEATURES --fit PLANTED.jsonl [--clean FILE ...] [--held PLANTED.jsonl] [--write src/stages/spam/weights.rs] [--ablate]

FEATURES is `target/release/examples/spam_features`. PLANTED is what planted.py wrote (--part fit and --part held); --clean adds lists of clean text, JSON
Lines with text (gather.py, planted.py --clean-only) or plain text of a paragraph a line (.txt, .xz), read 30 lines a document: every block in it is
a list that people wrote. A block is planted when four fifths of it were planted, and clean when less than a fifth was; others are left out.

The loss is the logarithmic one, both classes of equal weight (half of the clean one on our lists, half on the hardest of clean text), with a ridge of 2e-5; the sign of each weight is given (SIGNS), so that no weight means the
opposite of its name, and what the lexicon may add is bounded (MOST). The threshold lies MARGIN above the highest clean block of the fitting data. --ablate switches each feature off, with the other
weights as they are and the threshold where the clean blocks then put it.
Needs numpy.
"""
import argparse, itertools, json, lzma, pathlib, subprocess, sys, threading

import numpy as np

# What a feature may say: + planted, - written by people, 0 either.
SIGNS = {"items": "+", "repeated_items": "+", "cycle": "+", "strange": "+", "foreign_script": "+",
         "foreign_letters": "+", "function": "-", "long": "+", "short": "-", "variation": "-", "in_lines": "-", "marks": "0",
         "behind_sentence": "+", "at_end": "+", "at_start": "+", "introduced": "-", "terms": "+", "commas": "-", "capitals": "-", "letters": "-", "signs": "-",
         "numbered": "-", "unled_long": "+", "unled_endings": "+", "unled_repeated": "+", "strange_terms": "+", "foreign_strange": "+"}
# What the lexicon may add at most.
MOST = {"terms": 4.0, "strange_terms": 3.0}
MARGIN = 0.3
# Blocks of clean text to fit on: the likeliest.
HARD = 4000
RIDGE = 2e-5


def texts(path):
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        if ".jsonl" in path.name:
            for line in lines:
                yield json.loads(line)
            return
        while some := list(itertools.islice(lines, 30)):
            yield {"text": "".join(some)}


def measure(program, records):
    """The names of the features, and [(record number, start, end, sure, features)]; offsets in bytes."""
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:
        def feed():
            with child.stdin as pipe:
                for record in records():
                    pipe.write(json.dumps({"text": record["text"]}, ensure_ascii=False) + "\n")
        writer = threading.Thread(target=feed)
        writer.start()
        names = child.stdout.readline().rstrip("\n").split("\t")[4:]
        rows = []
        for line in child.stdout:
            number, start, end, sure, *values = line.rstrip("\n").split("\t")
            rows.append((int(number), int(start), int(end), sure == "1", [float(v) for v in values]))
        writer.join()
    return names, rows


def labelled(program, path):
    """Features, labels and records of the blocks of planted.py's documents."""
    records = list(texts(path))
    names, rows = measure(program, lambda: records)
    found = []
    for number, start, end, _, values in rows:
        record = records[number]
        bytes_at = lambda at: len(record["text"][:at].encode())
        planted = sum(max(0, min(end, bytes_at(b)) - max(start, bytes_at(a))) for a, b in record["spans"]) / max(1, end - start)
        if planted >= .8 or planted < .2:
            found.append((values, planted >= .8, record, start, end))
    return names, found, records


def fit(x, y, weight, names, steps=4000):
    """Weights and bias, by accelerated projected gradient descent."""
    signs = [SIGNS[name] for name in names]
    low = np.array([-np.inf if s in "-0" else 0.0 for s in signs] + [-np.inf])
    high = np.array([np.inf if s in "+0" else 0.0 for s in signs] + [np.inf])
    for name, most in MOST.items():
        high[names.index(name)] = most
    x = np.hstack([x, np.ones((len(x), 1))])
    rate = 4.0 / (np.linalg.norm(x * np.sqrt(weight)[:, None], 2) ** 2 + RIDGE)
    w = np.zeros(x.shape[1])
    v, t = w.copy(), 1.0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ v, -40, 40)))
        slope = x.T @ (weight * (p - y)) + RIDGE * np.append(v[:-1], 0)
        new = np.clip(v - rate * slope, low, high)
        t2 = (1 + np.sqrt(1 + 4 * t * t)) / 2
        v = new + (t - 1) / t2 * (new - w)
        w, t = new, t2
    return w[:-1], w[-1]


def characters(records, cut):
    """Mean over documents of the share of planted characters inside the spans that are cut."""
    shares, by = [], {}
    for number, record in enumerate(records):
        if record["label"] != "planted":
            continue
        text = record["text"].encode()
        all_of = met = 0
        for a, b in record["spans"]:
            a, b = len(record["text"][:a].encode()), len(record["text"][:b].encode())
            all_of += b - a
            met += sum(max(0, min(b, d) - max(a, c)) for c, d in cut.get(number, []))
        share = met / max(1, all_of)
        shares.append(share)
        for key in (record["vocabulary"], "form " + record["form"], "place " + record["place"], "language " + record["language"]):
            by.setdefault(key, []).append(share)
    return shares, by


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("features")
    arguments.add_argument("--fit", type=pathlib.Path, required=True)
    arguments.add_argument("--clean", type=pathlib.Path, nargs="*", default=[])
    arguments.add_argument("--held", type=pathlib.Path)
    arguments.add_argument("--write", type=pathlib.Path)
    arguments.add_argument("--ablate", action="store_true")
    arguments.add_argument("--show", type=int, default=10)
    given = arguments.parse_args()
    names, found, records = labelled(given.features, given.fit)
    texts_of = [f"{r['id']} {r['vocabulary']}: {r['text'].encode()[start:end][:150].decode('utf-8', 'ignore')}" for _, _, r, start, end in found]
    x = np.array([values for values, *_ in found])
    y = np.array([float(label) for _, label, *_ in found])
    mined, places = [], []
    for path in given.clean:
        _, more = measure(given.features, lambda: texts(path))
        mined += [values for *_, values in more]
        places += [(path, number, start, end) for number, start, end, *_ in more]
    mined = np.array(mined).reshape(-1, x.shape[1])
    print(f"{int(y.sum())} planted blocks, {int((1 - y).sum())} clean ones of our making, {len(mined)} of clean text")

    def solve():
        """Fitted on the blocks of clean text that the last fit thought likeliest to be planted."""
        chosen = np.random.default_rng(0).permutation(len(mined))[:40_000]
        for _ in range(3):
            hard = mined[chosen]
            weight = np.concatenate([np.where(y > 0, .5 / y.sum(), .25 / (1 - y).sum()), np.full(len(hard), .25 / max(1, len(hard)))])
            w, b = fit(np.vstack([x, hard]), np.concatenate([y, np.zeros(len(hard))]), weight, names)
            chosen = np.argsort(-(mined @ w + b))[:HARD]
        z = x @ w + b
        return w, b, z, max(z[y == 0].max(), (mined @ w + b).max(initial=-99)) + MARGIN

    w, b, z, sure = solve()
    for name, value in zip(names, w):
        print(f"  {name:22}{value:8.2f}")
    print(f"  bias {b:.2f}, threshold {sure:.2f}, planted blocks over it {np.mean((z >= sure)[y > 0]):.3f}")
    for at in np.argsort(-np.where(y == 0, z, -99))[:given.show]:
        print(f"  ours {z[at]:6.2f} {texts_of[at]!r}")
        print("       ", " ".join(f"{n}={v:.2f}" for n, v in zip(names, x[at]) if v))
    score_of = mined @ w + b
    top = np.argsort(-score_of)[:given.show]
    wanted = {places[at][:2] for at in top}
    shown = {(path, number): record["text"].encode() for path in given.clean for number, record in enumerate(texts(path)) if (path, number) in wanted}
    for at in top:
        path, number, start, end = places[at]
        print(f"  clean text {score_of[at]:6.2f} {path.name}:{number + 1}: {shown[path, number][start:end][:150].decode('utf-8', 'ignore')!r}")
        print("       ", " ".join(f"{n}={v:.2f}" for n, v in zip(names, mined[at]) if v))
    if given.write:
        text = f"""//! Weights of [`features`](super::features), written by `tests/corpus/fit_spam.py`; do not edit.

use super::features::COUNT;

pub const BIAS: f64 = {b:.3f};

pub const WEIGHTS: [f64; COUNT] = [
""" + "".join(f"    {value:.3f}, // {name}\n" for name, value in zip(names, w + 0.0)) + f"""];

/// The logit from which a block is cut.
pub const SURE: f64 = {sure:.3f};
"""
        given.write.write_text(text)
    if not given.held:
        return
    _, held, records = labelled(given.features, given.held)
    hx = np.array([values for values, *_ in held])
    hy = np.array([label for _, label, *_ in held])
    index = {id(r): n for n, r in enumerate(records)}

    def score(w, b, sure):
        hz = hx @ w + b
        cut, wrong = {}, []
        for (values, label, r, start, end), value in zip(held, hz):
            if value >= sure:
                if label:
                    cut.setdefault(index[id(r)], []).append((start, end))
                else:
                    wrong.append((value, f"{r['vocabulary']}: {r['text'].encode()[start:end][:120].decode('utf-8', 'ignore')}"))
        shares, by = characters(records, cut)
        return np.mean(shares), wrong, by

    mean, wrong, by = score(w, b, sure)
    print(f"held: {mean:.4f} of planted characters cut, mean of documents; clean blocks cut {len(wrong)} of {int((~hy).sum())}")
    for value, text in sorted(wrong)[-given.show:]:
        print(f"  wrong {value:.2f} {text!r}")
    for key, shares in sorted(by.items()):
        print(f"  {key:28}{len(shares):6}{np.mean(shares):8.3f}")
    if given.ablate:
        print("| without | threshold | held: planted characters cut | clean blocks cut |\n|---|---|---|---|")
        for name in names:
            off = np.where(np.array(names) == name, 0, w)
            highest = max((x @ off + b)[y == 0].max(), (mined @ off + b).max(initial=-99)) + MARGIN
            amean, awrong, _ = score(off, b, highest)
            print(f"| {name} | {highest:.2f} | {100 * amean:.1f} % | {len(awrong)} |")


if __name__ == "__main__":
    main()
