"""What a CAPF session is made of: places, and the messages that lead from one to the next.

A message is a header of 8 bytes and elements with 3 bytes of header each. What is typical was
measured on sessions with 15-character device names and keys of RSA 512 to 4096 bits and P-256 to
P-521; servers differ in the elements they send, and so what is allowed is wider.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import NamedTuple

from msgspec import Struct, structs


class CapfMessage(StrEnum):
    """CAPF commands that an operation consists of."""

    AUTH_REQUEST = "AUTH_REQUEST"
    AUTH_RESPONSE = "AUTH_RESPONSE"
    KEYGEN_REQUEST = "KEYGEN_REQUEST"
    KEYGEN_RESPONSE = "KEYGEN_RESPONSE"
    ENCRYPT_REQUEST = "ENCRYPT_REQUEST"
    ENCRYPT_RESPONSE = "ENCRYPT_RESPONSE"
    STORE_CERT_REQUEST = "STORE_CERT_REQUEST"
    STORE_CERT_RESPONSE = "STORE_CERT_RESPONSE"
    FETCH_REQUEST = "FETCH_REQUEST"
    FETCH_RESPONSE = "FETCH_RESPONSE"
    DELETE_REQUEST = "DELETE_REQUEST"
    DELETE_RESPONSE = "DELETE_RESPONSE"
    REQUEST_IN_PROGRESS = "REQUEST_IN_PROGRESS"
    END_SESSION = "END_SESSION"
    RETRY_LATER = "RETRY_LATER"


class Operation(StrEnum):
    """What the server has the phone do with its certificate."""

    INSTALL = "install"
    """Install or upgrade: a new key pair and a new certificate."""
    FETCH = "fetch"
    """Troubleshoot: the server reads the phone's certificate."""
    DELETE = "delete"
    UNKNOWN = "unknown"


class Sizes(NamedTuple):
    """Inclusive ranges of bytes."""

    ranges: tuple[tuple[int, int], ...]

    def meet(self, smallest: int, largest: int) -> bool:
        """Whether a size between ``smallest`` and ``largest`` may be one of these."""
        for low, high in self.ranges:  # noqa: SIM110 - twice as fast
            if low <= largest and smallest <= high:
                return True
        return False

    @property
    def longest(self) -> int:
        """The largest of them; 0 where there are none."""
        return max((high for _, high in self.ranges), default=0)


IN_PROGRESS_LENGTH = 8
"""Bytes of REQUEST_IN_PROGRESS, a header without elements."""
LONGEST_IN_PROGRESS = IN_PROGRESS_LENGTH + 3
IN_PROGRESS = Sizes(((IN_PROGRESS_LENGTH, LONGEST_IN_PROGRESS),))
KEEPALIVE = Sizes(((8, 32),))
"""What a side may say while the other one is busy; it is not documented."""
SHORTEST_CERTIFICATES = 500
"""Bytes from which on an AUTH_RESPONSE carries the certificates that the phone authenticates
itself with; with a password of 255 characters it has 290."""


class Place(Enum):
    """Where a session stands."""

    BEGUN = 1
    AUTHENTICATION_ASKED = 2
    AUTHENTICATED = 3
    KEY_ASKED = 4
    KEY_MADE = 5
    KEY_DENIED = 6
    ENCRYPTION_ASKED = 7
    ENCRYPTED = 8
    STORING_ASKED = 9
    FETCH_ASKED = 10
    DELETION_ASKED = 11
    DONE = 12
    """An operation is done; the server may begin the next one."""
    ENDED = 13


class Move(Struct, frozen=True, eq=False):
    """One message, and where it leads."""

    message: CapfMessage
    from_client: bool
    to: Place
    typical: Sizes
    allowed: Sizes
    operation: Operation | None = None
    """What the message begins."""
    unusual: bool = False
    """Whether another message of the same size is meant nearly always."""


def _move(
    message: CapfMessage,
    to: Place,
    typical: tuple[tuple[int, int], ...],
    allowed: tuple[tuple[int, int], ...],
    operation: Operation | None = None,
    *,
    unusual: bool = False,
) -> Move:
    from_client = message.name.endswith("_RESPONSE")
    return Move(message, from_client, to, Sizes(typical), Sizes(allowed), operation, unusual)


_SHORT = ((8, 32),)
_CONFIRMATION = ((12, 12),)
"""A header and a REASON of one byte."""
_CERTIFICATE = ((420, 2500),)
_LONG_CERTIFICATE = ((300, 8000),)

