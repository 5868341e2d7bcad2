"""Encrypted records of application data, in the order in which both sides said them.

A capture may have packets of opposite directions in the wrong order, as where a network card hands
them over from several queues. An acknowledgement tells: who acknowledges a record speaks after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from capf_dissectors.tls import ContentType, Record, ServerHello, plaintext_bounds

from capfpcap.capture.sequence import distance
from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import Stream

_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_MOST_OVERHEAD = 80
"""Octets that a cipher adds at the most: CBC's vector, a SHA-384 code, a block of padding."""


class EncryptedRecord(NamedTuple):
    """A record of application data whose content cannot be read."""

    row: int
    from_client: bool
    smallest: int
    """Octets of plaintext at the least."""
    largest: int

    @property
    def size(self) -> str:
        """The octets of plaintext in words: one number where it is known, else the bounds."""
        if self.smallest == self.largest:
            return f"{self.smallest}"
        return f"{self.smallest} to {self.largest}"


class Placed(NamedTuple):
    """A record, and where it stands in the streams."""

    end: int
    """Stream offset behind it."""
    heard: int
    """Stream offset up to which its last packet acknowledges the other side; 0 if unknown."""
    record: EncryptedRecord


def placed_records(
    connection: Connection,
    stream: Stream,
    records: Sequence[Record],
    negotiated: ServerHello | None,
    *,
    from_client: bool,
) -> list[Placed]:
    """One side's records of application data, in the order of its stream.

    A record of which the capture lacks octets counts if all of it was sent: its header tells its
    length. Without a ServerHello, what the cipher adds is unknown.
    """
    sent = connection.side(from_client).sent
    said = [
        record
        for record in records
        if record.content_type == _APPLICATION_DATA and record.end <= sent
    ]
    return [
        Placed(
            record.end,
            _heard(connection, row, from_client=from_client),
            EncryptedRecord(row, from_client, *_plaintext_bounds(negotiated, record)),
        )
        for row, record in zip(stream.rows_completing(said), said, strict=True)
    ]


def _heard(connection: Connection, row: int, *, from_client: bool) -> int:
    start = connection.start(not from_client)
    if start is None:
        return 0
    return max(distance(int(connection.view.table.columns.acknowledgement[row]), start), 0)


def _plaintext_bounds(negotiated: ServerHello | None, record: Record) -> tuple[int, int]:
    """How many octets of plaintext a record holds at the least and at the most."""
    if negotiated is None:
        return max(0, record.length - _MOST_OVERHEAD), record.length
    return plaintext_bounds(
        negotiated.version, negotiated.cipher_suite, record.length, negotiated.encrypt_then_mac
    )


def in_order_said(client: Sequence[Placed], server: Sequence[Placed]) -> Iterator[EncryptedRecord]:
    """Merge what two sides said."""
    up = down = 0
    while up < len(client) and down < len(server):
        if _is_first(client[up], server[down]):
            yield client[up].record
            up += 1
        else:
            yield server[down].record
            down += 1
    for left in (*client[up:], *server[down:]):
        yield left.record


def _is_first(client: Placed, server: Placed) -> bool:
    """Whether the client's record was said first: what is acknowledged, else what came first."""
    if server.heard >= client.end:
        return True
    return client.heard < server.end and client.record.row < server.record.row
