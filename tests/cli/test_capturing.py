"""What docs/capturing.md advises: each command is run, each filter and each loss is tried."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.vantage.records import Packet, read, write

from .conftest import CAPTURES, Program

DOCUMENT = Path(__file__).parents[2] / "docs" / "capturing.md"
MISMATCH = CAPTURES / "itl-mismatch"
PHONE = MISMATCH / "phone.pcap"
BIN = Path(sys.executable).parent
SECOND = 1_000_000_000

COMMANDS = [
    line.strip()
    for block in re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
RECORDING = [line for line in COMMANDS if re.match(r"(ssh|tcpdump|dumpcap) ", line)]
JUDGING = [line for line in COMMANDS if line.startswith("capfpcap ")]
FILTERS = sorted({found for line in RECORDING for found in re.findall(r"'([^']+)'", line)})

PATIENCE_S = 30

REPLAY = """
import socket, struct, sys
data = open(sys.argv[1], "rb").read()
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("eth1", 0))
at = 24
while at < len(data):
    length = struct.unpack_from("<I", data, at + 8)[0]
    wire.send(data[at + 16 : at + 16 + length])
    at += 16 + length
"""
"""Sends every frame of a capture from the other end of the recorder's line."""

SCENE = """
set -e
ip link add eth0 type veth peer name eth1
ip link set eth0 up
ip link set eth1 up
{recorder} &
recording=$!
sleep 1.5
{python} replay.py {capture}
sleep 0.7
kill -INT $recording
wait $recording || true
"""
"""A network of its own, in which a recorder of the document hears what a phone did."""


def test_every_command_of_the_document_is_known_here() -> None:
    assert sorted(RECORDING + JUDGING) == sorted(COMMANDS)
    assert len(RECORDING) == 8
    assert len(JUDGING) == 5
    assert len(FILTERS) == 5


def test_what_cannot_be_run_here_names_its_document() -> None:
    text = DOCUMENT.read_text()
    blocks = re.findall(r"([^`]*)```(cucm|ios)\n", text)
    assert len(blocks) == 4
    for before, _ in blocks:
        assert re.search(r"document \d{6}|source: Cisco's", " ".join(before.split())[-600:])


def recorded(command: str, folder: Path, capture: Path = PHONE) -> None:
    """Run a recording command of the document while the frames of a capture pass its interface."""
    (folder / "replay.py").write_text(REPLAY)
    ring = folder / "ring"
    ring.mkdir(exist_ok=True)
    (folder / "ssh").write_text('#!/bin/sh\nexec sh -c "exec $2"\n')
    (folder / "ssh").chmod(0o755)
    recorder = command.replace("/var/capture", str(ring)).replace("ssh root", "./ssh root")
    isolated = ["unshare", "--net"]
    if os.geteuid() != 0:
        isolated = ["unshare", "--user", "--map-root-user", "--net"]
        recorder = recorder.replace("tcpdump ", "tcpdump -Z root ")
    folder.chmod(0o777)
    ring.chmod(0o777)
    script = SCENE.format(recorder=recorder, python=sys.executable, capture=capture)
    env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    subprocess.run(
        [*isolated, "sh", "-c", script],
        cwd=folder,
        env=env,
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )


def report(*files: Path) -> Any:
    command = [sys.executable, "-m", "capfpcap", "check", "--format", "json", *map(str, files)]
    return json.loads(subprocess.run(command, capture_output=True, check=False).stdout)


def causes(of: Any) -> list[tuple[str, str | None]]:
    return [(phone["name"], phone["root_cause"]) for phone in of["phones"]]


@pytest.mark.parametrize("command", RECORDING)
def test_a_recording_command_holds_what_the_verdict_needs(command: str, tmp_path: Path) -> None:
    recorded(command, tmp_path)
    files = [*tmp_path.glob("*.pcap*"), *(tmp_path / "ring").iterdir()]
    assert files
    assert causes(report(*files)) == [("SEP0008301CE5D2", "itl-capf-mismatch")]


def filtered(expression: str, capture: Path, folder: Path) -> Path:
    target = folder / "filtered.pcap"
    command = ["tcpdump", "-r", str(capture), "-w", str(target), expression]
    env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    subprocess.run(command, check=True, capture_output=True, env=env)
    return target


def tagged(folder: Path) -> Path:
    """The phone's capture with a VLAN tag in each frame, as a mirrored trunk has it."""
    packets = [
        Packet(one.time, one.data[:12] + b"\x81\x00\x00\x64" + one.data[12:], one.wire + 4)
        for one in read(PHONE)
    ]
    return write(folder / "tagged.pcap", packets)


