"""Text that packets carry stays text: wherever it is shown, it acts on no screen and ends."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from capfpcap.cli import run

from .enrolment import HOSTILE, enrolment

LINE = 80
"""Columns of the text report."""
TABLE_LINE = 400
"""Columns of the table of flows: twelve cells of at most 47."""
STRING = 4000
"""Characters of one string in JSON."""
pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def capture(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A phone's enrolment in which every text is hostile."""
    path = tmp_path / "hostile.pcap"
    path.write_bytes(enrolment(request.param))
    return str(path)


def _shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(list(arguments)) in (0, 1, 2, 3)
    out, err = capsys.readouterr()
    assert err == ""
    assert "itself failed" not in out
    return out


def _assert_inert(text: str) -> None:
    """No character that a screen does not show as itself."""
    acting = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
    assert not {f"U+{ord(c):04X}" for c in acting}


def _columns(line: str) -> int:
    """How wide a line is: combining marks stand over the character before them."""
    return sum(unicodedata.category(character) not in ("Mn", "Me") for character in line)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _strings(key)
            yield from _strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry)


@pytest.mark.parametrize(
    ("command", "longest"),
    [
        ("check", LINE),
        ("timeline", LINE),
        ("ladder", LINE),
        ("flows", TABLE_LINE),
        ("reach", TABLE_LINE),
    ],
)
def test_what_a_person_reads_has_short_lines_of_visible_characters(
    capture: str, command: str, longest: int, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _shown(capsys, command, capture).split("\n")
    assert len(lines) > 3
    for line in lines:
        _assert_inert(line)
        assert _columns(line) <= longest


def test_colours_are_the_only_escapes_on_a_screen(
    capture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("check", "ladder"):
        shown = _shown(capsys, command, capture, "--color", "always")
        assert _COLOUR.search(shown)
        for line in _COLOUR.sub("", shown).split("\n"):
            _assert_inert(line)


@pytest.mark.parametrize("name", ["svg", "mermaid"])
def test_a_drawing_has_visible_characters_and_no_markup_of_packets(
    name: str, capture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in _shown(capsys, "ladder", capture, "--format", name).split("\n"):
        _assert_inert(line)
        assert "<script" not in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--format", "json"),
        ("flows", "--format", "json"),
        ("timeline", "--format", "json"),
        ("ladder", "--format", "json"),
        ("reach", "--format", "json"),
    ],
    ids=["check", "flows", "timeline", "ladder", "reach"],
)
def test_strings_of_a_document_are_short_and_of_visible_characters(
    capture: str, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(_shown(capsys, arguments[0], capture, *arguments[1:]))
    strings = list(_strings(document))
    assert len(strings) > 20
    for string in strings:
        _assert_inert(string)
        assert len(string) <= STRING


def test_every_line_of_json_lines_is_one_object_of_visible_characters(
    capture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _shown(capsys, "check", capture, "--format", "jsonl").removesuffix("\n").split("\n")
    assert len(lines) > 5
    for line in lines:
        for string in _strings(json.loads(line)):
            _assert_inert(string)
            assert len(string) <= STRING


def test_the_hostile_text_is_there_to_be_shown(
    capture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = json.loads(_shown(capsys, "check", capture, "--format", "json"))
    services = {flow["service"] for flow in report["flows"]}
    assert {"dns", "tftp", "http", "capf"} <= services
    assert report["findings"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "--format", "json"),
        ("timeline",),
        ("timeline", "--format", "json"),
        ("ladder", "--flow", "f3"),
        ("ladder", "--flow", "f3", "--format", "json"),
        ("ladder", "--flow", "f3", "--format", "svg"),
    ],
    ids=" ".join,
)
def test_what_is_made_harmless_can_still_be_read(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hostile.pcap"
    path.write_bytes(enrolment(HOSTILE["terminal escapes"]))
    shown = _shown(capsys, arguments[0], str(path), *arguments[1:])
    assert r"\x1b" in shown
    assert "owned" in shown


@pytest.mark.parametrize("name", ["\x1b[31mred.pcap", "\u202egnp.pcap", "line\nbreak.pcap"])
def test_the_name_of_a_file_is_text_too(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(tmp_path / name)]) == 3
    _, err = capsys.readouterr()
    (line,) = err.removesuffix("\n").split("\n")
    _assert_inert(line)
