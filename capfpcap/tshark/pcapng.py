"""Writes a small pcapng file: the packets of a flow, with the secrets that decrypt them.

Between the packets stand empty ones for all others of the capture, so that every packet has the
number that it has there: tshark counts what it reads, and frames that it names inside a tree
("response in frame 12") would otherwise be others than those of the capture.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from capfpcap.capture.files.frames import Frame
from capfpcap.capture.files.pcapng_records import Block
from capfpcap.capture.files.secrets import TLS_KEY_LOG

_MAGIC, _VERSION = 0x1A2B3C4D, (1, 0)
_ANY_LENGTH = -1
_TIME_RESOLUTION, _NANOSECONDS = 9, 9
"""Option if_tsresol, and its value: powers of ten."""
_END_OF_OPTIONS = bytes(4)
_STAND_IN = 162
"""LINKTYPE_USER15: nothing is dissected of what has it."""
_EMPTY = np.dtype(
    [
        ("type", "<u4"),
        ("length", "<u4"),
        ("interface", "<u4"),
        ("time_high", "<u4"),
        ("time_low", "<u4"),
        ("captured", "<u4"),
        ("wire", "<u4"),
        ("length_again", "<u4"),
    ]
)
"""An enhanced packet block without a byte of its packet."""

Times = npt.NDArray[np.int64]


def write_pcapng(
    file: BinaryIO,
    frames: Sequence[Frame],
    key_logs: Iterable[bytes] = (),
    times: Times | None = None,
) -> None:
    """Write one section with ``frames``, which ascend by their numbers.

    Args:
        file: where to write.
        frames: the packets; numbered as they come where ``times`` is None.
        key_logs: TLS key logs in the form of NSS; each becomes a block of secrets.
        times: when each packet of the capture was recorded, from its first one to at least the last
            of ``frames``, in nanoseconds since 1970; then empty packets stand for all others.
    """
    link_types = list(dict.fromkeys(frame.link_type for frame in frames))
    file.write(_block(Block.SECTION_HEADER, _section()))
    for link_type in link_types if times is None else [*link_types, _STAND_IN]:
        file.write(_block(Block.INTERFACE, _interface(link_type)))
    for key_log in key_logs:
        head = struct.pack("<II", TLS_KEY_LOG, len(key_log))
        file.write(_block(Block.DECRYPTION_SECRETS, head + key_log))
    behind = 1
    for frame in frames:
        if times is not None:
            file.write(_stand_ins(times[behind - 1 : frame.number - 1], len(link_types)))
        file.write(_block(Block.ENHANCED_PACKET, _packet(frame, link_types)))
        behind = frame.number + 1


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _section() -> bytes:
    return struct.pack("<IHHq", _MAGIC, *_VERSION, _ANY_LENGTH)


def _interface(link_type: int) -> bytes:
    resolution = struct.pack("<HHB3x", _TIME_RESOLUTION, 1, _NANOSECONDS)
    return struct.pack("<HHI", link_type, 0, 0) + resolution + _END_OF_OPTIONS


def _packet(frame: Frame, link_types: Sequence[int]) -> bytes:
    time = max(frame.time, 0)
    head = (time >> 32, time & 0xFFFFFFFF, len(frame.data), max(frame.wire_length, len(frame.data)))
    return struct.pack("<5I", link_types.index(frame.link_type), *head) + frame.data


def _stand_ins(times: Times, interface: int) -> bytes:
    """An empty packet for each of the times."""
    blocks = np.zeros(len(times), _EMPTY)
    stamps = np.maximum(times, 0)
    blocks["type"] = Block.ENHANCED_PACKET
    blocks["length"] = blocks["length_again"] = _EMPTY.itemsize
    blocks["interface"] = interface
    blocks["time_high"] = stamps >> 32
    blocks["time_low"] = stamps & 0xFFFFFFFF
    return blocks.tobytes()
