"""Fields of trust lists and signed files: tag, length, value; see :mod:`capf_dissectors.tlv`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import IntEnum

from capf_dissectors.outline.node import shown
from capf_dissectors.outline.outliner import Outliner
from capf_dissectors.text import decode_terminated

Reader = Callable[[Outliner], None]
"""Reads a value; what the value says as a whole goes to :attr:`Outliner.value`."""


def read_field(walk: Outliner, names: Mapping[int, str], readers: Mapping[int, Reader]) -> None:
    """One field: of a value without fields of its own only the value, without tag and length."""
    start = walk.position
    tag, length = walk.u8(), walk.u16()
    with walk.fields(f"{names.get(tag, 'unknown')} ({tag})", length) as value:
        readers.get(tag, as_bytes)(value)
        if not value.nodes:
            value.position = value.end
    if walk.nodes[-1].children:
        walk.widen(start)


def value_of(walk: Outliner, tag: IntEnum) -> str:
    """What a field of the block that was read already says; empty where there is none."""
    name = f"{tag.name} ({tag.value})"
    return next((node.value for node in walk.nodes if node.name == name), "")


def as_bytes(value: Outliner) -> None:
    """A value without a meaning of its own."""
    value.value = shown(value.data[value.position : value.end])


def as_text(value: Outliner) -> None:
    """Text, with the NUL that ends it."""
    value.value = decode_terminated(value.data[value.position : value.end])


def as_number(value: Outliner) -> None:
    """A number."""
    value.value = str(int.from_bytes(value.data[value.position : value.end][:8], "big"))


def as_version(value: Outliner) -> None:
    """Major and minor number, a byte each."""
    value.value = ".".join(map(str, value.data[value.position : value.end][:4]))


def as_serial(value: Outliner) -> None:
    """A serial number as other programs print it: without leading zeros."""
    value.value = value.data[value.position : value.end].hex().lstrip("0") or "0"


def as_time(value: Outliner) -> None:
    """Seconds since 1970 UTC."""
    value.value = readable_time(int.from_bytes(value.data[value.position : value.end][:4], "big"))


def readable_time(seconds: int) -> str:
    """``2026-11-30 08:00:00 UTC``."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def as_choice(words: Mapping[int, str]) -> Reader:
    """A number that stands for something."""

    def read(value: Outliner) -> None:
        number = int.from_bytes(value.data[value.position : value.end][:8], "big")
        value.value = f"{words[number]} ({number})" if number in words else str(number)

    return read
