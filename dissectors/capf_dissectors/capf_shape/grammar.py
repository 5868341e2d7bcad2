"""The messages of a CAPF session by their sizes.

A message is a header of 8 bytes and elements with 3 bytes of header each. What is typical was
measured on sessions with 15-character device names and keys of RSA 512 to 4096 bits and P-256 to
P-521; servers differ in the elements they send, and so what is allowed is wider.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from msgspec import Struct, structs

from capf_dissectors.capf_order import ORDER, Command, Operation, Place, Step


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


class Move(Struct, frozen=True, eq=False):
    """One message by its sizes, and where it leads."""

    message: Command
    from_client: bool
    to: Place
    typical: Sizes
    allowed: Sizes
    operation: Operation | None = None
    """What the message begins."""
    unusual: bool = False
    """Whether another message of the same size is meant nearly always."""


class _Lengths(Struct, frozen=True, cache_hash=True):
    typical: tuple[tuple[int, int], ...]
    allowed: tuple[tuple[int, int], ...]
    unusual: bool = False


_SHORT = ((8, 32),)
_CONFIRMATION = ((12, 12),)
"""A header and a REASON of one byte."""
_CONFIRMED = _Lengths(_CONFIRMATION, _SHORT)
_CERTIFICATE = _Lengths(((420, 2500),), ((300, 8000),))
_C = Command

_LENGTHS: dict[Command, tuple[_Lengths, ...]] = {
    _C.AUTH_REQUEST: (_Lengths(((12, 16),), ((8, 48),)),),
    _C.AUTH_RESPONSE: (
        _Lengths(((28, 64), (900, 5000)), ((20, 220), (SHORTEST_CERTIFICATES, 9000))),
    ),
    _C.KEYGEN_REQUEST: (_Lengths(((13, 17),), ((12, 40),)),),
    _C.KEYGEN_RESPONSE: (_Lengths(((100, 570),), ((80, 660),)),),
    _C.ENCRYPT_REQUEST: (_Lengths((), ((24, 700),)),),
    _C.ENCRYPT_RESPONSE: (_Lengths((), ((12, 700),)),),
    _C.STORE_CERT_REQUEST: (_CERTIFICATE,),
    _C.STORE_CERT_RESPONSE: (_CONFIRMED,),
    _C.FETCH_REQUEST: (_Lengths(((8, 8),), ((8, 20),)),),
    _C.FETCH_RESPONSE: (_CERTIFICATE, structs.replace(_CONFIRMED, unusual=True)),
    _C.DELETE_REQUEST: (_Lengths(((8, 8),), ((8, 20),)),),
    _C.DELETE_RESPONSE: (_CONFIRMED,),
    _C.END_SESSION: (_CONFIRMED,),
    _C.RETRY_LATER: (_Lengths(((12, 15), (19, 19)), _SHORT, unusual=True),),
}
"""How long messages are, in each of their forms.

Those of the ENCRYPT exchange are not documented, nor is RETRY_LATER: a header, a RETRY_DELAY of one
to four bytes, and perhaps a REASON.
"""


def _moves(place: Place, step: Step) -> Iterator[Move]:
    """A step in each form that the message may have there."""
    for lengths in (_CONFIRMED,) if step.to is Place.KEY_DENIED else _LENGTHS[step.command]:
        yield _move(step, lengths, place is Place.DONE and step.operation is not None)


@cache
def _move(step: Step, lengths: _Lengths, is_further: bool) -> Move:
    """One object for the same step from several places: what fits it is worked out once.

    Sessions of several operations are rare: what looks only nearly like a further one is none.
    """
    return Move(
        step.command,
        step.from_client,
        step.to,
        Sizes(lengths.typical),
        Sizes(lengths.typical if is_further else lengths.allowed),
        step.operation,
        lengths.unusual,
    )


MOVES: dict[Place, tuple[Move, ...]] = {
    place: tuple(move for step in steps for move in _moves(place, step))
    for place, steps in ORDER.items()
}
"""Who may say what where, and how long it is."""

END = next(move for move in MOVES[Place.AUTHENTICATED] if move.message is Command.END_SESSION)