@pytest.mark.parametrize("expression", [one for one in FILTERS if "vlan" in one])
def test_a_filter_of_the_document_keeps_the_verdict_with_and_without_vlan_tags(
    expression: str, tmp_path: Path
) -> None:
    addressed = [one for one in read(PHONE) if one.is_ip]
    for capture in PHONE, tagged(tmp_path):
        kept = filtered(expression, capture, tmp_path)
        assert causes(report(kept)) == causes(report(PHONE))
        assert len(read(kept)) >= len(addressed)


@pytest.mark.parametrize("scenario", ["fragmented-tftp", "icmp-rejected", "success-by-name"])
def test_the_filter_by_host_loses_neither_fragments_nor_errors_nor_names(
    scenario: str, tmp_path: Path
) -> None:
    capture = CAPTURES / scenario / "phone.pcap"
    (address,) = report(capture)["phones"][0]["addresses"]
    kept = report(filtered(f"host {address}", capture, tmp_path))
    assert [(one["name"], one["outcome"], one["root_cause"]) for one in kept["phones"]] == [
        (one["name"], one["outcome"], one["root_cause"]) for one in report(capture)["phones"]
    ]


def late(folder: Path) -> Path:
    """What a capture holds that began when the phone had its files."""
    syn = next(one.time for one in read(PHONE) if one.protocol == 6)
    return write(folder / "late.pcap", [one for one in read(PHONE) if one.time >= syn])


def test_a_capture_that_begins_late_or_has_no_answers_of_tftp_cannot_tell_the_list(
    tmp_path: Path,
) -> None:
    assert causes(report(late(tmp_path))) == [("10.20.50.60", "tls-certificate-rejected")]
    asked = filtered("port 69 or port 3804 or port 53", PHONE, tmp_path)
    assert causes(report(asked)) == [("SEP0008301CE5D2", "tls-certificate-rejected")]


@pytest.mark.parametrize("way", ["src", "dst"])
def test_one_direction_tells_nothing(way: str, tmp_path: Path) -> None:
    one = report(filtered(f"{way} host 10.20.50.60", PHONE, tmp_path))
    assert one["verdict"]["severity"] == "unknown"
    assert [phone["root_cause"] for phone in one["phones"]] == [None]


def test_a_snap_length_leaves_that_tls_failed(tmp_path: Path) -> None:
    short = tmp_path / "short.pcap"
    subprocess.run(["editcap", "-s", "96", str(PHONE), str(short)], check=True, capture_output=True)
    snapped = report(short)
    assert [phone["root_cause"] for phone in snapped["phones"]] == ["tls-certificate-rejected"]
    assert "capture-snapped" in {finding["code"] for finding in snapped["findings"]}


def test_a_capture_that_ends_early_is_in_progress() -> None:
    early = report(CAPTURES / "capture-ends-early" / "phone.pcap")
    assert early["verdict"]["severity"] == "unknown"
    assert [phone["outcome"] for phone in early["phones"]] == ["in-progress"]


def test_one_end_tells_that_no_answer_came_and_both_on_which_way() -> None:
    folder = CAPTURES / "syn-filtered"
    phone, publisher = folder / "phone.pcap", folder / "publisher.pcap"
    assert causes(report(phone))[0][1] == "connection-no-answer"
    assert report(publisher)["phones"][0]["outcome"] == "not-attempted"
    assert causes(report(phone, publisher))[0][1] == "path-dropped-to-server"


@pytest.mark.parametrize("command", JUDGING)
def test_a_command_that_judges_takes_what_was_recorded(
    command: str, capfpcap: Program, tmp_path: Path
) -> None:
    shutil.copy(PHONE, tmp_path / "phone.pcap")
    shutil.copy(MISMATCH / "publisher.pcap", tmp_path / "publisher.cap")
    ring = tmp_path / "capture" / "below"
    ring.mkdir(parents=True)
    last = read(PHONE)[-1].time
    moved = [one.later(time.time_ns() - last - SECOND) for one in read(PHONE)]
    write(ring / "ring_00001_20261123142000.pcap", moved)
    words = command.replace("/var/capture", "capture").replace("/run/", "").split()[1:]
    if "--until" in words:
        times = (time.gmtime(time.time() + seconds) for seconds in (-300, 300))
        start, end = (time.strftime("%Y-%m-%dT%H:%M", moment) for moment in times)
        words[words.index("--since") + 1], words[words.index("--until") + 1] = start, end
    result = capfpcap(*words)
    assert result.returncode == (0 if words[0] == "reach" else 2)
    assert result.stderr == b""
