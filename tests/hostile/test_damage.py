"""Captures that ship with the project, damaged: judged all the same, or refused in a sentence."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capfpcap.analysis import Analysis, CaptureInput, analyze
from capfpcap.capture.columns import CaptureError
from capfpcap.cli import run
from capfpcap.formats import FORMATS, flow_table, render
from capfpcap.formats.page import Page
from capfpcap.formats.schema import report_schema
from capfpcap.formats.timeline import json_pieces, text_lines
from tests.differential.captures import (
    name_of,
    other_captures,
    shipped_captures,
)

SIZES = range(1000, 60_000)
"""Octets of the captures that are damaged: the smaller, the more examples in the same time."""
EXAMPLES = 200


@cache
def originals() -> tuple[bytes, ...]:
    """The shipped captures, one of each scenario, as they lie on disk without gzip."""
    folders = {path.parent: path for path in shipped_captures()}
    return tuple(filter(lambda data: len(data) in SIZES, map(_octets, folders.values())))


def _octets(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(report_schema()))


def judge(*captures: bytes) -> Analysis | None:
    """Analyse the captures and write all there is to write of them."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.pcap") for number in range(len(captures))]
        for path, data in zip(paths, captures, strict=True):
            path.write_bytes(data)
        try:
            analysis = analyze([CaptureInput((str(path),)) for path in paths])
        except CaptureError as error:
            assert "\n" not in str(error)
            return None
    _check_outputs(analysis)
    return analysis


def _check_outputs(analysis: Analysis) -> None:
    report = analysis.report
    assert not [note for note in report.notes if "failed" in note], report.notes
    for name in FORMATS:
        rendered = b"".join(render(report, name, Page()))
        if name == "json":
            validator().validate(json.loads(rendered))
    json.loads(flow_table.render_json(report))
    flow_table.render_table(report, Page())
    json.loads(b"".join(json_pieces(analysis.timeline())))
    b"".join(text_lines(analysis.timeline(), Page()))


damaged = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
capture = st.integers(0, len(originals()) - 1).map(lambda number: originals()[number])
places = st.floats(0, 1, exclude_max=True)


@damaged
@given(capture, st.lists(st.tuples(places, st.integers(1, 255)), min_size=1, max_size=40))
def test_octets_that_were_changed_do_no_harm(data: bytes, changes: list[tuple[float, int]]) -> None:
    changed = bytearray(data)
    for place, change in changes:
        changed[24 + int(place * (len(data) - 24))] ^= change
    judge(bytes(changed))


@damaged
@given(capture, st.floats(0, 1), st.floats(0, 1))
def test_a_piece_cut_out_does_no_harm(data: bytes, one: float, other: float) -> None:
    begin, end = sorted((int(one * len(data)), int(other * len(data))))
    judge(data[:begin] + data[end:])


@damaged
@given(capture, capture, places, places, places)
def test_a_piece_of_another_capture_does_no_harm(
    data: bytes, other: bytes, at: float, begin: float, length: float
) -> None:
    place, source = int(at * len(data)), int(begin * len(other))
    piece = other[source : source + int(length * 5000)]
    judge(data[:place] + piece + data[place:])


@damaged
@given(capture, st.binary(max_size=300), places)
def test_octets_written_over_others_do_no_harm(data: bytes, piece: bytes, at: float) -> None:
    place = int(at * len(data))
    judge(data[:place] + piece + data[place + len(piece) :])


def _records(data: bytes) -> list[bytes]:
    """The records of a little-endian pcap file, with their headers."""
    records, at = [], 24
    while at + 16 <= len(data):
        end = at + 16 + int.from_bytes(data[at + 8 : at + 12], "little")
        records.append(data[at:end])
        at = end
    return records


pcap = capture.filter(lambda data: data[:1] in (b"\x4d", b"\xd4"))


@damaged
@given(pcap, st.randoms(use_true_random=False))
def test_packets_in_any_order_do_no_harm(data: bytes, random: Random) -> None:
    records = _records(data)
    random.shuffle(records)
    assert judge(data[:24] + b"".join(records)) is not None


@damaged
@given(pcap, st.data())
def test_packets_of_which_octets_are_changed_behind_their_headers_are_all_read(
    data: bytes, draw: st.DataObject
) -> None:
    records = [bytearray(record) for record in _records(data)]
    whole = len(records)
    for number, place, change in draw.draw(
        st.lists(
            st.tuples(st.integers(0, whole - 1), places, st.integers(0, 255)),
            min_size=1,
            max_size=60,
        )
    ):
        record = records[number]
        record[16 + int(place * (len(record) - 16))] = change
    analysis = judge(data[:24] + b"".join(records))
    assert analysis is not None
    assert analysis.report.captures[0].packets >= whole - 1


@damaged
@given(pcap, st.lists(st.tuples(places, st.integers(1, 20)), max_size=20))
def test_two_captures_of_which_one_lacks_packets_do_no_harm(
    data: bytes, gaps: list[tuple[float, int]]
) -> None:
    records = _records(data)
    for place, count in gaps:
        begin = int(place * len(records))
        del records[begin : begin + count]
    judge(data, data[:24] + b"".join(records))


@pytest.mark.parametrize("path", [*shipped_captures(), *other_captures()], ids=name_of)
def test_every_capture_is_judged_or_refused_with_a_sentence(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(path)]) in (0, 1, 2, 3)
    out, err = capfd.readouterr()
    assert "the program itself failed" not in out + err
    assert bool(out) != bool(err)
    assert len(err.splitlines()) <= 1
    assert run(["timeline", str(path)]) in (0, 3)
    assert "the program itself failed" not in "".join(capfd.readouterr())
