"""Captures that Wireshark's own tools make, odd ones among them: every packet is counted."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import CaptureFile
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture

from .captures import SHIPPED

ENROLMENT = SHIPPED / "itl-mismatch" / "phone.pcap"
OTHERS = [SHIPPED / name / "phone.pcap" for name in ("dns-nxdomain", "certificate-expired")]
RANDOM_TYPES = ("arp", "dns", "eth", "fddi", "icmp", "ip", "ipv6", "llc", "tcp", "udp", "usb-linux")
LINK_TYPES = ("ether", "fddi", "ieee-802-11", "linux-sll", "linux-sll2", "null", "ppp", "rawip")
CHANGES = {
    "nanoseconds": ["-F", "nsecpcap"],
    "pcapng": ["-F", "pcapng"],
    "comments": ["-F", "pcapng", "-a", "3:a word"],
    "before 1970": ["-F", "pcapng", "-t", "-2000000000"],
    "behind 2106": ["-F", "pcapng", "-t", "4000000000"],
    "octets changed": ["-E", "0.02", "--seed", "1"],
    "beginnings cut off": ["-C", "14"],
    "beginnings cut off, lengths too": ["-L", "-C", "18"],
}


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _counted(path: Path) -> int:
    found = re.search(r"Number of packets:\s+(\d+)", _run("capinfos", "-M", "-c", path))
    assert found
    return int(found[1])


def _read(path: Path) -> CaptureFile:
    (file,) = read_capture([str(path)], PortSelection(), AddressTable()).files
    return file


def _assert_all_counted(path: Path) -> None:
    assert _read(path).packets == _counted(path) > 0


@pytest.mark.parametrize("kind", RANDOM_TYPES)
def test_packets_of_random_octets(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "random.pcapng"
    _run("randpkt", "-b", "600", "-c", "300", "-t", kind, path)
    _assert_all_counted(path)


@pytest.mark.parametrize("change", CHANGES)
def test_a_capture_that_was_edited(change: str, tmp_path: Path) -> None:
    path = tmp_path / "edited"
    _run("editcap", *CHANGES[change], ENROLMENT, path)
    _assert_all_counted(path)


@pytest.mark.parametrize("link_type", LINK_TYPES)
def test_a_capture_whose_link_type_lies(link_type: str, tmp_path: Path) -> None:
    path = tmp_path / "lies.pcap"
    _run("editcap", "-F", "pcap", "-T", link_type, ENROLMENT, path)
    _assert_all_counted(path)


@pytest.mark.parametrize("length", [1, 13, 14, 20, 33, 34, 54, 60, 96])
def test_packets_cut_anywhere_are_counted_and_never_called_contradictory(
    length: int, tmp_path: Path
) -> None:
    path = tmp_path / "snapped.pcap"
    _run("editcap", "-F", "pcap", "-s", str(length), ENROLMENT, path)
    _assert_all_counted(path)
    assert not [problem for problem in _read(path).problems if "contradict" in problem.text]


@pytest.mark.parametrize("way", [[], ["-a"], ["-I", "none"], ["-I", "all"]], ids=" ".join)
def test_several_captures_of_different_link_types_in_one(way: list[str], tmp_path: Path) -> None:
    parts = [ENROLMENT, *OTHERS]
    for kind in ("rawip", "linux-sll", "fddi"):
        parts.append(tmp_path / f"{kind}.pcap")
        _run("editcap", "-F", "pcap", "-T", kind, ENROLMENT, parts[-1])
    path = tmp_path / "merged.pcapng"
    _run("mergecap", *way, "-F", "pcapng", "-w", path, *parts)
    _assert_all_counted(path)
    assert _counted(path) == sum(map(_counted, parts))


def test_sections_one_behind_another(tmp_path: Path) -> None:
    parts = [tmp_path / f"{number}.pcapng" for number in range(3)]
    for part, capture in zip(parts, [ENROLMENT, *OTHERS], strict=True):
        _run("editcap", "-F", "pcapng", capture, part)
    path = tmp_path / "sections.pcapng"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert _read(path).packets == sum(map(_counted, parts)) > 0
