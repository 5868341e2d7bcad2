"""A ladder as a picture: where each lane, arrow and word goes."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.formats.harmless import harmless
from capfpcap.formats.ladders.arrow_shapes import TEXT, Ground, arrow_part, gap_part, put_text
from capfpcap.formats.ladders.items import Arrow, Heading, items_of
from capfpcap.formats.ladders.shapes import (
    WIDTH_OF_CHARACTER,
    Anchor,
    Box,
    Ink,
    Line,
    Part,
    Picture,
    Shape,
    Text,
)
from capfpcap.formats.ladders.words import (
    Times,
    addresses_of,
    capture_words,
    footer,
    headline,
    lane_title,
)
from capfpcap.formats.layout import Style, cells, clip
from capfpcap.formats.page import Page
from capfpcap.ladder.model import Gap, Ladder, Lane, LaneKind

MOST_ITEMS = 2_000
"""Arrows, gaps and headings of one picture; as many make it sixty thousand pixels high."""

WIDTH = 980
"""Of a picture whose lanes have room in that."""
_LEFT = 156
"""Where the first lane stands: times stand before it."""
_RIGHT = 96
_APART = (96, 364)
"""The least and the most from a lane to the next."""
_EDGE = 20
_LINE = 16
"""From a line of text to the next."""
_SMALL = 10.5
_SMALLEST = 7.0
_WIDEST_HEAD = 150.0
_INKS = {Style.BAD: Ink.RED, Style.WARN: Ink.ORANGE, Style.GOOD: Ink.GREEN, Style.FAINT: Ink.GREY}


def picture_of(
    ladder: Ladder, page: Page, times: Times = Times.CLOCK, most: int = MOST_ITEMS
) -> Picture:
    """The ladder drawn, with at most so many arrows, gaps and headings."""
    ground = _ground(ladder, page, times)
    heading = [words for words, _ in headline(ladder, page)]
    parts, top = _top(ladder, ground, page)
    parts_of_items, bottom = _items(ladder, ground, top, most)
    lanes = Part("lanes", "", tuple(_lanes(ladder, ground, top, bottom)))
    end, height = _bottom(ladder, ground, bottom, most)
    description = f"{len(ladder.rows)} messages and gaps between {len(ladder.lanes)} lanes"
    return Picture(
        title=". ".join(heading),
        description=description,
        width=ground.width,
        height=height,
        parts=(parts, lanes, *parts_of_items, end),
    )


def _ground(ladder: Ladder, page: Page, times: Times) -> Ground:
    count = len(ladder.lanes)
    least, most = _APART
    apart = most if count == 1 else min(max((WIDTH - _LEFT - _RIGHT) / (count - 1), least), most)
    lanes = tuple(_LEFT + apart * number for number in range(count))
    return Ground(ladder, page.zone, times, lanes, max(WIDTH, lanes[-1] + _RIGHT))


def _top(ladder: Ladder, ground: Ground, page: Page) -> tuple[Part, float]:
    """What stands above the lanes, and where they begin."""
    shapes: list[Shape] = []
    y = float(_EDGE)
    for words, style in headline(ladder, page):
        ink, strong = _INKS.get(style, Ink.BLACK), style is not Style.PLAIN
        y = put_text(shapes, words, _EDGE, y, ground.width - 2 * _EDGE, ink=ink, strong=strong)
    for words in capture_words(ladder):
        y = put_text(shapes, words, _EDGE, y, ground.width - 2 * _EDGE, size=_SMALL, ink=Ink.GREY)
    y += 10
    for lane, x in zip(ladder.lanes, ground.lanes, strict=True):
        shapes += _lane_head(ladder, lane, x, y, min(ground.room - 8, _WIDEST_HEAD))
    return Part("head", "", tuple(shapes)), y + 2 * _LINE + 8


def _lane_head(ladder: Ladder, lane: Lane, x: float, y: float, width: float) -> Iterator[Shape]:
    """A lane's name and its address, or the capture that it stands for."""
    point = lane.kind is LaneKind.POINT
    above = "capture" if point else lane_title(ladder, lane)
    below = lane.title if point else addresses_of(lane, most=1)
    fill = Ink.WHITE if point else Ink.BAND
    yield Box(x - width / 2, y, width, 2 * _LINE + 4, fill, Ink.GREY)
    words = clip(above, int(width / (TEXT * WIDTH_OF_CHARACTER)))
    yield Text(x, y + _LINE - 1, words, TEXT, Ink.BLACK, Anchor.MIDDLE, strong=not point)
    size = min(_SMALL, max(_SMALLEST, width / (cells(below) * WIDTH_OF_CHARACTER + 1)))
    words = clip(below, int(width / (size * WIDTH_OF_CHARACTER)))
    yield Text(x, y + 2 * _LINE - 2, words, size, Ink.GREY, Anchor.MIDDLE)


def _lanes(ladder: Ladder, ground: Ground, top: float, bottom: float) -> Iterator[Shape]:
    for lane, x in zip(ladder.lanes, ground.lanes, strict=True):
        if lane.kind is LaneKind.POINT:
            yield Line(x, top - 4, x, bottom, Ink.SKY, 1.2, (2, 3))
        else:
            yield Line(x, top - 4, x, bottom, Ink.PALE, 1.2)


def _items(ladder: Ladder, ground: Ground, top: float, most: int) -> tuple[list[Part], float]:
    parts: list[Part] = []
    y = top
    for number, item in enumerate(items_of(ladder)):
        if number == most:
            break
        match item:
            case Heading():
                part, y = _heading(f"flow{number}", item, ground, y)
            case Gap():
                part, y = gap_part(f"gap{number}", item, ground, y)
            case Arrow():
                part, y = arrow_part(f"arrow{number}", item, ground, y)
        parts.append(part)
    return parts, y + 10


def _heading(name: str, heading: Heading, ground: Ground, y: float) -> tuple[Part, float]:
    words = clip(heading.text, int((ground.width - 2 * _EDGE) / (_SMALL * WIDTH_OF_CHARACTER)))
    shapes = (
        Box(_EDGE / 2, y + 6, ground.width - _EDGE, 18, Ink.BAND),
        Text(_EDGE, y + 19, words, _SMALL, strong=True),
    )
    return Part(name, harmless(heading.text), shapes), y + 28


def _bottom(ladder: Ladder, ground: Ground, y: float, most: int) -> tuple[Part, float]:
    """What stands below the lanes, and where the picture ends."""
    shapes: list[Shape] = []
    y += 8
    count = sum(1 for _ in items_of(ladder))
    more = [(f"{count - most:,} more rows are left out", Style.BAD)] if count > most else []
    for words, style in (*more, *footer(ladder)):
        ink = _INKS.get(style, Ink.BLACK)
        y = put_text(shapes, words, _EDGE, y, ground.width - 2 * _EDGE, size=_SMALL, ink=ink)
    return Part("foot", "", tuple(shapes)), y + _EDGE
