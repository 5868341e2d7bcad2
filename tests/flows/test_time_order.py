"""Rows of a flow stand in the order of time, unless it is the times that are wrong."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows.table import FlowTable, build_flows
from tests.capture.builder import PHONE, Packet, ethernet, pcap
from tests.capture.builder import SERVER as HOST

from .packets import ACK, FIN, SYN, Tcp, from_client, from_server
from .tables import START, End, datagram, frames_of

DNS, TFTP, TRANSFER = End(HOST, 53), End(HOST, 69), End(HOST, 32000)
CLIENT = End(PHONE, 50000)
MILLISECOND = 1_000_000


def table_of(frames: list[bytes], milliseconds: list[float]) -> FlowTable:
    """A file of frames in their order, each with its time."""
    packets = [
        Packet(frame, START + int(time * MILLISECOND))
        for frame, time in zip(frames, milliseconds, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "disordered.pcap"
        path.write_bytes(pcap(packets))
        capture = read_capture((str(path),), PortSelection(), AddressTable())
    return build_flows(capture, PortSelection())


def conversation() -> list[bytes]:
    """A connection in which both sides speak in turn; both directions, as they were sent."""
    packets: list[Tcp] = [
        from_client(-1, flags=SYN),
        from_server(-1, flags=SYN | ACK),
        from_client(0),
    ]
    for turn in range(6):
        packets.append(from_client(turn * 10, b"question..", heard=turn * 20))
        packets.append(from_server(turn * 20, b"answer....", heard=turn * 10 + 10))
        packets.append(from_server(turn * 20 + 10, b"and more..", heard=turn * 10 + 10))
    packets.append(from_client(60, flags=FIN | ACK, heard=120))
    packets.append(from_server(120, flags=FIN | ACK, heard=61))
    return [packet.recorded(number).data for number, packet in enumerate(packets)]


def transfer(blocks: int = 6) -> list[bytes]:
    """A file that comes by TFTP in blocks, each acknowledged."""
    frames = [datagram(CLIENT, TFTP, b"\0\1ITLFile.tlv\0octet\0")]
    for number in range(1, blocks + 1):
        data = bytes(512 if number < blocks else 5)
        frames.append(datagram(TRANSFER, CLIENT, b"\0\3\0" + bytes([number]) + data))
        frames.append(datagram(CLIENT, TRANSFER, b"\0\4\0" + bytes([number])))
    return frames


def lookup() -> list[bytes]:
    body = b"\1\0\0\1\0\0\0\0\0\0\4capf\0\0\1\0\1"
    return [
        datagram(CLIENT, DNS, b"\0\1" + body),
        datagram(DNS, CLIENT, b"\0\1\x81\x80" + body[2:]),
        datagram(CLIENT, DNS, b"\0\2" + body),
        datagram(DNS, CLIENT, b"\0\2\x81\x80" + body[2:]),
    ]


SPOKEN = pytest.mark.parametrize(
    "spoken", [conversation(), transfer(), lookup()], ids=["tcp", "tftp", "dns"]
)


@SPOKEN
def test_records_in_any_order_are_brought_into_that_of_time(spoken: list[bytes]) -> None:
    rng = random.Random(7)
    for _ in range(20):
        order = rng.sample(range(len(spoken)), len(spoken))
        (view,) = table_of(
            [spoken[place] for place in order], [float(place) for place in order]
        ).views
        assert frames_of(view) == [order.index(place) + 1 for place in range(len(spoken))]


@SPOKEN
def test_a_file_whose_later_half_stands_first_is_read_from_its_beginning(
    spoken: list[bytes],
) -> None:
    for cut in range(1, len(spoken)):
        order = [*range(cut, len(spoken)), *range(cut)]
        (view,) = table_of(
            [spoken[place] for place in order], [float(place) for place in order]
        ).views
        assert frames_of(view) == [order.index(place) + 1 for place in range(len(spoken))]


@pytest.mark.parametrize("spoken", [conversation(), transfer()], ids=["tcp", "tftp"])
@pytest.mark.parametrize("back", [200, 5_000, 3_600_000])
def test_a_clock_that_is_set_back_leaves_the_records_as_they_stand(
    spoken: list[bytes], back: float
) -> None:
    for cut in range(2, len(spoken) - 1):
        times = [place - back * (place >= cut) for place in range(len(spoken))]
        (view,) = table_of(spoken, times).views
        assert frames_of(view) == list(range(1, len(spoken) + 1))


def test_a_flow_that_tells_nothing_follows_the_others() -> None:
    """Two SYNs without an answer look alike in both orders; the transfer beside them does not."""
    syns = [from_client(-1, flags=SYN).recorded(number).data for number in range(2)]
    sent = transfer()
    set_back = table_of([syns[0], *sent[:6], syns[1], *sent[6:]], [*range(7), *range(-90, -82)])
    assert [frames_of(view) for view in set_back.views if view.server_port == 3804] == [[1, 8]]
    order = [7, *range(8, 15), 0, *range(1, 7)]
    whole = [syns[0], *sent[:6], syns[1], *sent[6:]]
    disordered = table_of([whole[place] for place in order], [float(place) for place in order])
    assert [frames_of(view) for view in disordered.views if view.server_port == 3804] == [[9, 1]]


def test_records_of_one_time_stay_as_they_stand() -> None:
    spoken = conversation()
    (view,) = table_of(spoken, [0.0] * len(spoken)).views
    assert frames_of(view) == list(range(1, len(spoken) + 1))


def test_times_that_go_round_in_small_steps_do_not_turn_what_was_sent_in_turn() -> None:
    """A card stamps what it sends and what it receives with two clocks, 40 µs apart."""
    spoken = conversation()
    sent = [frame[:6] == ethernet(b"")[:6] and b"\xc3\x50\x0e\xdc" in frame for frame in spoken]
    times = [place * 0.02 + (0.04 if up else 0.0) for place, up in enumerate(sent)]
    (view,) = table_of(spoken, times).views
    assert frames_of(view) == list(range(1, len(spoken) + 1))
