"""The walk from record to record, over holes, with what it says of clear and encrypted.

Nothing is decrypted. What is readable follows from the order of records alone: up to
ChangeCipherSpec, or up to a ServerHello that agrees on TLS 1.3, handshake and alerts are in the
clear. A hole inside a record is passed over exactly, because the header says where it ends; a hole
that hides a header makes the reader search for the next one, and from there on what is clear has
to be judged from the octets.
"""

from __future__ import annotations

from enum import Enum

from capf_dissectors.cursor import OutOfBytesError
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.tls.assembly import HandshakeAssembler, is_hello, looks_clear
from capf_dissectors.tls.messages import (
    Alert,
    ChangeCipherSpec,
    EncryptedHandshake,
    Message,
    Record,
)
from capf_dissectors.tls.record_header import (
    HEADER_LENGTH,
    MAX_FRAGMENT,
    RECORD_HEADER,
    find_record,
    header_fault,
    is_versionless_alert,
)
from capf_dissectors.tls.registries import AlertLevel, ContentType, Version
from capf_dissectors.tls.ssl2 import ssl2_client_hello, ssl2_header

MAX_RECORDS = 100_000
"""Records kept of one direction: more than a gigabyte of full ones."""
MAX_MESSAGES = 10_000
"""Messages kept of one direction; the record that goes over the limit is still read whole."""

_new = tuple.__new__
"""Makes a named tuple in half the time of its constructor, which is written in Python."""
_ALERT = int(ContentType.ALERT)
_HANDSHAKE = int(ContentType.HANDSHAKE)
_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_HEARTBEAT = int(ContentType.HEARTBEAT)
_ALERT_LENGTH = 2
_ALERT_LEVELS = frozenset(int(level) for level in AlertLevel)


class _Phase(Enum):
    CLEAR = 1
    UNCERTAIN = 2
    PROTECTED = 3


_CLEAR, _UNCERTAIN, _PROTECTED = _Phase


