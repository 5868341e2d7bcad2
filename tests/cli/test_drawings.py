"""``ladder`` and ``plot`` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capfpcap.cli import pictures, run

from .conftest import Program


def test_a_ladder_is_written_to_standard_output(capfpcap: Program, failing: Path) -> None:
    result = capfpcap("ladder", failing)
    assert result.returncode == 0
    assert "alert, fatal unknown_ca" in result.stdout.decode()
    assert result.stderr == b""


def test_a_ladder_is_that_of_the_phone_or_flow_that_is_named(
    capfpcap: Program, failing: Path
) -> None:
    of_flow = json.loads(capfpcap("ladder", failing, "--flow", "f5", "--format", "json").stdout)
    assert [flow["id"] for flow in of_flow["flows"]] == ["f5"]
    unknown = capfpcap("ladder", failing, "--phone", "SEP000000000000")
    assert unknown.returncode == 3
    assert unknown.stderr.startswith(b"capfpcap: the captures show no phone SEP000000000000; ")


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("ladder", "png"), ("timeline", "svg"), ("path", "pdf"), ("storm", "png")],
)
def test_a_picture_appears_in_the_format_that_its_name_says(
    kind: str, suffix: str, failing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"picture.{suffix}"
    assert run(["plot", kind, str(failing), "-o", str(target)]) == 0
    signature = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    assert target.read_bytes().startswith(signature)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("target", [[], ["-o", "picture.gif"], ["-o", "picture"]])
def test_a_picture_needs_a_name_that_says_its_format(
    target: list[str], capfpcap: Program, failing: Path
) -> None:
    result = capfpcap("plot", "ladder", failing, *target)
    assert result.returncode == 3
    assert b"name a file that ends with .png, .svg or .pdf: -o FILE" in result.stderr


def test_the_format_png_of_a_ladder_is_a_picture(
    failing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "ladder.png"
    assert run(["ladder", str(failing), "--format", "png", "-o", str(target)]) == 0
    assert target.read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("command", [["plot", "storm"], ["ladder", "--format", "png"]])
def test_without_the_library_one_sentence_says_how_to_get_it(
    command: list[str],
    failing: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda _: None)
    target = tmp_path / "picture.png"
    assert run([*command, str(failing), "-o", str(target)]) == 3
    sentence = "capfpcap: pictures cannot be drawn here: pip install 'capfpcap[plot]'\n"
    assert capsys.readouterr() == ("", sentence)
    assert not target.exists()


def test_a_capture_without_a_phone_is_a_sentence(
    empty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("ladder", "timeline", "path", "storm"):
        assert run(["plot", kind, str(empty), "-o", str(tmp_path / "x.png")]) == 3
        assert capsys.readouterr().err == "capfpcap: the captures show no phone\n"


@pytest.mark.parametrize("of", ["ladder", "check", "reach"])
def test_the_schema_of_each_document_is_printed(of: str, capfpcap: Program) -> None:
    assert json.loads(capfpcap("schema", of).stdout)["$schema"]
