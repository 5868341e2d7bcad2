"""What keys reveal of a TLS session: its plaintext, and why any of it stays closed."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from msgspec import Struct, field

from capfpcap.flows.reassembly import Stream

if TYPE_CHECKING:
    from capfpcap.timeline.session import Said


class PlainStream(Stream):
    """The application data of one side in the clear.

    Offsets count bytes of plaintext. Where a record could not be read there is a hole, whose length
    is the longest that the record's plaintext may have, 1 at the least.
    """

    records: list[int] = field(default_factory=list)
    """For each of :attr:`starts` the number of the record that its bytes came in: an index of
    :attr:`Session.application_records`."""

    def record_completing(self, end: int) -> int:
        """The number of the record that brought the byte in front of the offset ``end``."""
        return self.records[max(bisect_left(self.starts, end) - 1, 0)]


class Decrypted(Struct, eq=False):
    """A session as the keys at hand show it."""

    client: PlainStream
    server: PlainStream
    reason: str | None = None
    """Why it, or the rest of it, cannot be read: one sentence without a full stop."""
    complete: bool = False
    """Whether every encrypted record that was captured is read."""
    readable: bool = False
    """Whether any record is read: its authentication code fits."""
    has_secret: bool = True
    """Whether there was anything to try with."""
    opened: frozenset[tuple[bool, int]] = frozenset()
    """Which records were read: whether a client's, and the stream offset behind the header."""
    revealed: tuple[Said, ...] = ()
    """Handshake messages and alerts that were encrypted; their offsets are those of the records
    that carried them."""


def closed(reason: str, *, has_secret: bool = True) -> Decrypted:
    """A session of which nothing can be read."""
    return Decrypted(PlainStream(), PlainStream(), reason, has_secret=has_secret)
