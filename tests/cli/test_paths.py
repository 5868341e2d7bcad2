"""A folder and a pattern stand for the captures in them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import CAPTURES, Program

MISMATCH = CAPTURES / "itl-mismatch"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, stem in enumerate(("phone", "publisher")):
        shutil.copy(MISMATCH / f"{stem}.pcap", tmp_path / f"{stem}.pcap{number or ''}")
    (tmp_path / "notes.txt").write_text("not a capture")
    return tmp_path


def captures_in(capfpcap: Program, *arguments: str | Path) -> list[str]:
    result = capfpcap("check", "--format", "json", *arguments)
    return [Path(item["path"]).name for item in json.loads(result.stdout)["captures"]]


def test_a_folder_stands_for_its_captures_and_for_nothing_else(
    capfpcap: Program, folder: Path
) -> None:
    assert captures_in(capfpcap, folder) == ["phone.pcap", "publisher.pcap1"]


def test_a_pattern_that_the_shell_left_alone_stands_for_its_files(
    capfpcap: Program, folder: Path
) -> None:
    assert captures_in(capfpcap, folder / "pub*") == ["publisher.pcap1"]


def test_a_folder_given_a_role_is_one_ring_buffer(capfpcap: Program, folder: Path) -> None:
    (folder / "publisher.pcap1").unlink()
    assert captures_in(capfpcap, "--phone", folder) == ["phone.pcap"]


@pytest.mark.parametrize("command", ["check", "flows", "timeline", "reach"])
@pytest.mark.parametrize(
    ("nothing", "why"),
    [("none", b"none is a folder without a capture file"), ("*.cap", b"*.cap cannot be read: ")],
)
def test_what_stands_for_no_capture_is_named_and_the_rest_goes_on(
    capfpcap: Program, folder: Path, command: str, nothing: str, why: bytes
) -> None:
    (folder / "none").mkdir()
    alone = capfpcap(command, nothing)
    assert alone.returncode == 3
    assert alone.stderr.startswith(b"capfpcap: " + why)
    assert alone.stdout == b""
    beside = capfpcap(command, nothing, folder / "phone.pcap")
    assert why in beside.stdout + beside.stderr
    assert b"10.122.138.102" in beside.stdout
    assert beside.returncode == (2 if command == "check" else 3)


def test_a_folder_without_captures_that_was_given_a_role_leaves_the_role_s_other_files(
    capfpcap: Program, folder: Path
) -> None:
    (folder / "none").mkdir()
    result = capfpcap("check", "--format=json", "--phone", "none", "--phone", folder / "phone.pcap")
    report = json.loads(result.stdout)
    assert [item["path"] for item in report["captures"]] == [str(folder / "phone.pcap"), "none"]
    assert report["notes"] == ["none is a folder without a capture file"]


def test_a_name_that_the_system_refuses_to_look_up_is_named_and_the_rest_goes_on(
    capfpcap: Program, folder: Path
) -> None:
    name = "a" * 300 + ".pcap"
    result = capfpcap("check", "--format", "json", name, folder / "phone.pcap")
    assert result.returncode == 2
    assert json.loads(result.stdout)["notes"] == [f"{name} cannot be read: File name too long"]


def test_an_output_whose_name_the_system_refuses_is_named(capfpcap: Program, folder: Path) -> None:
    result = capfpcap("check", "-o", "b" * 300, folder / "phone.pcap")
    assert result.returncode == 3
    assert result.stderr.endswith(b"File name too long\n")
