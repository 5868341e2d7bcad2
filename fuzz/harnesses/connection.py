"""TCP connections whose segments are lost, repeated, cut, overlap and come in any order.

What both sides say is fixed, and every segment carries a part of it with its true sequence number:
so whatever arrives, each octet of the streams that are put together is known beforehand.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Connection, read_connection
from capfpcap.flows.reassembly import assemble
from fuzz.harness import Harness
from fuzz.harnesses.check import check_outputs
from fuzz.memory_file import memory_file
from fuzz.seeds import carried
from fuzz.tape import Tape, write_part

_PORTS = (3804, 2445, 5061, 6970, 53)
_HELD = TcpFlag.ACK | TcpFlag.PSH | TcpFlag.FIN | TcpFlag.RST
_CLIENT, _SERVER = b"\x0a\x01\x14\x1f", b"\x0a\x09\x08\x07"
_MACS = bytes.fromhex("00505600aa01 0008300a0b0c 0800")
_CUT = 0x40
"""Bit of a segment's first octet: a snap length cut it to :data:`_SNAPPED` octets of payload."""
_SNAPPED = 20
_MOST_SEGMENTS = 200


@dataclass(frozen=True)
class _Side:
    said: bytes
    initial: int
    """Sequence number of the SYN."""

    def number(self, offset: int) -> int:
        """The sequence number of an octet that is said."""
        return (self.initial + 1 + offset) & 0xFFFFFFFF


def judge(data: bytes) -> None:
    """Every octet that is put together is the one that was said there."""
    tape = Tape(data)
    port = _PORTS[tape.octet() % len(_PORTS)]
    opened = bool(tape.octet() & 1)
    initials = tape.number(4), tape.number(4)
    sides = [_Side(tape.part(), initial) for initial in initials]
    frames = _opening(sides, port) if opened else []
    while tape.left and len(frames) < _MOST_SEGMENTS:
        frames.append(_segment(tape, sides, port, syn=not opened))
    with memory_file(_capture(frames)) as path:
        analysis = analyze([CaptureInput((path,))])
    check_outputs(analysis)
    for view in analysis.scene.points[0].table.views:
        connection = read_connection(view)
        if opened and view.server_port == port:
            _check_streams(connection, sides)


def _check_streams(connection: Connection, sides: list[_Side]) -> None:
    for side, ours in zip((connection.client, connection.server), sides, strict=True):
        for piece in assemble(side.segments).pieces:
            assert piece.data == ours.said[piece.offset : piece.end]


def _opening(sides: list[_Side], port: int) -> list[bytes]:
    client, server = (side.initial for side in sides)
    return [
        _frame(True, port, (client, 0), TcpFlag.SYN, b""),
        _frame(False, port, (server, client + 1), TcpFlag.SYN | TcpFlag.ACK, b""),
    ]


def _segment(tape: Tape, sides: list[_Side], port: int, *, syn: bool) -> bytes:
    kind, flags = tape.octet(), tape.octet()
    offset, length, heard = tape.number(2), tape.number(2), tape.number(2)
    from_client = bool(kind & 1)
    speaker, listener = sides if from_client else sides[::-1]
    payload = speaker.said[offset : offset + length]
    numbers = speaker.number(offset), listener.number(heard)
    held = flags & (_HELD | (TcpFlag.SYN if syn else 0))
    return _frame(from_client, port, numbers, held, payload, cut=bool(kind & _CUT))


def _frame(
    from_client: bool,
    port: int,
    numbers: tuple[int, int],
    flags: int,
    payload: bytes,
    *,
    cut: bool = False,
) -> bytes:
    """A frame behind its captured and its original length."""
    addresses = (_CLIENT, _SERVER) if from_client else (_SERVER, _CLIENT)
    ports = (50000, port) if from_client else (port, 50000)
    sequence, acknowledgement = (number & 0xFFFFFFFF for number in numbers)
    segment = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledgement, 80, flags, 8192, 0, 0)
    total = 40 + len(payload)
    packet = struct.pack(">BBHHHBBH", 0x45, 0, total & 0xFFFF, 1, 0, 64, 6, 0) + b"".join(addresses)
    frame = _MACS + packet + segment + payload
    kept = frame[: len(_MACS) + 40 + _SNAPPED] if cut else frame
    return struct.pack("<II", len(kept), len(frame)) + kept


def _capture(frames: list[bytes]) -> bytes:
    """A capture file with a packet each 10 milliseconds."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    times = [divmod(number, 100) for number in range(len(frames))]
    return head + b"".join(
        struct.pack("<II", 1_700_000_000 + seconds, part * 10_000) + frame
        for (seconds, part), frame in zip(times, frames, strict=True)
    )


def seeds() -> list[bytes]:
    """Sessions in segments of 200 octets, as they were, backwards, and near the highest number."""
    inputs = []
    for sides in carried().tls[::4]:
        segments = [
            struct.pack(">BBHHH", number == 0, TcpFlag.ACK, at, 200, 0)
            for number, said in enumerate(sides)
            for at in range(0, len(said), 200)
        ]
        spoken = write_part(sides[0]) + write_part(sides[1])
        inputs.append(b"\0\1" + bytes(8) + spoken + b"".join(segments))
        inputs.append(b"\0\1" + b"\xff" * 8 + spoken + b"".join(segments[::-1]))
        inputs.append(b"\0\0" + bytes(8) + spoken + b"".join(segments[1:]))
    return inputs


HARNESS = Harness(judge, seeds, seconds=5.0, longest=1 << 13)
