#!/usr/bin/env python3
"""Write what the fuzz targets begin with to fuzz/corpus: the fixtures, and for `decode`, `jsonl` and `warc` the same texts encoded, as records and as archives."""
import json, pathlib

HERE = pathlib.Path(__file__).resolve().parent
ENCODINGS = ("utf-8", "utf-16-le", "utf-16", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1251", "koi8_r", "iso2022_jp", "hz")
LONGEST = 4096  # bytes: longer ones make the fuzzer slow


def write(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data[:LONGEST])


def archived(kind, header, body):
    block = header + body
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://example.org/\r\nContent-Length: {len(block)}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


for path in sorted((HERE.parent / "fixtures").rglob("*")) + sorted((HERE.parent / "tests" / "pages").glob("*.html")):
    if not path.is_file():
        continue
    data, name = path.read_bytes(), "-".join(path.relative_to(HERE.parent).parts)
    text = data.decode("utf-8", "replace")[:1000]
    is_page = path.suffix == ".html"
    for target in ("chain", "html") if is_page else ("chain", "mojibake", "front_matter"):
        write(target, name, (b"\2" if is_page else b"\0") + data if target == "chain" else data)
    for encoding in ENCODINGS:
        try:
            write("decode", f"{name}.{encoding}", text.encode(encoding))
        except UnicodeEncodeError:
            pass
    for ascii in (False, True):
        record = json.dumps({"id": 7, "text": text, "url": "https://example.org/", "meta": {"a": [1e5, None]}}, ensure_ascii=ascii)
        write("jsonl", f"{name}.{ascii}", record.encode())
    write("warc", name + ".response", archived("response", b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", text.encode()))
    write("warc", name + ".conversion", archived("warcinfo", b"", b"a: b\r\n") + archived("conversion", b"", text.encode()))
