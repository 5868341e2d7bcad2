"""The shapes of one arrow or one gap in a picture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

import msgspec

from capfpcap.formats.harmless import harmless
from capfpcap.formats.ladders.items import (
    Arrow,
    fate_of,
    frame_of,
    marked_findings,
    missed_lane,
    stops,
)
from capfpcap.formats.ladders.shapes import (
    WIDTH_OF_CHARACTER,
    Anchor,
    Box,
    Disc,
    Ink,
    Line,
    Part,
    Polygon,
    Shape,
    Text,
)
from capfpcap.formats.ladders.words import Times, delta_words, time_words
from capfpcap.formats.layout import cells, clip, wrap
from capfpcap.ladder.model import Delivery, Gap, GapKind, Ladder, Layer, Message

TEXT = 12.0
"""Size of a label."""
_SMALL = 9.5
_LINE = 15.0
_TIME_AT = 126.0
"""Where times end."""
_MOST_LINES = 3
_NARROWEST = 220.0
"""Pixels that a label has at the least."""
_NOTICED = 100_000
"""Nanoseconds of a one-way delay that is worth saying."""
_FRAME = 30
"""Characters of a capture's name and a frame number."""
_MOST_TOLD = 1_000
"""Characters that a pointer is told of an arrow."""

INKS = {
    Layer.DNS: Ink.PURPLE,
    Layer.FILE: Ink.GREEN,
    Layer.TCP: Ink.GREY,
    Layer.TLS: Ink.BLUE,
    Layer.CAPF: Ink.ORANGE,
    Layer.DATA: Ink.SKY,
    Layer.ICMP: Ink.RED,
}


class Ground(msgspec.Struct, frozen=True):
    """What arrows are drawn on."""

    ladder: Ladder
    zone: tzinfo
    times: Times
    lanes: tuple[float, ...]
    """Of each lane, from the left edge."""
    width: float

    def at(self, place: float) -> float:
        """Where a lane stands, or the middle between two."""
        lane = int(place)
        x = self.lanes[lane]
        return x if place == lane else (x + self.lanes[lane + 1]) / 2

    @property
    def room(self) -> float:
        """From a lane to the next."""
        return self.lanes[1] - self.lanes[0] if len(self.lanes) > 1 else 200.0


def put_text(
    shapes: list[Shape],
    words: str,
    x: float,
    y: float,
    width: float,
    *,
    size: float = TEXT,
    ink: Ink = Ink.BLACK,
    strong: bool = False,
) -> float:
    """Put words on as many lines as they need below ``y``; returns where they end."""
    for line in wrap(harmless(words), int(width / (size * WIDTH_OF_CHARACTER))):
        y += size + 4
        shapes.append(Text(x, y - 3, line, size, ink, strong=strong))
    return y


def gap_part(name: str, gap: Gap, ground: Ground, y: float) -> tuple[Part, float]:
    """A band over all lanes."""
    key = gap.kind is GapKind.KEY_GENERATION
    left, right = ground.lanes[0] - 12, ground.lanes[-1] + 12
    hedge = f" ({gap.certainty.value})" if gap.certainty is not None else ""
    fill, border = (Ink.YELLOW, Ink.ORANGE) if key else (Ink.WHITE, Ink.PALE)
    shapes: tuple[Shape, ...] = (
        Box(left, y + 5, right - left, 20, fill, border),
        Text(
            (left + right) / 2,
            y + 19,
            harmless(f"{gap.text}{hedge}"),
            11.0,
            Ink.BLACK,
            Anchor.MIDDLE,
        ),
    )
    return Part(name, harmless(gap.text), shapes), y + 31


def arrow_part(name: str, arrow: Arrow, ground: Ground, y: float) -> tuple[Part, float]:
    """An arrow with its times before it and its label above."""
    first = arrow.first
    tail, head = ground.at(first.tail), ground.at(first.head)
    shapes, below = _label(arrow, ground, min(tail, head) + 8, y)
    middle = below + 7
    shapes += _times(first, ground, y + 13, middle)
    shapes += _stroke(arrow, tail, head, middle, _ink(ground.ladder, arrow))
    shapes += _dots(ground.ladder, arrow, ground, middle)
    return Part(name, _told(arrow), tuple(shapes)), middle + 13


