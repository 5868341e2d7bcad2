"""Ladders of captures that no honest phone and server would make stay small."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.ladder import build
from capfpcap.ladder.arrows import MAX_OF_A_FLOW
from capfpcap.ladder.build import ladder_of
from capfpcap.ladder.gaps import duration
from capfpcap.ladder.lanes import MOST_HOSTS
from capfpcap.ladder.model import Kind, Ladder, LaneKind
from capfpcap.ladder.subject import MAX_FLOWS
from tests.capture.builder import Packet, ethernet, ipv4, udp
from tests.hostile.wire import SYN, TFTP, UDP, Wire

from .drawn import messages


def ladder(wire: Wire, folder: Path, *, flow: str | None = None) -> Ladder:
    path = folder / "made.pcap"
    path.write_bytes(wire.pcap())
    return ladder_of(analyze([CaptureInput((str(path),))]), flow=flow)


def test_of_a_flood_of_syns_beginning_and_end_are_shown(tmp_path: Path) -> None:
    wire = Wire()
    for _ in range(MAX_OF_A_FLOW + 500):
        wire.segment(b"", 999, 0, SYN, True)
        wire.time += 1_000_000_000
    shown = ladder(wire, tmp_path, flow="f1")
    said = messages(shown)
    assert len(said) == MAX_OF_A_FLOW
    assert shown.left_out == 500
    assert {one.kind for one in said} == {Kind.SYN}
    assert said[0].seen[0].frame == 1
    assert said[-1].seen[0].frame == MAX_OF_A_FLOW + 500


def test_of_too_many_flows_those_to_capf_are_kept(tmp_path: Path) -> None:
    wire = Wire()
    for port in range(20_000, 20_000 + MAX_FLOWS + 10):
        wire.file_request(b"SEP001122334455.cnf.xml", port)
    wire.handshake()
    shown = ladder(wire, tmp_path)
    assert len(shown.flows) == MAX_FLOWS
    assert shown.flows_left_out == 11
    assert shown.flows[-1].service == "capf"


def test_a_ladder_ends_after_so_many_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MAX_MESSAGES", 50)
    wire = Wire()
    for port in range(20_000, 20_060):
        wire.file_request(b"SEP001122334455.cnf.xml", port)
    shown = ladder(wire, tmp_path)
    assert len(messages(shown)) == 50
    assert shown.left_out == 10


def test_servers_beyond_a_few_share_a_lane(tmp_path: Path) -> None:
    wire = Wire()
    wire.file_request(b"SEP001122334455.cnf.xml", 20_000)
    for host in range(1, 20):
        request = b"\0\1SEP001122334455.cnf.xml\0octet\0"
        packet = ipv4(udp(request, 30_000 + host, TFTP), UDP, "10.1.20.31", f"10.77.0.{host}")
        wire.time += 1_000_000
        wire.packets.append(Packet(ethernet(packet), wire.time))
    shown = ladder(wire, tmp_path)
    of_tftp = [lane for lane in shown.lanes if lane.kind is LaneKind.TFTP]
    assert len(of_tftp) == MOST_HOSTS
    assert sum(len(lane.addresses) for lane in of_tftp) == 20


@pytest.mark.parametrize(
    ("nanoseconds", "words"),
    [
        (0, "0.0 s"),
        (812_345_678, "0.8 s"),
        (41_200_000_000, "41 s"),
        (125_000_000_000, "2 min 5 s"),
        (12_000_000_000_000, "3 h 20 min"),
    ],
)
def test_a_duration_is_told_in_few_words(nanoseconds: int, words: str) -> None:
    assert duration(nanoseconds) == words
