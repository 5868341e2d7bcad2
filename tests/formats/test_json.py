"""The JSON renderings keep the contract."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import jsonschema
import msgspec
import pytest

from capfpcap.formats import flow_table, render
from capfpcap.formats.page import Page
from capfpcap.formats.schema import reach_schema, report_schema
from capfpcap.report import Report

from . import samples


def test_the_document_fits_the_schema_and_reads_back_as_the_same_report() -> None:
    document = b"".join(render(samples.report(), "json", Page()))
    jsonschema.validate(json.loads(document), json.loads(report_schema()))
    assert b"".join(render(msgspec.json.decode(document, type=Report), "json", Page())) == document


def test_the_schema_is_a_schema_and_lets_a_reader_meet_unknown_fields() -> None:
    schema = json.loads(report_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(b"".join(render(samples.report(), "json", Page())))
    document["phones"][0]["of_a_later_version"] = 1
    jsonschema.validate(document, schema)


@pytest.mark.parametrize("schema", [report_schema, reach_schema])
def test_a_schema_requires_every_key(schema: Callable[[], bytes]) -> None:
    for name, definition in json.loads(schema())["$defs"].items():
        assert set(definition.get("required", [])) == set(definition.get("properties", [])), name


def test_the_schema_says_what_fields_mean() -> None:
    evidence = json.loads(report_schema())["$defs"]["Evidence"]
    assert evidence["properties"]["frame"]["description"].startswith("From 1, in that capture")
    assert evidence["properties"]["capture"]["description"].startswith("Capture.id; null")


def test_json_lines_begin_with_the_verdict_and_end_with_their_number() -> None:
    report = samples.report(notes=("a remark",))
    lines = [json.loads(line) for line in b"".join(render(report, "jsonl", Page())).splitlines()]
    assert lines[0]["type"] == "verdict"
    assert lines[0]["severity"] == "critical"
    assert lines[0]["schema_version"] == report.schema_version
    assert lines[-1] == {"type": "end", "lines": len(lines) - 1}
    assert Counter(line["type"] for line in lines) == {
        "verdict": 1,
        "capture": 2,
        "phone": 2,
        "finding": 3,
        "flow": 3,
        "note": 1,
        "end": 1,
    }


def test_a_json_line_has_the_fields_of_the_document() -> None:
    document = json.loads(b"".join(render(samples.report(), "json", Page())))
    lines = [
        json.loads(line)
        for line in b"".join(render(samples.report(), "jsonl", Page())).splitlines()
    ]
    findings = [line for line in lines if line.pop("type") == "finding"]
    assert findings == document["findings"]


def test_the_flows_in_json_are_those_of_the_report() -> None:
    document = json.loads(flow_table.render_json(samples.report()))
    report = json.loads(b"".join(render(samples.report(), "json", Page())))
    assert document == {key: report[key] for key in ("schema_version", "captures", "flows")}
