"""Reads reports back: CSV by Python's csv, HAR by haralyzer, JUnit by its schema and junitparser, lines by jsonschema."""

import csv
import json
import sys
from decimal import Decimal
from pathlib import Path

import junitparser
import xmlschema
from haralyzer import HarParser
from jsonschema import Draft202012Validator


def check_tables(name, document, text, tabs):
    with open(text, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True, **({"delimiter": "\t", "quoting": csv.QUOTE_NONE} if tabs else {}))
        rows = list(reader)
    hooks = document["hooks"]
    assert len(rows) == len(hooks), f"{name}: {len(rows)} rows, {len(hooks)} hooks"
    for row, hook in zip(rows, hooks):
        assert None not in row and None not in row.values(), f"{name}: a row of another length"
        assert row["hookscope.id"] == hook["id"], name
        assert row["frame.number"] == str(hook["frame"]), name
        assert row["hookscope.outcome"] == hook["outcome"], name
        assert row["http.response.code"] == str(hook.get("status", "")), name
        if "latency" in hook:
            assert Decimal(row["hookscope.latency"]) == Decimal(repr(hook["latency"])), name
        if not tabs:
            assert not any(cell[:1] in "=+-@\t\r" and not is_number(cell) for cell in row.values() if cell), name


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def check_archive(name, document, path):
    archive = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
    for entry in archive["log"]["entries"]:
        known = [part for part in entry["timings"].values() if part != -1]
        assert all(part >= 0 for part in known), name
        assert sum(known) == entry["time"], f"{name}: {known} is not {entry['time']}"
    parser = HarParser(json.loads(path.read_text(encoding="utf-8")))
    assert len(parser.pages) == len(document["sessions"]) + any("session" not in hook for hook in document["hooks"]), name
    entries = [entry for page in parser.pages for entry in page.entries]
    assert len(entries) == len(document["hooks"]), name
    for entry in entries:
        hook = next(hook for hook in document["hooks"] if hook["id"] == entry.raw_entry["_wcs"]["hook"])
        assert entry.status == hook.get("status", 0), name
        assert entry.request.method == "POST" and entry.request.url.startswith("http"), name
        assert entry.startTime is not None and entry.response.mimeType is not None, name


def check_tests(name, path, schema):
    schema.validate(str(path))
    for suite in junitparser.JUnitXml.fromfile(str(path)):
        told = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        assert told == (suite.tests, suite.failures, suite.errors, suite.skipped) and suite.tests > 0, name


def check_lines(name, document, path, validator):
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    for line in lines:
        validator.validate(line)
    assert lines[-1]["type"] == "summary" and lines[-1]["lines"] == len(lines), name
    assert [line["id"] for line in lines if line["type"] == "hook"] == [hook["id"] for hook in document["hooks"]], name


def main(folder, lines_schema, tests_schema):
    validator = Draft202012Validator(json.loads(Path(lines_schema).read_text()))
    schema = xmlschema.XMLSchema(tests_schema)
    reports = sorted(Path(folder).glob("*.json"))
    for report in reports:
        name, document = report.stem, json.loads(report.read_text(encoding="utf-8"))
        check_tables(name, document, report.with_suffix(".csv"), False)
        check_tables(name, document, report.with_suffix(".tsv"), True)
        check_archive(name, document, report.with_suffix(".har"))
        check_tests(name, report.with_suffix(".junit"), schema)
        check_lines(name, document, report.with_suffix(".ndjson"), validator)
    assert len(reports) > 200, f"only {len(reports)} reports"
    print(f"{len(reports)} reports: csv, tsv, har, junit and ndjson are read back by Python's tools")


main(*sys.argv[1:])
