"""Shapes that a picture consists of, in pixels from the upper left corner."""

from __future__ import annotations

from enum import Enum

import msgspec


class Ink(Enum):
    """Colours that people tell apart whatever they see of red and green.

    From Okabe and Ito, "Color Universal Design" (2008), darkened where lines on white need it.
    """

    BLACK = "#1a1a1a"
    GREY = "#767676"
    PALE = "#c8c8c8"
    BAND = "#f0f0f0"
    WHITE = "#ffffff"
    BLUE = "#0072b2"
    GREEN = "#007a5a"
    ORANGE = "#b86e00"
    PURPLE = "#a64d86"
    SKY = "#2b84b8"
    RED = "#c44601"
    YELLOW = "#fdf3b5"


class Anchor(Enum):
    """Which part of a text stands at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


class Line(msgspec.Struct, frozen=True, tag=True):
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    ink: Ink
    width: float = 1.0
    dashes: tuple[float, ...] = ()
    """Lengths of strokes and of the spaces between them; none for a whole line."""


class Polygon(msgspec.Struct, frozen=True, tag=True):
    """A filled shape."""

    points: tuple[tuple[float, float], ...]
    ink: Ink


class Disc(msgspec.Struct, frozen=True, tag=True):
    """A small circle with a border."""

    x: float
    y: float
    radius: float
    fill: Ink
    border: Ink


class Box(msgspec.Struct, frozen=True, tag=True):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: Ink
    border: Ink | None = None


class Text(msgspec.Struct, frozen=True, tag=True):
    """A line of text, harmless already, with a white border where lines pass behind it."""

    x: float
    y: float
    """Of the base line."""
    words: str
    size: float
    ink: Ink = Ink.BLACK
    anchor: Anchor = Anchor.START
    strong: bool = False
    on_lines: bool = False


Shape = Line | Polygon | Disc | Box | Text


class Part(msgspec.Struct, frozen=True):
    """Shapes that belong together."""

    name: str
    """Stays the same for the same ladder, as long as the format does."""
    told: str
    """What a pointer over it is told, harmless already; empty for nothing."""
    shapes: tuple[Shape, ...]


class Picture(msgspec.Struct, frozen=True):
    """A picture on a white ground."""

    title: str
    description: str
    width: float
    height: float
    parts: tuple[Part, ...]


WIDTH_OF_CHARACTER = 0.602
"""Of the size of a text in DejaVu Sans Mono, in which all text is set."""
