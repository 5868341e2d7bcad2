"""Messages between the engine and an application, as MessagePack.

Both ends are the same program. Text from packets is made harmless before it leaves the engine.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from capf_tui.asking.phones import PhoneRow
from capfpcap.formats.harmless import harmless
from capfpcap.ladder.model import Moment


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """A question, and the number that its answer bears."""

    number: int
    kind: str
    """Name of the question's class."""
    question: msgspec.Raw


class Begin(msgspec.Struct, frozen=True, tag="begin"):
    """Analyse the captures, again if they were analysed."""


Request = Ask | Begin


class Progressed(msgspec.Struct, frozen=True, tag="progressed"):
    """How far the analysis is."""

    stage: str
    """``reading`` or ``judging``."""
    done: int
    total: int | None
    """Null where nobody knows."""


class Judged(msgspec.Struct, frozen=True, tag="judged"):
    """Phones that were judged meanwhile; what others show may change their account yet."""

    rows: list[PhoneRow]


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The captures are analysed; questions are answered from now on."""

    generation: int
    """How many times they were analysed: of captures that grow, more than once."""
    following: bool = False
    """Whether they are analysed again when they have grown."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The captures cannot be analysed."""

    sentence: str


class Cancelled(msgspec.Struct, frozen=True, tag="cancelled"):
    """The analysis was broken off, as the user wished."""


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """The answer to one question."""

    number: int
    answer: msgspec.Raw


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why a question has no answer."""

    number: int
    sentence: str


News = Progressed | Judged | Ready | Failed | Cancelled
"""What an application is told unasked."""
Reply = News | Answered | Refused

_Value = TypeVar("_Value")


def pack(value: object) -> bytes:
    """``value`` as bytes."""
    return msgspec.msgpack.encode(value, enc_hook=_plain)


def pack_harmless(value: msgspec.Struct) -> bytes:
    """``value`` as bytes, with every string harmless; bytes stay what they are."""
    return pack(_clean(msgspec.to_builtins(value, builtin_types=(bytes,), enc_hook=_plain)))


def unpack(data: bytes | msgspec.Raw, kind: type[_Value]) -> _Value:
    """The value in ``data``.

    Raises:
        msgspec.ValidationError: it is none of that kind.
    """
    return msgspec.msgpack.decode(data, type=kind, dec_hook=_custom)


def _clean(value: object) -> object:
    """A tree of built-in values with its strings harmless."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dict):
        return {_clean(key): _clean(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(entry) for entry in value]
    return value


def _plain(value: object) -> object:
    """Moments are numbers on the wire."""
    if isinstance(value, int):
        return int(value)
    raise NotImplementedError(type(value))


def _custom(kind: type, value: object) -> object:
    if kind is Moment and isinstance(value, int):
        return Moment(value)
    raise NotImplementedError(kind)
