#!/usr/bin/env python3
"""Score `clean` on the files that other detectors of encodings are tested with.

usage: detectors.py CLEAN [--work DIR]

Fetches the sources of chardet 5.2.0 and cchardet 2.1.7 (pip download) and uchardet (apt-get source, from a machine whose sources name deb-src), which hold a file
for each encoding and language. A file is right if its text is what the encoding that its name or folder gives makes of it: that of
`--encoding NAME!`, or of Python for Unicode, ISO-2022-KR and Johab, without a byte order mark and with either kind of line end. Encodings that `clean` does not know (EUC-TW,
VISCII) are counted apart: they should be named or at least not be read. Each wrong file is printed. Nothing of it belongs into the repository.
"""
import argparse, collections, json, pathlib, re, subprocess, tarfile, tempfile

UNKNOWN = {"euc-tw", "viscii"}
PYTHON = {"johab", "utf-8", "utf-16", "utf-16be", "utf-16le", "utf-32", "utf-32be", "utf-32le", "iso-2022-kr", "ascii"}
LABELS = {
    "cp932": "shift_jis", "cp949": "euc-kr", "uhc": "euc-kr", "tis-620": "windows-874", "iso-8859-11": "windows-874", "maccyrillic": "x-mac-cyrillic",
    "mac-cyrillic": "x-mac-cyrillic", "macroman": "macintosh", "mac-centraleurope": "x-mac-ce", "maccentraleurope": "x-mac-ce", "utf-8-sig": "utf-8", "gb2312": "gb18030",
}


def fetch(work):
    work.mkdir(parents=True, exist_ok=True)
    for package in ("chardet==5.2.0", "cchardet==2.1.7"):
        subprocess.run(["pip", "download", "-q", "--no-deps", "--no-binary", ":all:", package], cwd=work, check=True)
    if subprocess.run(["apt-get", "source", "-qq", "--download-only", "uchardet"], cwd=work).returncode:
        print("uchardet is not counted: apt-get has no sources of it")
    for archive in work.glob("*.tar.?z"):
        if ".debian." not in archive.name:
            tarfile.open(archive).extractall(work, filter="data")


def files(work):
    """Collection, name of the encoding, path."""
    for path in sorted(work.glob("chardet-*/tests/*/*")):
        name = path.parent.name.lower()
        name = name if name == "utf-8-sig" else re.sub(r"^((?:iso-8859|windows)-\d+).*", r"\1", name)
        yield "chardet", name, path
    for collection, pattern in (("cchardet", "cchardet-*/src/tests/testdata/*/*"), ("uchardet", "uchardet-*/test/*/*")):
        for path in sorted(work.glob(pattern)):
            name = path.stem.lower()
            if path.suffix in (".be", ".le") and name.startswith("utf-"):
                name += path.suffix[1:]
            yield collection, name, path


def run(clean, names, *options):
    """The records by path; what was set aside is missing."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out.jsonl")
        said = subprocess.run([clean, "-q", "--only", "none", *options, *names, "-o", out], capture_output=True, text=True)
        assert said.returncode in (0, 1, 2), said.stderr
        return {str(pathlib.Path(record["id"])): record for record in map(json.loads, out.open(encoding="utf-8"))} if out.exists() else {}


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("clean")
    args.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir(), "detectors"))
    args = args.parse_args()
    if not any(args.work.glob("chardet-*/tests")):
        fetch(args.work)
    counts = collections.defaultdict(collections.Counter)
    for collection, name, path in files(args.work):
        label = LABELS.get(name, name)
        with tempfile.TemporaryDirectory() as folder:
            plain = pathlib.Path(folder, "file.txt")
            plain.write_bytes(path.read_bytes())
            found = list(run(args.clean, [plain]).values())
            if label in UNKNOWN:
                counts[collection]["unknown, read" if found else "unknown, set aside"] += 1
                continue
            if label in PYTHON:
                truth = path.read_bytes().decode(label, "replace")
            else:
                truth = [record["text"] for record in run(args.clean, [plain], "--encoding", label + "!").values()][0]
        same = lambda text: text.removeprefix("\ufeff").replace("\r\n", "\n")
        right = bool(found) and same(found[0]["text"]) == same(truth)
        counts[collection]["right" if right else "wrong"] += 1
        if not right:
            said = found[0]["metadata"] if found else "set aside"
            print(f"wrong: {path.relative_to(args.work)}: {json.dumps(said, ensure_ascii=False)[:200]}")
    for collection, of in counts.items():
        share = 100 * of["right"] / (of["right"] + of["wrong"])
        print(f"{collection:10} {of['right']} of {of['right'] + of['wrong']} right ({share:.1f} %)", *(f"; {kind}: {n}" for kind, n in of.items() if "unknown" in kind))


if __name__ == "__main__":
    main()
