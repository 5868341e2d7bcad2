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


def test_a_folder_without_captures_and_a_pattern_without_files_are_said_to_be_so(
    capfpcap: Program, tmp_path: Path
) -> None:
    empty = capfpcap("check", tmp_path)
    assert empty.returncode == 3
    assert b"is a folder without a capture file" in empty.stderr
    unmatched = capfpcap("check", tmp_path / "*.pcap")
    assert unmatched.returncode == 3
    assert b"no file matches" in unmatched.stderr


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
