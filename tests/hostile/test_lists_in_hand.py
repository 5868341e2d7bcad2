"""Text in lists that are given stays text, whatever it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capfpcap.cli import run
from tests.dissectors.builders import SIGNER, field, record, signed

from .enrolment import HOSTILE
from .test_packet_text import LINE, STRING, _assert_inert, _columns, _strings


def a_list(function: int, name: str) -> bytes:
    """A list with a record that a hostile owner has, by a hostile signer."""
    written = name.encode("utf-8", "surrogatepass")
    fields = [field(tag, b"CN=" + written + b"\0") for tag in (2, 3, 5)]
    one = record(*fields, field(4, function.to_bytes(2, "big")), field(6, name[:9].encode("utf-7")))
    return signed(one, SIGNER, file_name=name.encode("utf-8", "replace").decode()[:200])


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def lists(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Two lists in bytes, and what ``show itl`` may print of such."""
    paths = [tmp_path / "one.tlv", tmp_path / "other.tlv", tmp_path / "show.txt"]
    paths[0].write_bytes(a_list(4, request.param))
    paths[1].write_bytes(a_list(4, request.param + "2"))
    printed = f"ITL Record #:1\n3 SUBJECTNAME 900 CN={request.param}\n4 FUNCTION 2 CAPF\n"
    paths[2].write_bytes(printed.encode("utf-8", "surrogatepass"))
    return [str(path) for path in paths]


def _shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(list(arguments)) in (0, 1, 2, 3)
    out, err = capsys.readouterr()
    assert "itself failed" not in err
    for line in err.splitlines():
        _assert_inert(line)
    return out


def test_what_a_person_reads_has_visible_characters(
    lists: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one, other, shown = lists
    for arguments, longest in (
        (("itl", "--summary", *lists), LINE),
        (("itl", *lists), STRING),
        (("itl", "diff", one, other), LINE),
        (("itl", "diff", one, shown), LINE),
        (("check", "--itl", one, "--itl", other, "--show-itl", shown), LINE),
        (("itl", "--summary", "--extract", str(tmp_path / "folder"), *lists), LINE),
    ):
        out = _shown(capsys, *arguments)
        assert out.count("\n") > 3
        for line in out.split("\n"):
            _assert_inert(line)
            assert _columns(line) <= longest


def test_documents_have_short_strings_of_visible_characters(
    lists: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, shown = lists
    for arguments in (
        ("itl", "--format", "json", *lists),
        ("itl", "diff", "--format", "json", one, other),
        ("check", "--format", "json", "--itl", one, "--itl", other, "--show-itl", shown),
    ):
        for string in _strings(json.loads(_shown(capsys, *arguments))):
            _assert_inert(string)
            assert len(string) <= STRING
