"""A phone's flows on one axis of time: names, files, TVS, CAPF, and key generation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum

import msgspec
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from capfpcap.formats.ladders.shapes import Ink
from capfpcap.formats.ladders.words import Times, headline, left_out
from capfpcap.formats.layout import clip
from capfpcap.formats.page import Page
from capfpcap.ladder.gaps import duration
from capfpcap.ladder.model import Delivery, Gap, GapKind, GroupKind, Kind, Ladder, Message
from capfpcap.plots.canvas import figure, shown, styled, written
from capfpcap.plots.time_axis import tell_time

MOST_BARS = 120
"""Flows in one picture, which is some forty centimetres high then."""

_WIDTH = 980
_ROW = 21
"""Pixels from a bar to the next."""
_ABOVE = 76
_BELOW = 84
_LABEL = 44
"""Characters of what stands before a bar."""
_SECOND = 1_000_000_000
_OPACITY = 0.4
"""Of a bar, so that marks on it stand out."""


class Tone(Enum):
    """What a bar is about, and its colour."""

    NAMES = ("names", Ink.PURPLE)
    FILES = ("files", Ink.GREEN)
    TVS = ("TVS", Ink.BLUE)
    CAPF = ("CAPF", Ink.ORANGE)
    KEY = ("key generation", Ink.YELLOW)
    OTHER = ("registration and others", Ink.GREY)


_TONES = {
    "dns": Tone.NAMES,
    "tftp": Tone.FILES,
    "http": Tone.FILES,
    "tvs": Tone.TVS,
    "capf": Tone.CAPF,
}


def tone_of(service: str) -> Tone:
    """What a flow is about, by the report's name of its service."""
    return _TONES.get(service, Tone.OTHER)


class Sign(Enum):
    """What is marked on a bar: word, marker and colour."""

    LOST = ("packet that did not arrive", "x", Ink.RED)
    INJECTED = ("packet injected", "D", Ink.RED)
    REFUSED = ("alert, reset or ICMP error that a finding names", "v", Ink.RED)


_REFUSALS = frozenset({Kind.ALERT, Kind.RESET, Kind.ICMP_ERROR})


class Bar(msgspec.Struct, frozen=True):
    """A stretch of time with what it is about."""

    tone: Tone
    label: str
    begins: int
    """Nanoseconds since 1970 UTC."""
    ends: int
    signs: tuple[tuple[Sign, int], ...] = ()
    """What is marked on it, and when."""


def timeline_picture(ladder: Ladder, page: Page, name: str, times: Times = Times.CLOCK) -> bytes:
    """The flows of a ladder as PNG, SVG or PDF."""
    with styled():
        bars = list(bars_of(ladder))
        notes = list(left_out(ladder))
        if len(bars) > MOST_BARS:
            notes.append(f"{len(bars) - MOST_BARS} more bars are left out")
            bars = bars[:MOST_BARS]
        made = figure(_WIDTH, _ABOVE + _BELOW + _ROW * max(len(bars), 1))
        height = made.get_size_inches()[1] * 96
        axes = made.add_axes((0.335, _BELOW / height, 0.635, 1 - (_ABOVE + _BELOW) / height))
        for number, bar in enumerate(bars):
            _draw(axes, bar, number, ladder.begins or 0)
        _finish(axes, bars, ladder, page, times)
        heading = [words for words, _ in headline(ladder, page)]
        made.text(0.015, 1 - 26 / height, shown(clip(heading[0], 110)), weight="bold", size=11)
        for line, words in enumerate((*heading[1:2], *notes)):
            made.text(0.015, 1 - (46 + 16 * line) / height, shown(clip(words, 150)), size=8.5)
        return written(made, name)


def bars_of(ladder: Ladder) -> Iterator[Bar]:
    """A bar for each flow, and behind a CAPF flow one for each key generation in it."""
    messages: dict[str, list[Message]] = {}
    keys: dict[str | None, list[Gap]] = {}
    for row in ladder.rows:
        if isinstance(row, Message):
            messages.setdefault(row.flow, []).append(row)
        elif row.kind is GapKind.KEY_GENERATION:
            keys.setdefault(row.flow, []).append(row)
    flows = (group for group in ladder.groups if group.kind is GroupKind.FLOW)
    attempts = {group.flow: _attempt(group.text) for group in flows}
    for flow in ladder.flows:
        said = messages.get(flow.id, [])
        words = f"{flow.id} {flow.service} {_about(said) or flow.server.address}"
        words += attempts.get(flow.id, "")
        tone = tone_of(flow.service)
        ends = max([_nanoseconds(flow.end), *(one.time for one in said)])
        begins = _nanoseconds(flow.start)
        yield Bar(tone, words, begins, max(begins, ends), tuple(_signs(said)))
        for gap in keys.get(flow.id, []):
            hedge = f" ({gap.certainty.value})" if gap.certainty else ""
            yield Bar(Tone.KEY, f"{flow.id} key generation{hedge}", gap.begins, gap.ends)


