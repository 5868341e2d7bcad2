"""A packet taken apart: its fields, and the bytes that they stand for."""

from __future__ import annotations

from capf_dissectors.outline import Node
from msgspec import Struct


class ByteView(Struct, frozen=True):
    """A sequence of bytes that is shown beside the fields."""

    title: str
    """``Frame 12``, ``Reassembled from frames 11 to 13``."""
    data: bytes
    """The first of them, where there are more than :data:`MAX_VIEW`."""
    length: int
    """How many there are."""


MAX_VIEW = 1 << 18
"""Bytes of one view: more than any trust list or chain of certificates has."""


class Inspection(Struct, frozen=True):
    """A packet, or a message that ended with it."""

    title: str
    fields: tuple[Node, ...]
    """:attr:`Node.view` is an index into :attr:`views`."""
    views: tuple[ByteView, ...]
    """The frame first."""
    remarks: tuple[str, ...] = ()
    """What cannot be shown, and why; a sentence each."""
    focus: int = 0
    """Index in :attr:`fields` of the innermost protocol: what the packet is about."""
