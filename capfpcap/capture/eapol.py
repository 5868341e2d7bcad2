"""The EAP over LAN frames of capture files, which no other reading keeps.

An enrolment needs none of them, so :func:`capfpcap.capture.reader.read_capture` passes them over at
no cost. Who asks for the certificates that phones show to their switch pays for a second reading.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.formats import open_format
from capfpcap.capture.files.source import Source, named
from capfpcap.capture.files.window import Window
from capfpcap.capture.headers import linktypes
from capfpcap.capture.headers.layers import VLAN_TAGS, Layer
from capfpcap.capture.headers.packets import NOWHERE, Packets
from capfpcap.capture.headers.unwrap import unwrap
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.problems import ProblemLog
from capfpcap.capture.records import Records

ETHERTYPE = 0x888E
"""Port Access Entity (IEEE 802.1X-2020, table 11-1)."""
MAX_FRAMES = 1 << 19
"""Frames of one file: an authentication takes some 20, so that 25,000 phones find room."""
MAX_FRAME = 1 << 14
"""Bytes of a frame that are kept; Ethernet's jumbo frames have 9,000."""
_TYPE_AT = 12
_ROOM = 1 << 26


class EapolFrame(Struct, frozen=True):
    """One frame."""

    time: int
    """Nanoseconds since 1970 UTC, by the file's own clock."""
    number: int
    """From 1, in its file."""
    source: int
    """MAC address as a number; 0 where the link layer has none."""
    destination: int
    data: bytes
    """What stands behind the EtherType."""


class EapolFrames(Struct, frozen=True):
    """The frames of one file."""

    frames: list[EapolFrame]
    limited: bool
    """Whether there were more than are kept."""


def read_eapol(path: str) -> EapolFrames:
    """The EAP over LAN frames of a file on disk, in its order.

    Raises:
        CaptureError: the file cannot be read.
    """
    found: list[EapolFrame] = []
    room = _ROOM
    try:
        with Source(path) as source:
            reader = open_format(named(path), Window(source), ProblemLog())
            for records in reader.batches():
                for frame in _frames(records):
                    if len(found) >= MAX_FRAMES or room < len(frame.data):
                        return EapolFrames(found, limited=True)
                    room -= len(frame.data)
                    found.append(frame)
    except OSError as error:
        raise CaptureError(f"{named(path)} cannot be read: {error.strerror}") from error
    return EapolFrames(found, limited=False)


def _frames(records: Records) -> Iterator[EapolFrame]:
    packets = _candidates(records)
    if len(packets) == 0:
        return
    octets = records.octets
    unwrap(octets, packets)
    packets = packets.take(np.flatnonzero(packets.layer == ETHERTYPE))
    if len(packets) == 0:
        return
    destination, source = _addresses(records, packets)
    times = records.times(packets.record)
    for row in range(len(packets)):
        start = int(packets.at[row])
        end = min(int(packets.end[row]), start + MAX_FRAME)
        yield EapolFrame(
            int(times[row]),
            int(packets.record[row]) + records.first_frame,
            int(source[row]),
            int(destination[row]),
            octets.bytes(start, end),
        )


def _candidates(records: Records) -> Packets:
    """The packets that may be such frames: by the type of the frame, or behind tags."""
    octets, at = records.octets, records.at
    link_types = np.broadcast_to(records.link_types, len(records))
    plain = link_types == linktypes.ETHERNET
    types = octets.u16(at, _TYPE_AT)
    rows = np.flatnonzero(
        np.where(plain, np.isin(types, (ETHERTYPE, *_INNER)), np.isin(link_types, _COOKED))
    )
    layer = np.array(
        [linktypes.FIRST_LAYERS[kind] for kind in link_types[rows].tolist()], np.uint16
    )
    starts = at[rows]
    return Packets.standing_at(rows, layer, starts.copy(), starts + records.captured[rows])


_INNER = (*VLAN_TAGS, Layer.CISCO_METADATA, Layer.VN_TAG)
"""EtherTypes behind which another one stands."""
_COOKED = (linktypes.LINUX_SLL, linktypes.LINUX_SLL2)


def _addresses(records: Records, packets: Packets) -> tuple[Places, Places]:
    """Destination and source of each frame; Linux's cooked headers have a source alone."""
    count = len(packets)
    destination, source = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    framed = np.flatnonzero(packets.ethernet_at != NOWHERE)
    at = packets.ethernet_at[framed]
    octets: Octets = records.octets
    destination[framed], source[framed] = octets.u48(at), octets.u48(at, 6)
    link_types = np.broadcast_to(records.link_types, len(records))[packets.record]
    for kind, offset in ((linktypes.LINUX_SLL, 6), (linktypes.LINUX_SLL2, 12)):
        rows = np.flatnonzero((packets.ethernet_at == NOWHERE) & (link_types == kind))
        if len(rows):
            source[rows] = octets.u48(records.at[packets.record[rows]], offset)
    return destination.astype(np.int64), source.astype(np.int64)
