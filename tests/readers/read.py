#!/usr/bin/env python3
"""Reads the output of clean with the readers of others, as it is.

    python3 -m venv venv && venv/bin/pip install datatrove orjson jsonschema duckdb msgspec smart-open
    venv/bin/pip install --no-deps dolma
    venv/bin/python tests/readers/read.py target/release/clean fixtures/documents

What is not installed is named and left out. Ends with 1 when a reader finds something else than what was written.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

CLEAN, PATH = sys.argv[1:3]
HERE = pathlib.Path(__file__).resolve().parent


def by_datatrove(folder, records):
    from datatrove.pipeline.readers import JsonlReader

    found = list(JsonlReader(str(folder), glob_pattern="*.jsonl.gz").run())
    assert [(d.id, d.text) for d in found] == [(r["id"], r["text"]) for r in records]
    assert all(d.metadata.get("language") == r["metadata"].get("language") for d, r in zip(found, records))
    assert all(d.metadata["clean"]["signals"] == r["clean"]["signals"] for d, r in zip(found, records))


def by_dolma(folder, records):
    import gzip

    import msgspec
    from dolma.core.data_types import InputSpecWithMetadata

    decoder = msgspec.json.Decoder(InputSpecWithMetadata)
    with gzip.open(folder / "out.jsonl.gz") as lines:
        found = [decoder.decode(line) for line in lines]
    assert [(d.id, d.text, d.source) for d in found] == [(r["id"], r["text"], r["source"]) for r in records]
    assert all(d.metadata == r["metadata"] for d, r in zip(found, records))


def by_duckdb(folder, records):
    import duckdb

    rows = duckdb.sql(f"select id, length(text), clean.signals.han_share from '{folder}/out.jsonl.gz'").fetchall()
    assert rows == [(r["id"], len(r["text"]), r["clean"]["signals"].get("han_share")) for r in records]


def by_jsonschema(folder, records):
    import jsonschema

    schema = json.loads((HERE / "../../docs/record.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for record in records:
        jsonschema.validate(record, schema, cls=jsonschema.Draft202012Validator)


def by_datasets(folder, records):
    import datasets

    found = datasets.load_dataset("json", data_files=str(folder / "out.jsonl.gz"), split="train", cache_dir=str(folder))
    assert [d["text"] for d in found] == [r["text"] for r in records]


def main():
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run = [CLEAN, PATH, "-q", "--glob", "raw.*", "--edits", "-o"]
        for out in ["out.jsonl.gz", "plain.jsonl"]:
            subprocess.run([*run, str(folder / out), "--rejected", str(folder / f"{out}.rejected")], check=True)
        # Lines end at "\n" and nowhere else.
        lines = (folder / "plain.jsonl").read_text().split("\n")
        records = [json.loads(line) for line in lines if line]
        for reader in [by_datatrove, by_dolma, by_duckdb, by_jsonschema, by_datasets]:
            try:
                reader(folder, records)
                print(f"{reader.__name__}: {len(records)} records")
            except ImportError as error:
                print(f"{reader.__name__}: left out, {error}")
            except Exception as error:  # noqa: BLE001
                failed = True
                print(f"{reader.__name__}: FAILED, {type(error).__name__}: {error}")
    sys.exit(failed)


main()
