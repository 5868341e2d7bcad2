"""What the sizes of two messages tell of their content: the phone's key, how it authenticates."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from capf_dissectors.capf_order import Command
from capf_dissectors.capf_shape.grammar import IN_PROGRESS_LENGTH, SHORTEST_CERTIFICATES
from capf_dissectors.capf_shape.shape import Certainty, SessionShape, ShapedMessage


class Authentication(Enum):
    """How the phone shows that it is who it says, as CUCM calls it."""

    NULL_STRING = "null-string"
    STRING = "string"
    CERTIFICATE = "certificate"
    """By an existing certificate, LSC or MIC."""
    UNKNOWN = "unknown"


USUAL_NAME_LENGTH = 15
"""Characters of a desk phone's device name, ``SEP`` and its MAC address."""
_NAMELESS_RESPONSE = 20
"""Bytes of an AUTH_RESPONSE without a password, less its device name: three headers of elements
and of the message, AUTH_TYPE, and the NUL behind the name."""
_PASSWORD_ELEMENT = 4
"""Bytes of an empty PASSWORD: its header and a NUL."""
_STRING_LENGTHS = range(4, 11)
"""Digits of an authentication string: CUCM accepts 4 to 10."""

_KEYGEN_HEADERS = 11
"""Bytes of a KEYGEN_RESPONSE beside the public key: headers of the message and of its element."""
_PUBLIC_KEYS = {
    "RSA 512": 94,
    "RSA 1024": 162,
    "RSA 2048": 294,
    "RSA 3072": 422,
    "RSA 4096": 550,
    "EC secp256r1": 91,
    "EC secp384r1": 120,
    "EC secp521r1": 158,
}
"""Bytes of a SubjectPublicKeyInfo with the exponent 65537 (RFC 3279, section 2.3.1), or with an
uncompressed point (RFC 5480, section 2.2)."""
_MOST_JOINED = 2
"""REQUEST_IN_PROGRESS that may stand in one record with the key, where none is seen before it."""
_ONLY_RSA = 330
"""Bytes of a KEYGEN_RESPONSE from which on no P-521 key fits, not even with a signature by it."""
_HARDLY_EVER = "RSA 512"


def key_told(shape: SessionShape) -> str | None:
    """The key that the phone generated: ``RSA 2048``, or ``RSA`` or ``EC`` alone; None if untold.

    A key of RSA 512, which no phone has had for years, is not considered where P-256 fits as well.
    """
    keys = _keys(shape)
    if is_key_contested(shape):
        keys -= {_HARDLY_EVER}
    kinds = {key.partition(" ")[0] for key in keys}
    if len(keys) == 1:
        return keys.pop()
    return kinds.pop() if len(kinds) == 1 else None


def is_key_contested(shape: SessionShape) -> bool:
    """Whether a key of RSA 512 fits as well as the one that :func:`key_told` names."""
    return {_HARDLY_EVER} < _keys(shape)


def _last_of(shape: SessionShape, command: Command) -> int | None:
    """The index of the last message of a kind; None if there is none."""
    found = [at for at, message in enumerate(shape.said) if message.command is command]
    return found[-1] if found else None


def _keys(shape: SessionShape) -> set[str]:
    """The keys that the last KEYGEN_RESPONSE may hold."""
    at = _last_of(shape, Command.KEYGEN_RESPONSE)
    if at is None:
        return set()
    response, before = shape.said[at], shape.said[at - 1]
    keys = set(_fitting(response, 0))
    if before.command is not Command.REQUEST_IN_PROGRESS:
        for joined in range(1, _MOST_JOINED + 1):
            keys.update(_fitting(response, joined * IN_PROGRESS_LENGTH))
    elif before.certainty is not Certainty.LIKELY and _may_part_headers(shape):
        keys.update(_fitting(response, -IN_PROGRESS_LENGTH))
    return keys or ({"RSA"} if response.smallest >= _ONLY_RSA else set())


def _may_part_headers(shape: SessionShape) -> bool:
    """Whether the phone may write the header of a message apart, as its first one shows."""
    at = _last_of(shape, Command.AUTH_RESPONSE)
    return at is None or shape.said[at].first < shape.said[at].last


def _fitting(message: ShapedMessage, other: int) -> Iterator[str]:
    """The keys that a message may hold if so many of its bytes are of others."""
    for name, length in _PUBLIC_KEYS.items():
        if message.smallest - other <= _KEYGEN_HEADERS + length <= message.largest - other:
            yield name


def authentication_told(shape: SessionShape, name_length: int | None) -> frozenset[Authentication]:
    """The ways of authentication that fit; none where that is not seen.

    ``name_length`` is that of the device name; None: not known, and taken to be a desk phone's.
    """
    at = _last_of(shape, Command.AUTH_RESPONSE)
    if at is None:
        return frozenset()
    smallest, largest = shape.said[at].smallest, shape.said[at].largest
    bare = _NAMELESS_RESPONSE + (USUAL_NAME_LENGTH if name_length is None else name_length)
    empty = bare + _PASSWORD_ELEMENT
    fitting = {
        Authentication.NULL_STRING: smallest <= empty and bare <= largest,
        Authentication.STRING: any(smallest <= empty + n <= largest for n in _STRING_LENGTHS),
        Authentication.CERTIFICATE: largest >= SHORTEST_CERTIFICATES,
    }
    if fitting[Authentication.NULL_STRING] and smallest == largest:
        fitting[Authentication.NULL_STRING] = smallest in (bare, empty)
    return frozenset(way for way, fits in fitting.items() if fits)