class StreamReader:
    """Walks the runs of one direction in order; a hole lies before every run but the first."""

    def __init__(self, from_start: bool) -> None:
        self.records: list[Record] = []
        self.messages: list[Message] = []
        self.problem: Malformed | None = None
        self.limited = False
        self._base = 0
        """Stream offset of the first octet of the run in hand."""
        self._data = b""
        self._read_to = 0
        self._assembler = HandshakeAssembler(self.messages)
        self._assembler.lost = not from_start
        self._phase = _CLEAR if from_start else _UNCERTAIN
        self._from_start = from_start
        self._boundary: int | None = 0 if from_start else None
        """Stream offset of the next record header, None where it must be searched."""
        self._certain = from_start
        """Whether a second header has confirmed where the headers stand."""
        self._searched = False
        """Whether the next record is one that a search found."""
        self._open_version: int | None = None
        """Header version of the clear handshake record that a hole interrupts."""
        self._alert_octet = b""
        """First half of an alert whose other half is in the next alert record."""
        self._alert_offset = 0

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be read."""
        return self.problem is not None or self.limited

    def unfinished(self) -> NeedMore | None:
        """What the end of the stream lacks."""
        boundary = self._boundary
        if self.stopped or boundary is None:
            return None
        if boundary > self._read_to:
            return NeedMore(boundary - self._read_to)
        if boundary < self._read_to:
            return NeedMore(max(1, boundary + HEADER_LENGTH - self._read_to))
        missing = self._assembler.missing
        return NeedMore(missing) if missing and self._phase is _CLEAR else None

    def read(self, base: int, data: bytes) -> None:
        """Read one run; ``base`` is the stream offset of ``data[0]``."""
        position = self._enter(base, data)
        self._base = base
        self._data = data
        self._read_to = base + len(data)
        if position == 0 and base == 0 and self._from_start:
            position = self._ssl2_hello()
        while position is not None and position < len(data):
            position = self._records(position)
            if position < len(data):
                position = None if self.limited else self._no_record(position)

    def _enter(self, base: int, data: bytes) -> int | None:
        """Where in a new run the next header stands: behind its end if a record goes on.

        None where no header can be found.
        """
        boundary = self._boundary
        if boundary is None or base > boundary or boundary < self._read_to:
            self._forget_state()
            return self._search(base, data, 0)
        position = boundary - base
        if self._open_version is not None:
            self._assembler.skip(base - self._read_to)
            inside = min(position, len(data))
            self._assembler.feed(data, 0, inside, base, self._open_version)
            if position <= len(data):
                self._open_version = None
        return position

    def _forget_state(self) -> None:
        """A hole may have taken whole records: what comes has to be judged from its octets."""
        self._open_version = None
        self._assembler.drop()
        self._assembler.lost = True
        self._alert_octet = b""
        if self._phase is _CLEAR:
            self._phase = _UNCERTAIN

    def _search(self, base: int, data: bytes, start: int) -> int | None:
        position = find_record(data, start)
        self._boundary = None if position is None else base + position
        self._searched = True
        self._certain = False
        return position

    def _records(self, position: int) -> int:
        """Read records from ``position`` on, to the limit or to what is no whole header.

        Returns where the next header stands: behind the run where it cuts the last record short.
        """
        base, data = self._base, self._data
        records, messages = self.records, self.messages
        searched = self._searched
        size = len(data)
        while size - position >= HEADER_LENGTH:
            kind, version, length = RECORD_HEADER.unpack_from(data, position)
            if not 20 <= kind <= 24 or version >> 8 != 3 or length > MAX_FRAGMENT:
                break
            if len(records) >= MAX_RECORDS or len(messages) >= MAX_MESSAGES:
                self.limited = True
                break
            start = position + HEADER_LENGTH
            end = start + length
            if kind == _APPLICATION_DATA:
                self._phase = _PROTECTED
                encrypted = True
            elif kind == _HANDSHAKE:
                encrypted = self._handshake(version, start, end)
            else:
                encrypted = self._control(kind, start, end)
            whole = end <= size
            fields = base + position, base + end, kind, version, length, encrypted, whole, searched
            records.append(_new(Record, fields))
            if searched:
                searched = self._searched = False
            else:
                self._certain = True
            position = end
        if position > size and kind == _HANDSHAKE and not encrypted:
            self._open_version = version
        self._boundary = base + position
        return position

    def _no_record(self, position: int) -> int | None:
        """Judge octets that are no whole header; returns where to go on, or None."""
        fault = header_fault(self._data[position : position + HEADER_LENGTH])
        if fault is None:
            return None
        if self._phase is _CLEAR and is_versionless_alert(self._data[position:]):
            return self._versionless_alert(position)
        if self._certain:
            self.problem = Malformed(self._base + position, fault)
            return None
        self._forget_state()
        return self._search(self._base, self._data, position)

    def _versionless_alert(self, position: int) -> int:
        """Read an alert of a server that did not come to agree on a version."""
        end, base = len(self._data), self._base
        fields = base + position, base + end, _ALERT, 0, _ALERT_LENGTH, False, True, False
        self.records.append(Record(*fields))
        self._alert(end - _ALERT_LENGTH, end)
        self._boundary = base + end
        return end

    def _ssl2_hello(self) -> int | None:
        """Read an SSL 2.0 record at the start of the stream; returns where TLS goes on."""
        data = self._data
        header = ssl2_header(data) if header_fault(data[:HEADER_LENGTH]) else None
        if header is None:
            return 0
        complete = header.record_end <= len(data)
        length = header.record_end - header.start
        if complete:
            try:
                self.messages.append(ssl2_client_hello(data, header))
            except (OutOfBytesError, ValueError) as wrong:
                self.problem = Malformed(0, str(wrong))
                return None
        self.records.append(
            Record(
                0, header.record_end, _HANDSHAKE, Version.SSL_2_0, length, False, complete, False
            )
        )
        self._boundary = header.record_end
        return header.record_end if complete else None

    def _control(self, kind: int, start: int, end: int) -> bool:
        """Take a fragment that is neither application data nor handshake.

        Like those it goes from ``start`` to ``end``, of which the run may lack the last octets.
        Returns whether it is encrypted.
        """
        if kind == _HEARTBEAT or end > len(self._data):
            return self._phase is not _CLEAR
        if kind == _ALERT:
            return self._alert(start, end)
        return self._change_cipher_spec(start, end)

    def _handshake(self, version: int, start: int, end: int) -> bool:
        data = self._data
        visible_end = min(end, len(data))
        assembler = self._assembler
        if self._phase is _PROTECTED:
            readable = end == visible_end and is_hello(data, start, end)
        else:
            readable = not assembler.lost or looks_clear(data, start, visible_end, end)
        if not readable:
            encrypted = self._phase is not _CLEAR
            if encrypted and start < end == visible_end:
                self.messages.append(EncryptedHandshake(self._base + start, self._base + end))
            return encrypted
        assembler.lost = False
        assembler.feed(data, start, visible_end, self._base, version)
        if self._phase is _UNCERTAIN:
            self._phase = _CLEAR
        if assembler.tls13:
            self._phase = _PROTECTED
        return False

    def _change_cipher_spec(self, start: int, end: int) -> bool:
        if end - start != 1 or self._data[start] != 1:
            return self._phase is not _CLEAR
        self.messages.append(ChangeCipherSpec(self._base + start, self._base + end))
        self._phase = _PROTECTED
        self._assembler.drop()
        return False

    def _alert(self, start: int, end: int) -> bool:
        """Two octets are never encrypted; other lengths are read while handshakes are clear.

        A record without any, which RFC 8446 forbids (section 5.1), says nothing.
        """
        if start == end:
            return self._phase is not _CLEAR
        octets = self._data[start:end]
        offset = self._base + start
        if self._phase is not _CLEAR:
            octets = octets if len(octets) == _ALERT_LENGTH else b""
        elif self._alert_octet:
            octets = self._alert_octet + octets
            offset = self._alert_offset
        if not octets or not _ALERT_LEVELS.issuperset(octets[::_ALERT_LENGTH]):
            self.messages.append(Alert(self._base + start, self._base + end, None, None))
            return True
        self._alert_octet = octets[-1:] if len(octets) % _ALERT_LENGTH else b""
        self._alert_offset = self._base + end - 1
        last = self._base + end - len(octets)
        for at in range(0, len(octets) - 1, _ALERT_LENGTH):
            last += _ALERT_LENGTH
            self.messages.append(Alert(offset, last, octets[at], octets[at + 1]))
            offset = last
        return False
