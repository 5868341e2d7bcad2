"""The records of one direction in turn, and the search for the sequence number behind a hole."""

from __future__ import annotations

from collections.abc import Sequence

from capf_dissectors.tls.decryption.handshakes import (
    MAX_MESSAGES,
    Collector,
    RawMessage,
    revealed,
)
from capf_dissectors.tls.decryption.model import Octets, Plaintext, Reason, Revealed, Side
from capf_dissectors.tls.decryption.protection import Inner, Protection
from capf_dissectors.tls.messages import Alert, Record
from capf_dissectors.tls.record_header import HEADER_LENGTH
from capf_dissectors.tls.registries import ContentType

MAX_SKIPPED = 4096
"""Records that a hole may have swallowed if the sequence number is to be found again."""
SPARE_TRIALS = 256
"""Attempts to open records of one direction beyond those that its records and bytes allow."""
_TRIALS_A_RECORD = 4
_BYTES_A_TRIAL = 8
"""So the work stays in proportion to what was captured, however long its holes pretend to be."""
SHORTEST_RECORD = HEADER_LENGTH + 16
"""Bytes of an encrypted record: no code or tag but those of CCM_8 is shorter, with its nonce."""
_LONGEST_TAIL = 128
"""Bytes of a record's end in which the last block of CBC stands, with a code behind it."""
_ALERT = int(ContentType.ALERT)
_HANDSHAKE = int(ContentType.HANDSHAKE)


class Opener:
    """One direction under one key, and which sequence numbers its next record may have."""

    def __init__(self, protection: Protection) -> None:
        self.protection = protection
        self.verified = 0
        self._low = 0
        self._high = 0

    def open(self, record: Record, fragment: bytes, walk: Walk) -> Inner | None:
        """The record's plaintext if one of the numbers fits."""
        for sequence in range(self._low, self._high + 1):
            if not walk.may_try():
                return None
            inner = self.protection.open(sequence, record.content_type, record.version, fragment)
            if inner is not None:
                self._low = self._high = sequence + 1
                self.verified += 1
                return inner
        return None

    def step(self) -> None:
        """A record was not read and had a number."""
        self._low += 1
        self._high += 1

    def widen(self, records: int) -> None:
        """So many records may be missing."""
        self._high = min(self._high + records, self._low + MAX_SKIPPED)
        self.protection.lost()


class Walk:
    """The records of one direction, and what was made of them."""

    def __init__(self, side: Side, *, from_client: bool) -> None:
        self.records: Sequence[Record] = side.tls.records
        self.from_client = from_client
        self.plain: list[Plaintext] = []
        self.revealed: list[Revealed] = []
        self.collector = Collector()
        self.position = 0
        """Number of the next record."""
        self.lacking = False
        """Whether there are records without a secret among others that have one."""
        self.failed = 0
        """Records that were captured whole and fail their check."""
        self.failed_behind_hole = False
        self._behind_hole = False
        """Whether a hole lies between the last record that was read and here."""
        self._octets = Octets(side.pieces)
        self._trials = 0
        captured = sum(len(piece.data) for piece in side.pieces)
        self._most_trials = (
            SPARE_TRIALS + _TRIALS_A_RECORD * len(self.records) + captured // _BYTES_A_TRIAL
        )

    @property
    def current(self) -> Record | None:
        """The next record; None behind the last one."""
        return self.records[self.position] if self.position < len(self.records) else None

    def may_try(self) -> bool:
        """Whether a further attempt is within bounds; counts it."""
        self._trials += 1
        return self._trials <= self._most_trials

    def fragment(self, record: Record) -> bytes | None:
        """What a record holds behind its header; None where it was not captured whole."""
        if not record.complete:
            return None
        return self._octets.read(record.offset + HEADER_LENGTH, record.end)

    def tail(self, record: Record) -> bytes | None:
        """The end of a record that was not captured whole, where that was."""
        start = max(record.offset + HEADER_LENGTH, record.end - _LONGEST_TAIL)
        return self._octets.read(start, record.end)

    def attempt(self, opener: Opener, record: Record) -> Inner | None:
        """Open the current record if that goes; its number counts in any case."""
        missing = self.missing_before(record)
        if missing:
            opener.widen(missing)
            self.note_hole()
        fragment = self.fragment(record)
        inner = None if fragment is None else opener.open(record, fragment, self)
        if inner is None:
            opener.step()
        end = self.tail(record) if fragment is None else fragment
        opener.protection.passed(end, record.length, verified=inner is not None)
        return inner

    def note_hole(self) -> None:
        """Records are missing in front of the current one."""
        self._behind_hole = True

    def miss(self, record: Record) -> None:
        """The current record was not read."""
        if not record.complete:
            self._behind_hole = True
        else:
            self.failed += 1
            self.failed_behind_hole |= self._behind_hole
        self.collector.lose()

    def missing_before(self, record: Record) -> int:
        """How many records may be missing in front of one that a search found."""
        if not record.resynchronised:
            return 0
        before = self.records[self.position - 1].end if self.position else 0
        return max(0, record.offset - before) // SHORTEST_RECORD + 1

    def keep(self, inner: Inner, version: int, *, tls13: bool = False) -> list[RawMessage]:
        """Take the plaintext of the current record; the handshake messages that end in it."""
        at, record = self.position, self.records[self.position]
        self._behind_hole = False
        self.plain.append(Plaintext(self.from_client, at, inner.content_type, inner.data))
        if inner.content_type == _ALERT:
            self._keep_alerts(inner.data, record)
        if inner.content_type != _HANDSHAKE:
            return []
        whole = self.collector.feed(at, inner.data)
        for raw in whole[: MAX_MESSAGES - len(self.revealed)]:
            offset = self.records[raw.first].offset + HEADER_LENGTH
            message = revealed(raw, offset, record.end, version, tls13=tls13)
            self.revealed.append(Revealed(self.from_client, message))
        return whole

    def _keep_alerts(self, data: bytes, record: Record) -> None:
        start = record.offset + HEADER_LENGTH
        if len(self.revealed) >= MAX_MESSAGES:
            return
        for level, description in zip(data[:4:2], data[1:4:2], strict=False):
            alert = Alert(start, record.end, level, description)
            self.revealed.append(Revealed(self.from_client, alert))


def reason_of(walks: Sequence[Walk]) -> Reason | None:
    """Why not all that was tried was read; None where it was."""
    if any(walk.lacking for walk in walks):
        return Reason.LACKING
    unread = [walk for walk in walks if walk.failed and not walk.plain]
    if unread:
        return Reason.WRONG_SECRET if not any(walk.plain for walk in walks) else Reason.ONE_SIDE
    if any(walk.failed_behind_hole for walk in walks):
        return Reason.GAP
    return Reason.DAMAGED if any(walk.failed for walk in walks) else None