def _label(arrow: Arrow, ground: Ground, left: float, y: float) -> tuple[list[Shape], float]:
    """The words of an arrow, the numbers of findings behind them, and where they end."""
    fate = fate_of(arrow)
    marks = "".join(f" [{number}]" for number in marked_findings(ground.ladder, arrow))
    left = min(left, max(8.0, ground.width - _NARROWEST))
    room = int((ground.width - left - 8) / (TEXT * WIDTH_OF_CHARACTER)) - len(marks)
    lines = wrap(harmless(arrow.label) + (f" {fate}" if fate else ""), room)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], clip(f"{lines[_MOST_LINES - 1]} …", room)]
    ink = Ink.RED if arrow.harmful else Ink.BLACK
    shapes: list[Shape] = []
    y += 13
    for number, line in enumerate(lines):
        at = y + number * _LINE
        shapes.append(Text(left, at, line, TEXT, ink, strong=bool(marks), on_lines=True))
    end = y + max(0, len(lines) - 1) * _LINE
    if marks:
        x = left + cells(lines[-1]) * TEXT * WIDTH_OF_CHARACTER
        shapes.append(Text(x, end, marks, TEXT, Ink.RED, strong=True, on_lines=True))
    return shapes, end + 3


def _times(first: Message, ground: Ground, above: float, below: float) -> Iterator[Shape]:
    time = time_words(first.time, ground.ladder, ground.zone, ground.times)
    yield Text(_TIME_AT, above, time, 10.5, Ink.BLACK, Anchor.END)
    if first.delta_ns is not None:
        yield Text(_TIME_AT, below + 4, delta_words(first), _SMALL, Ink.GREY, Anchor.END)


def _ink(ladder: Ladder, arrow: Arrow) -> Ink:
    """Red for what did not arrive, nobody sent, or breaks off what a finding calls a fault.

    Healthy sessions end with alerts and resets, too.
    """
    bad = arrow.harmful or (arrow.refuses and marked_findings(ladder, arrow))
    return Ink.RED if bad else INKS[arrow.layer]


def _stroke(arrow: Arrow, tail: float, head: float, y: float, ink: Ink) -> Iterator[Shape]:
    """The line, what it begins with and what it ends with."""
    delivery = arrow.first.delivery
    step = 1 if head > tail else -1
    dashes = (5.0, 4.0) if arrow.repeated else ()
    broken = delivery.ends_on_the_way
    yield Line(tail, y, head if broken else head - step * 8, y, ink, 1.8, dashes)
    if delivery is Delivery.INJECTED:
        yield Polygon(((tail - 7, y), (tail, y - 7), (tail + 7, y), (tail, y + 7)), ink)
        yield Text(tail, y + 3.5, "!", 10.0, Ink.WHITE, Anchor.MIDDLE, strong=True)
    if delivery is Delivery.LOST:
        yield Line(head - 6, y - 6, head + 6, y + 6, Ink.RED, 2.6)
        yield Line(head - 6, y + 6, head + 6, y - 6, Ink.RED, 2.6)
    elif delivery is Delivery.UNWATCHED:
        yield Disc(head, y, 7, Ink.WHITE, Ink.RED)
        yield Text(head, y + 3.5, "?", 10.0, Ink.RED, Anchor.MIDDLE, strong=True)
    else:
        yield Polygon(((head, y), (head - step * 10, y - 5), (head - step * 10, y + 5)), ink)


def _dots(ladder: Ladder, arrow: Arrow, ground: Ground, y: float) -> Iterator[Shape]:
    """Where it was seen, in which frame, and how much later."""
    first, ink = arrow.first, INKS[arrow.layer]
    seen = stops(ladder, first)
    if not seen:
        right = first.head > first.tail
        x, anchor = ground.at(first.tail), Anchor.START if right else Anchor.END
        frame = clip(frame_of(ladder, first), _FRAME)
        yield Text(x + (8 if right else -8), y + 11, frame, _SMALL, Ink.GREY, anchor, on_lines=True)
    for lane, one in seen:
        x = ground.lanes[lane]
        later = f" +{one.delay_ns / 1e6:.1f} ms" if one.delay_ns >= _NOTICED else ""
        yield Disc(x, y, 3.6, ink, ink)
        yield Text(x + 3, y + 11, f"{one.frame}{later}", _SMALL, Ink.GREY, on_lines=True)
    missed = missed_lane(ladder, first)
    if missed is not None:
        yield Disc(ground.lanes[missed], y, 3.6, Ink.WHITE, ink)


def _told(arrow: Arrow) -> str:
    """Everything about an arrow, for whoever points at it."""
    first = arrow.first
    seen = ", ".join(f"{one.capture} frame {one.frame}" for one in first.seen)
    ends = (f"{end.address} port {end.port}" for end in (first.source, first.destination))
    words = [*(message.text for message in arrow.messages), " to ".join(ends), seen]
    if first.delivery_text:
        words.append(("in part " if first.in_part else "") + first.delivery_text)
    return harmless("; ".join(words), _MOST_TOLD)
