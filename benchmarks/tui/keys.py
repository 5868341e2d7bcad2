"""The keys that are pressed, screen by screen, as somebody presses them who looks for a cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_LIST = (
    *("down",) * 6,
    *("pagedown",) * 5,
    "end",
    "pageup",
    "home",
    *("d",) * 3,
    *("u",) * 2,
)
"""Keys that every list takes."""


class Stroke(NamedTuple):
    """One key, where it is pressed and what for."""

    screen: str
    does: str
    key: str


def _moves(screen: str) -> Iterator[Stroke]:
    for key in _LIST:
        yield Stroke(screen, key, key)


def _typed(screen: str, words: str) -> Iterator[Stroke]:
    """A filter, typed, kept, and taken away again."""
    yield Stroke(screen, "filter", "slash")
    for letter in words:
        yield Stroke(screen, "type", "space" if letter == " " else letter)
    yield Stroke(screen, "leave filter", "enter")
    yield from (Stroke(screen, "move in filtered", "down") for _ in range(3))
    yield Stroke(screen, "filter", "slash")
    yield Stroke(screen, "clear filter", "escape")


def _sorted(screen: str, times: int) -> Iterator[Stroke]:
    for _ in range(times):
        yield Stroke(screen, "sort", "s")
    yield Stroke(screen, "turn", "S")


def _ladders(screen: str) -> Iterator[Stroke]:
    """Into ladders and out of them."""
    for _ in range(3):
        yield Stroke(screen, "open ladder", "enter")
        yield from (Stroke("ladder", "down", "down") for _ in range(3))
        yield Stroke("ladder", "next finding", "n")
        yield Stroke("ladder", "back", "left_square_bracket")
        yield Stroke(screen, "down", "down")


def strokes() -> Iterator[Stroke]:
    """All of them in order."""
    yield from _moves("phones")
    yield from _ladders("phones")
    yield from _sorted("phones", 8)
    yield from _typed("phones", "refuses itl")
    yield from (Stroke("phones", "time", "t") for _ in range(4))
    yield Stroke("phones", "switch screen", "2")
    yield from _moves("flows")
    yield from _ladders("flows")
    yield from _sorted("flows", 8)
    yield from _typed("flows", "capf 1.2")
    yield Stroke("flows", "switch screen", "4")
    yield from _moves("findings")
    yield from (Stroke("findings", "next finding", "n") for _ in range(5))
    yield from _ladders("findings")
    yield from _sorted("findings", 5)
    yield from _typed("findings", "critical dns")
    yield Stroke("findings", "switch screen", "3")
    yield from _moves("ladder")
    yield Stroke("ladder", "next finding", "n")
    yield Stroke("ladder", "open details", "enter")
    yield from _moves("details")
    yield Stroke("details", "switch screen", "6")
    yield from _moves("lists")
    yield Stroke("lists", "switch screen", "7")
    yield from _moves("captures")
    for _ in range(2):
        for number in "1234567":
            yield Stroke("all", "switch screen", number)