def _attempt(text: str) -> str:
    """``, attempt 2 of 3`` of what a group is called."""
    _, comma, attempt = text.partition(", attempt ")
    return comma + attempt


def _about(said: Sequence[Message]) -> str:
    """What a flow asks for, as its first request tells."""
    asked = (one.label for one in said if one.kind in (Kind.QUERY, Kind.REQUEST))
    return next(asked, "").partition(" request ")[2] or next(
        (one.label.removeprefix("query ") for one in said if one.kind is Kind.QUERY), ""
    )


def _signs(said: Sequence[Message]) -> Iterator[tuple[Sign, int]]:
    for one in said:
        if one.delivery.ends_on_the_way:
            yield Sign.LOST, one.time
        elif one.delivery is Delivery.INJECTED:
            yield Sign.INJECTED, one.time
        elif one.kind in _REFUSALS and one.findings:
            yield Sign.REFUSED, one.time


def _nanoseconds(stamp: str) -> int:
    """A report's time, exactly."""
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return seconds * _SECOND + int(fraction.ljust(9, "0"))


def _draw(axes: Axes, bar: Bar, number: int, begins: int) -> None:
    start, length = (bar.begins - begins) / _SECOND, (bar.ends - bar.begins) / _SECOND
    fill, edge = _fill(bar.tone), _edge(bar.tone)
    axes.barh(number, length, left=start, height=0.62, color=fill, edgecolor=edge, linewidth=1.2)
    axes.annotate(
        duration_words(bar.ends - bar.begins),
        (start + length, number),
        xytext=(6, 0),
        textcoords="offset points",
        verticalalignment="center_baseline",
        size=7.5,
        color=Ink.BLACK.value,
    )
    for sign, time in bar.signs:
        _, marker, colour = sign.value
        axes.plot(
            [(time - begins) / _SECOND],
            [number],
            marker=marker,
            color=colour.value,
            markersize=5.5,
            markeredgewidth=1.8 if marker == "x" else 0.6,
            markeredgecolor=colour.value if marker == "x" else "white",
            linestyle="none",
        )


def _fill(tone: Tone) -> tuple[float, float, float, float]:
    return to_rgba(tone.value[1].value, 1.0 if tone is Tone.KEY else _OPACITY)


def _edge(tone: Tone) -> str:
    ink: Ink = Ink.ORANGE if tone is Tone.KEY else tone.value[1]
    return ink.value


def duration_words(nanoseconds: int) -> str:
    """How long a bar is; of short ones in milliseconds."""
    if nanoseconds < _SECOND:
        return f"{nanoseconds / 1e6:.1f} ms"
    return duration(nanoseconds)


def _finish(axes: Axes, bars: Sequence[Bar], ladder: Ladder, page: Page, times: Times) -> None:
    axes.set_ylim(max(len(bars), 1) - 0.4, -0.6)
    axes.set_yticks(range(len(bars)), [shown(clip(bar.label, _LABEL)) for bar in bars], size=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    begins = ladder.begins or 0
    ends = max([bar.ends for bar in bars], default=begins)
    tell_time(axes, begins, ends + (ends - begins) // 12, page.zone, times)
    tones = dict.fromkeys(bar.tone for bar in bars)
    signs = dict.fromkeys(sign for bar in bars for sign, _ in bar.signs)
    handles: list[Patch | Line2D] = [
        Patch(facecolor=_fill(tone), edgecolor=_edge(tone), label=tone.value[0])
        for tone in Tone
        if tone in tones
    ]
    handles += [
        Line2D([], [], marker=sign.value[1], color=sign.value[2].value, linestyle="none",
               label=sign.value[0])
        for sign in Sign
        if sign in signs
    ]  # fmt: skip
    if handles:
        axes.figure.legend(
            handles=handles, loc="lower center", ncols=6, fontsize=8, bbox_to_anchor=(0.5, 0.0)
        )
