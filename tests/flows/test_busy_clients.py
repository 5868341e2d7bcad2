"""Of a client that begins more than any phone does, the first is looked at and the rest is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, check
from capfpcap.flows import busy_clients
from capfpcap.report import Unjudged
from tests.capture.builder import Packet, pcap

from .packets import ACK, SYN
from .tables import CAPF, START, End, datagram, frames_of, segment, table_of

MOST = 10
SERVER_PORT = End(CAPF.address, 32000)
TFTP, DNS = End(CAPF.address, 69), End(CAPF.address, 53)
ADDRESS = "10.7.7.7"
QUESTION = b"\0\1\1\0\0\1\0\0\0\0\0\0\1x\0\0\1\0\1"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy_clients, "MOST_ASKED", MOST)


def transfer(client: End) -> list[bytes]:
    return [
        datagram(client, TFTP, b"\0\1SEP001122334455.cnf.xml\0octet\0"),
        datagram(SERVER_PORT, client, b"\0\3\0\1a"),
        datagram(client, SERVER_PORT, b"\0\4\0\1"),
    ]


def connection(client: End) -> list[bytes]:
    return [
        segment(client, CAPF, SYN, 1),
        segment(CAPF, client, SYN | ACK),
        segment(client, CAPF, ACK, 2),
    ]


def kept(*frames: bytes) -> list[int]:
    table = table_of(*frames)
    assert len(table.busy) == (len(table.columns) < len(frames))
    return sorted(frame for view in table.views for frame in frames_of(view))


KINDS = {
    "files at a port each": lambda number: transfer(End(ADDRESS, 1024 + number)),
    "files at one port": lambda _number: transfer(End(ADDRESS, 1024)),
    "connections": lambda number: connection(End(ADDRESS, 1024 + number)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_as_a_phone_begins_are_all_looked_at(kind: str) -> None:
    frames = [frame for number in range(MOST) for frame in KINDS[kind](number)]
    assert kept(*frames) == list(range(1, 3 * MOST + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_of_too_many_are_looked_at(kind: str) -> None:
    frames = [frame for number in range(3 * MOST) for frame in KINDS[kind](number)]
    assert kept(*frames) == list(range(1, 3 * MOST + 1))


def test_a_connection_that_began_before_is_looked_at_to_its_end() -> None:
    first, *others = [connection(End(ADDRESS, 1024 + number)) for number in range(2 * MOST)]
    frames = [*first, *(frame for one in others for frame in one)]
    frames.append(segment(CAPF, End(ADDRESS, 1024), ACK, 1, b"late"))
    assert kept(*frames) == [*range(1, 3 * MOST + 1), len(frames)]


def test_a_file_that_was_asked_for_before_is_looked_at_to_its_end() -> None:
    asked, *answered = transfer(End(ADDRESS, 1023))
    others = [frame for number in range(2 * MOST) for frame in transfer(End(ADDRESS, 1024))]
    frames = [asked, *others, *answered]
    assert kept(*frames) == [*range(1, 3 * MOST - 1), len(frames) - 1, len(frames)]


def test_names_and_other_clients_are_looked_at_behind_it() -> None:
    frames = [frame for number in range(2 * MOST) for frame in transfer(End(ADDRESS, 1024))]
    frames.append(datagram(End(ADDRESS, 1024), DNS, QUESTION))
    frames += transfer(End("10.7.7.8", 1024))
    assert kept(*frames)[-4:] == list(range(len(frames) - 3, len(frames) + 1))


def test_it_is_told_who_and_from_when_on(tmp_path: Path) -> None:
    frames = [frame for number in range(2 * MOST) for frame in transfer(End(ADDRESS, 1024))]
    path = tmp_path / "busy.pcap"
    path.write_bytes(
        pcap([Packet(frame, START + at * 1_000_000_000) for at, frame in enumerate(frames)])
    )
    report = check([CaptureInput((str(path),))])
    assert report.notes[0].startswith("10.7.7.7 begins more than ")
    assert "after 2023-11-14 22:13:47 UTC is not judged" in report.notes[0]
    assert report.verdict.unjudged is Unjudged.PART


def test_nobody_is_blamed_for_what_was_not_looked_at(tmp_path: Path) -> None:
    """The phone asks for its file, and again, up to the last beginning that is looked at."""
    asked, *_ = transfer(End(ADDRESS, 1023))
    others = [frame for number in range(MOST - 3) for frame in transfer(End(ADDRESS, 1024))]
    later = [frame for number in range(2 * MOST) for frame in transfer(End(ADDRESS, 1025))]
    frames = [*others, asked, asked, asked, *later]
    path = tmp_path / "busy.pcap"
    path.write_bytes(
        pcap([Packet(frame, START + at * 1_000_000_000) for at, frame in enumerate(frames)])
    )
    report = check([CaptureInput((str(path),))])
    assert report.findings == ()
