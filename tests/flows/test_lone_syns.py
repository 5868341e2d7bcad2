"""Single SYNs by the thousand are left out and counted; phones that get no answer are not."""

from __future__ import annotations

import pytest

from capfpcap.flows import lone_syns
from capfpcap.flows.table import FlowTable
from tests.capture.builder import ethernet, ipv4

from .packets import ACK, FIN, RST, SYN
from .tables import CAPF, End, datagram, frames_of, segment, table_of

MOST = 20
CLUSTER = 60
TVS = End(CAPF.address, 2445)
TFTP = End(CAPF.address, 69)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crowd is more than twenty, and so are too many of one address."""
    monkeypatch.setattr(lone_syns, "MOST_SOURCES", MOST)
    monkeypatch.setattr(lone_syns, "MOST_WITHOUT_ANSWER", CLUSTER)
    monkeypatch.setattr(lone_syns, "MOST_OF_A_CLIENT", MOST)
    monkeypatch.setattr(lone_syns, "MOST_BESIDE_ANOTHER", 2)


def crowd(count: int, *, first: int = 1) -> list[End]:
    return [
        End(f"10.7.{number >> 8}.{number & 255}", 40000) for number in range(first, first + count)
    ]


def flows_and_left_out(*frames: bytes) -> tuple[int, int]:
    table: FlowTable = table_of(*frames, gap=1_000_000)
    return len(table.views), 0 if table.left_out is None else table.left_out.connections


SCANS = {
    "unanswered": lambda end: [segment(end, CAPF, SYN, 7)],
    "half open": lambda end: (
        [segment(end, CAPF, SYN, 7), segment(CAPF, end, SYN | ACK), segment(end, CAPF, RST, 8)]
    ),
    "answered again and again": lambda end: (
        [segment(end, CAPF, SYN, 7)] + [segment(CAPF, end, SYN | ACK)] * 5
    ),
    "of two ports": lambda end: [segment(end, CAPF, SYN, 7), segment(end, TVS, SYN, 8)],
}


@pytest.mark.parametrize("kind", SCANS)
def test_a_crowd_of_single_syns_is_left_out_and_counted(kind: str) -> None:
    frames = [frame for end in crowd(MOST + 1) for frame in SCANS[kind](end)]
    table = table_of(*frames, gap=1_000_000)
    assert table.views == []
    assert table.left_out is not None
    assert table.left_out.addresses == MOST + 1
    assert table.left_out.connections == (MOST + 1) * (2 if kind == "of two ports" else 1)


WITHOUT_ANSWER = {
    "sends its SYN again": lambda end: [segment(end, CAPF, SYN, 7)] * 3,
    "is refused": lambda end: [segment(end, CAPF, SYN, 7), segment(CAPF, end, RST | ACK)],
    "sends no SYN": lambda end: [segment(end, CAPF, ACK, 7)],
}


@pytest.mark.parametrize("kind", WITHOUT_ANSWER)
def test_whoever_gets_no_answer_may_be_a_phone_of_the_largest_cluster(kind: str) -> None:
    frames = [frame for end in crowd(CLUSTER + 1) for frame in WITHOUT_ANSWER[kind](end)]
    assert flows_and_left_out(*frames) == (0, CLUSTER + 1)
    one = len(frames) // (CLUSTER + 1)
    assert flows_and_left_out(*frames[one:]) == (CLUSTER, 0)


def test_whoever_an_icmp_error_may_have_stopped_is_kept() -> None:
    frames = []
    for end in crowd(CLUSTER):
        syn = segment(end, CAPF, SYN, 7)
        quoted = b"\3\x0d\0\0\0\0\0\0" + syn[14:42]
        frames += [syn, ethernet(ipv4(quoted, 1, "10.9.9.9", end.address))]
    assert flows_and_left_out(*frames) == (CLUSTER, 0)


@pytest.mark.parametrize("kind", SCANS)
def test_as_many_as_may_be_phones_are_kept(kind: str) -> None:
    frames = [frame for end in crowd(MOST) for frame in SCANS[kind](end)]
    assert flows_and_left_out(*frames)[1] == 0


PHONES = {
    "sends its SYN again": lambda end: [segment(end, CAPF, SYN, 7)] * 3,
    "tries again": lambda end: [
        segment(End(end.address, 40000 + number), CAPF, SYN, 7 + number) for number in range(3)
    ],
    "goes on": lambda end: [
        segment(end, CAPF, SYN, 7),
        segment(CAPF, end, SYN | ACK),
        segment(end, CAPF, ACK, 8),
    ],
    "says something": lambda end: [
        segment(end, CAPF, SYN, 7),
        segment(end, CAPF, ACK, 8, b"hello"),
    ],
    "closes": lambda end: [segment(end, CAPF, SYN, 7), segment(end, CAPF, FIN | ACK, 8)],
    "asks for a file": lambda end: [
        datagram(end, TFTP, b"\0\1SEP001122334455.cnf.xml\0octet\0"),
        segment(end, CAPF, SYN, 7),
    ],
}


@pytest.mark.parametrize("kind", PHONES)
def test_a_crowd_of_phones_is_kept(kind: str) -> None:
    frames = [frame for end in crowd(2 * MOST) for frame in PHONES[kind](end)]
    assert flows_and_left_out(*frames)[1] == 0


@pytest.mark.parametrize("kind", PHONES)
def test_phones_in_the_midst_of_a_scan_are_kept(kind: str) -> None:
    phone = PHONES[kind](End("10.1.1.1", 50000))
    scan = [segment(end, CAPF, SYN, 7) for end in crowd(MOST + 5)]
    table = table_of(*scan[:10], *phone, *scan[10:], gap=1_000_000)
    kept = sorted(frame for view in table.views for frame in frames_of(view))
    assert kept == list(range(11, 11 + len(phone)))


def test_of_one_address_the_first_are_kept_and_the_others_counted() -> None:
    client = [End("10.7.7.7", port) for port in range(30000, 30000 + 3 * MOST)]
    table = table_of(*[segment(end, CAPF, SYN, end.port) for end in client], gap=1_000_000)
    assert [frames_of(view) for view in table.views] == [[number] for number in range(1, MOST + 1)]
    assert table.left_out is not None
    assert (table.left_out.connections, table.left_out.addresses) == (2 * MOST, 1)


def test_many_phones_behind_one_address_are_no_flood() -> None:
    frames = []
    for number in range(2 * MOST):
        end = End("10.7.7.7", 30000 + number)
        frames.append(datagram(end, TFTP, b"\0\1SEP%012X.cnf.xml\0octet\0" % number))
        frames += [segment(end, CAPF, SYN, 7), segment(CAPF, end, RST | ACK)]
    assert flows_and_left_out(*frames) == (4 * MOST, 0)
