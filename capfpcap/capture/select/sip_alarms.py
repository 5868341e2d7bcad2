"""Which packets of SIP in the clear carry alarms of phones.

At a site that speaks SIP port 5060 is the bulk of a capture, and an alarm is a packet or two of it.
So a message is looked at where its packet begins with the method that carries alarms, and of a
stream nothing is kept but what follows such a beginning, as far as the message reaches.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.headers.addresses import endpoints
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.keys import endpoint_keys
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.records import Records
from capfpcap.capture.sequence import distance

MAX_HEADER = 8192
"""Bytes in which the header of such a message ends; that of a phone has some 1,000."""
MAX_MESSAGE = 1 << 16
BEHIND = 4096
"""Bytes behind a message that are kept too: another alarm may begin within its last segment."""
MOST_FOLLOWED = 1024
"""Senders of messages whose end is waited for at a time."""
MOST_OF_A_SENDER = 4
"""Messages of each; a phone tells of two lists at once at the most."""
PATIENCE = 5_000_000_000
"""Nanoseconds for which it is waited for: TCP sends again within three."""

_REFER = int.from_bytes(b"REFE", "big")
_TCP_FIXED, _UDP_HEADER = 20, 8
_OFFSET_AT, _SEQUENCE_AT = 12, 4
_END = b"\r\n\r\n"
_KINDS = (b"x-cisco-alarm", b"multipart/")
"""One of them stands in the header of a message that carries an alarm."""
_LENGTH_FIELDS = (b"content-length", b"l")


class Carried(Struct, frozen=True):
    """Packets to SIP's port that carry something; one entry a packet, in the order of the file."""

    rows: Places
    """Indices into the packets of the window."""
    payload_at: Places
    end: Places
    """Behind the last captured byte."""
    source_port: npt.NDArray[np.uint16]

    def take(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Carried:
        """Some of them."""
        return Carried(*(getattr(self, name)[chosen] for name in self.__struct_fields__))

    def beginnings(self, octets: Octets) -> list[int]:
        """Which of them begin as the message does that carries alarms."""
        maybe = np.flatnonzero(octets.u8(self.payload_at) == _REFER >> 24)
        maybe = maybe[self.end[maybe] - self.payload_at[maybe] >= 4]
        begun: list[int] = maybe[octets.u32(self.payload_at[maybe]) == _REFER].tolist()
        return begun

    def beginning(self, octets: Octets, number: int) -> bytes:
        """What one of them carries, as far as a header reaches."""
        start = int(self.payload_at[number])
        return octets.bytes(start, min(int(self.end[number]), start + MAX_HEADER))


class _Message(Struct, frozen=True):
    """A message that has begun."""

    first: int
    """Sequence number of its first byte."""
    length: int
    """Bytes from there on that are kept."""
    time: int

    def holds(self, sequence: int) -> bool:
        """Whether a segment is of it."""
        return 0 <= distance(sequence, self.first) < self.length


class SipAlarms:
    """Finds them; remembers from one window to the next which messages have begun."""

    def __init__(self, addresses: AddressTable) -> None:
        self._addresses = addresses
        self._open: dict[int, list[_Message]] = {}
        """By the sender's address and port."""

    @property
    def waiting(self) -> bool:
        """Whether any message has begun that may go on."""
        return bool(self._open)

    def datagrams(
        self, octets: Octets, packets: Packets, rows: Places, ports: npt.NDArray[np.uint16]
    ) -> Places:
        """Those of some UDP packets to SIP's port that carry alarms."""
        carried = _carried(packets, rows, packets.at[rows] + _UDP_HEADER, ports)
        begun = carried.beginnings(octets)
        kept = [number for number in begun if extent(carried.beginning(octets, number))]
        return carried.rows[kept]

    def segments(
        self,
        records: Records,
        octets: Octets,
        packets: Packets,
        rows: Places,
        ports: npt.NDArray[np.uint16],
    ) -> Places:
        """Those of some TCP packets to SIP's port that carry alarms, from beginning to end."""
        whole = packets.end[rows] - packets.at[rows] >= _TCP_FIXED
        rows, ports = rows[whole], ports[whole]
        at = packets.at[rows]
        header = (octets.u8(at, _OFFSET_AT) >> 4).astype(np.int64) * 4
        carried = _carried(packets, rows, at + header, ports)
        lengths = {
            number: length
            for number in carried.beginnings(octets)
            if (length := extent(carried.beginning(octets, number)))
        }
        if not lengths and not self._open:
            return rows[:0]
        return self._follow(records, octets, packets, carried, lengths)

    def _follow(
        self,
        records: Records,
        octets: Octets,
        packets: Packets,
        carried: Carried,
        lengths: dict[int, int],
    ) -> Places:
        """What begins a message, and what goes on with one that has begun."""
        known = {key & 0xFFFF for key in self._open} | set(
            carried.source_port[list(lengths)].tolist()
        )
        near = np.flatnonzero(np.isin(carried.source_port, list(known)))
        rows = carried.rows[near]
        source, _ = endpoints(octets, packets.network_at[rows], self._addresses)
        keys = endpoint_keys(source, carried.source_port[near]).tolist()
        sequences = octets.u32(packets.at[rows], _SEQUENCE_AT).tolist()
        times = records.times(packets.record[rows]).tolist()
        for number, key, sequence, time in zip(near.tolist(), keys, sequences, times, strict=True):
            if number in lengths:
                self._begin(key, _Message(sequence, lengths[number] + BEHIND, time))
        kept = [
            row
            for row, number, key, sequence in zip(
                rows.tolist(), near.tolist(), keys, sequences, strict=True
            )
            if number in lengths or any(one.holds(sequence) for one in self._open.get(key, ()))
        ]
        return np.array(kept, np.int64)

    def _begin(self, key: int, message: _Message) -> None:
        """Follow a message; the file may have its later segments before."""
        known = self._open.get(key)
        if known is None:
            if len(self._open) < MOST_FOLLOWED:
                self._open[key] = [message]
        else:
            known.append(message)
            del known[:-MOST_OF_A_SENDER]

    def expire(self, records: Records) -> None:
        """Forget the messages for which nobody waits any more behind some records."""
        if self._open:
            now = int(records.times(np.array([len(records) - 1]))[0])
            waiting = {
                key: [one for one in messages if now - one.time <= PATIENCE]
                for key, messages in self._open.items()
            }
            self._open = {key: messages for key, messages in waiting.items() if messages}


def _carried(
    packets: Packets, rows: Places, payload_at: Places, ports: npt.NDArray[np.uint16]
) -> Carried:
    end = packets.end[rows]
    return Carried(rows, payload_at, end, ports).take(payload_at < end)


def extent(beginning: bytes) -> int | None:
    """How many bytes a message has of which this is the beginning; None: it carries no alarm.

    Of one whose header is not whole yet, nobody knows.
    """
    head, whole, _ = beginning.partition(_END)
    if not whole:
        return MAX_HEADER
    fields = head.lower()
    if not any(kind in fields for kind in _KINDS):
        return None
    return min(len(head) + len(_END) + _content_length(fields), MAX_MESSAGE)


def _content_length(fields: bytes) -> int:
    """What a header in lower case says; 0 where it says nothing."""
    for line in fields.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip() in _LENGTH_FIELDS and value.strip().isdigit():
            return min(int(value.strip()[:6]), MAX_MESSAGE)
    return 0
