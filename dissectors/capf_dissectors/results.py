"""The two answers of a dissector that are not a message."""

from __future__ import annotations

from msgspec import Struct


class NeedMore(Struct, frozen=True):
    """The bytes so far are a valid beginning; the rest has not come.

    ``at_least`` is the number of further bytes without which no answer can change, and never 0.
    """

    at_least: int = 1


class Malformed(Struct, frozen=True):
    """The bytes are not the protocol: the first octet that cannot be, and why.

    ``offset`` counts octets from the start of what the dissector was given.
    """

    offset: int
    reason: str
