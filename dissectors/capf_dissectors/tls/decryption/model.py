"""What decryption is given, and what it answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from capf_dissectors.streams import Piece, contiguous_runs
from capf_dissectors.tls.messages import Message
from capf_dissectors.tls.stream import TlsStream


class Reason(Enum):
    """Why a session, or the rest of it, cannot be read."""

    NO_HELLO = "the capture lacks the ClientHello or ServerHello by which secrets are found"
    NO_SECRET = "no secret given is for it"
    NOT_BY_RSA = "an RSA key does not open what was agreed on by Diffie-Hellman; a key log opens it"
    OTHER_KEY = "the RSA key is not that of the certificate which the server presented"
    RESUMED = (
        "what is resumed began outside of the capture, where an RSA key does not reach; a key log "
        "opens it"
    )
    NO_EXCHANGE = "the capture lacks handshake messages without which the RSA key opens nothing"
    VERSION = "this version of the protocol cannot be decrypted"
    SUITE = "this cipher suite cannot be decrypted"
    COMPRESSED = "compressed records cannot be decrypted"
    WRONG_SECRET = (
        "no record passes its integrity check: the secret is wrong, or the records were altered"
    )
    ONE_SIDE = "no record of one side passes its integrity check with the secrets given"
    LACKING = "the key log lacks a part of the secrets"
    GAP = "behind a hole in the capture not every record could be found again"
    DAMAGED = "some records do not pass their integrity check"
    NEW_KEYS = "new keys were agreed on, and no secret given is for those"


class Plaintext(NamedTuple):
    """One opened record."""

    from_client: bool
    record: int
    """Index into the records of its side."""
    content_type: int
    """In TLS 1.3 the inner one."""
    data: bytes


class Revealed(NamedTuple):
    """A handshake message or an alert that was encrypted."""

    from_client: bool
    message: Message
    """Its offsets are those of the records that carried it."""


class Side(NamedTuple):
    """One direction of a session."""

    tls: TlsStream
    pieces: Sequence[Piece]


class Decryption:
    """What secrets make of a session. No secret stands in its ``repr``."""

    def __init__(
        self,
        client: Sequence[Plaintext] = (),
        server: Sequence[Plaintext] = (),
        revealed: Sequence[Revealed] = (),
        reason: Reason | None = None,
        masters: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        self.client = client
        self.server = server
        self.revealed = revealed
        self.reason = reason
        self.masters = masters
        """Session ids and tickets by which it may be resumed, each with the master secret."""

    def __repr__(self) -> str:
        return f"<{len(self.client)} + {len(self.server)} records, {self.reason}>"


class Octets:
    """The bytes of one direction by their stream offsets."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._runs = contiguous_runs(pieces)
        self._starts = [run.offset for run in self._runs]

    def read(self, start: int, end: int) -> bytes | None:
        """The bytes from ``start`` to ``end``; None where one is missing."""
        at = bisect_right(self._starts, start) - 1
        if at < 0 or self._runs[at].end < end:
            return None
        offset, data = self._runs[at]
        return data[start - offset : end - offset]