END = _move(CapfMessage.END_SESSION, Place.ENDED, _CONFIRMATION, _SHORT)
_RETRY_LATER = _move(
    CapfMessage.RETRY_LATER, Place.ENDED, ((12, 15), (19, 19)), _SHORT, unusual=True
)
"""A header, a RETRY_DELAY of one to four bytes, and perhaps a REASON: this is not documented."""
_OPERATIONS = (
    _move(CapfMessage.KEYGEN_REQUEST, Place.KEY_ASKED, ((13, 17),), ((12, 40),), Operation.INSTALL),
    _move(CapfMessage.FETCH_REQUEST, Place.FETCH_ASKED, ((8, 8),), ((8, 20),), Operation.FETCH),
    _move(
        CapfMessage.DELETE_REQUEST, Place.DELETION_ASKED, ((8, 8),), ((8, 20),), Operation.DELETE
    ),
)
_FURTHER_OPERATIONS = tuple(structs.replace(move, allowed=move.typical) for move in _OPERATIONS)
"""Sessions of several operations are rare: what looks only nearly like one is none."""
_STORING = _move(
    CapfMessage.STORE_CERT_REQUEST, Place.STORING_ASKED, _CERTIFICATE, _LONG_CERTIFICATE
)

MOVES: dict[Place, tuple[Move, ...]] = {
    Place.BEGUN: (
        _move(CapfMessage.AUTH_REQUEST, Place.AUTHENTICATION_ASKED, ((12, 16),), ((8, 48),)),
    ),
    Place.AUTHENTICATION_ASKED: (
        _move(
            CapfMessage.AUTH_RESPONSE,
            Place.AUTHENTICATED,
            ((28, 64), (900, 5000)),
            ((20, 220), (SHORTEST_CERTIFICATES, 9000)),
        ),
    ),
    Place.AUTHENTICATED: (*_OPERATIONS, END, _RETRY_LATER),
    Place.KEY_ASKED: (
        _move(CapfMessage.KEYGEN_RESPONSE, Place.KEY_MADE, ((100, 570),), ((80, 660),)),
        _move(CapfMessage.KEYGEN_RESPONSE, Place.KEY_DENIED, _CONFIRMATION, _SHORT),
    ),
    Place.KEY_MADE: (
        _STORING,
        _move(CapfMessage.ENCRYPT_REQUEST, Place.ENCRYPTION_ASKED, (), ((24, 700),)),
        END,
    ),
    Place.KEY_DENIED: (END,),
    Place.ENCRYPTION_ASKED: (
        _move(CapfMessage.ENCRYPT_RESPONSE, Place.ENCRYPTED, (), ((12, 700),)),
    ),
    Place.ENCRYPTED: (_STORING, END),
    Place.STORING_ASKED: (
        _move(CapfMessage.STORE_CERT_RESPONSE, Place.DONE, _CONFIRMATION, _SHORT),
    ),
    Place.FETCH_ASKED: (
        _move(CapfMessage.FETCH_RESPONSE, Place.DONE, _CERTIFICATE, _LONG_CERTIFICATE),
        _move(CapfMessage.FETCH_RESPONSE, Place.DONE, _CONFIRMATION, _SHORT, unusual=True),
    ),
    Place.DELETION_ASKED: (_move(CapfMessage.DELETE_RESPONSE, Place.DONE, _CONFIRMATION, _SHORT),),
    Place.DONE: (*_FURTHER_OPERATIONS, END),
    Place.ENDED: (),
}
"""Who may say what where, the usual message first.

Only Cisco Unified CME has the ENCRYPT exchange; its sizes are not documented. A phone that cannot
make a key answers with a reason and no key, and one that has no certificate to show likewise.
"""

CLIENTS_TURN = frozenset(place for place, moves in MOVES.items() if moves and moves[0].from_client)
"""Places at which the phone is to speak."""

TAKE_TIME = frozenset(
    {
        Place.KEY_ASKED,
        Place.KEY_MADE,
        Place.ENCRYPTION_ASKED,
        Place.ENCRYPTED,
        Place.STORING_ASKED,
        Place.FETCH_ASKED,
        Place.DELETION_ASKED,
    }
)
"""Places at which who is to speak may first say REQUEST_IN_PROGRESS, once or more often."""

AWAITED: dict[Place, CapfMessage | None] = {
    place: moves[0].message if moves else None for place, moves in MOVES.items()
} | {
    Place.AUTHENTICATED: None,
    Place.KEY_DENIED: CapfMessage.STORE_CERT_REQUEST,
    Place.DONE: CapfMessage.END_SESSION,
}
"""What has to come next; None where that depends on the operation, or nothing has to."""
