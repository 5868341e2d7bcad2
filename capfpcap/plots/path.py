"""A phone's packets over time at each capture along the way, and where they are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from capfpcap.formats.ladders.shapes import Ink
from capfpcap.formats.ladders.words import Times
from capfpcap.formats.layout import clip
from capfpcap.formats.page import Page
from capfpcap.plots.canvas import figure, shown, styled, written
from capfpcap.plots.packets import Dot, Packets, Way, packets_of
from capfpcap.plots.time_axis import tell_time
from capfpcap.plots.timeline import Tone, tone_of
from capfpcap.vantage.fate import Fate

if TYPE_CHECKING:
    from capfpcap.analysis import Analysis

_WIDTH = 980
_ABOVE, _BELOW, _BETWEEN = 78, 80, 40
_ROW = 92
"""Pixels from a capture to the next."""
_SECOND = 1_000_000_000
_MARKS = {
    Fate.LOST: ("lost", "x", Ink.RED),
    Fate.UNWATCHED: ("not seen, the capture may have ended", "o", Ink.RED),
    Fate.INJECTED: ("injected", "D", Ink.RED),
}


def path_picture(
    analysis: Analysis,
    page: Page,
    name: str,
    *,
    phone: str | None = None,
    flow: str | None = None,
    times: Times = Times.CLOCK,
) -> bytes:
    """The packets as PNG, SVG or PDF.

    Raises:
        LookupError: no such phone or flow; the message is one sentence.
    """
    packets = packets_of(analysis, phone, flow)
    with styled():
        panel = _ROW * max(len(packets.points), 1)
        height = _ABOVE + 2 * panel + _BETWEEN + _BELOW
        made = figure(_WIDTH, height)
        for number, way in enumerate(packets.ways):
            top = _ABOVE + number * (panel + _BETWEEN)
            axes = made.add_axes((0.14, 1 - (top + panel) / height, 0.835, panel / height))
            _draw(axes, way, packets)
            tell_time(axes, packets.begins, packets.ends, page.zone, times)
            if not number:
                axes.set_xlabel("")
                axes.tick_params(axis="x", labelbottom=False)
        made.text(0.015, 1 - 26 / height, _heading(packets), weight="bold", size=11)
        made.text(0.015, 1 - 46 / height, _remark(packets), size=8.5, color=Ink.GREY.value)
        handles = _legend(packets)
        if handles:
            made.legend(handles=handles, loc="lower center", ncols=6, fontsize=8)
        return written(made, name)


def _heading(packets: Packets) -> str:
    counts = [sum(one.fate is not Fate.INJECTED for one in way.losses) for way in packets.ways]
    lost = f"; not arrived: {counts[0]} to the server, {counts[1]} to the phone"
    seen = len(packets.points) > 1
    return shown(clip(f"{packets.title}: packets at each capture{lost if seen else ''}", 120))


def _remark(packets: Packets) -> str:
    words = []
    if len(packets.points) == 1:
        words.append("one capture alone does not show what is lost on the way")
    if not packets.compared:
        words.append("the clocks of the captures cannot be compared")
    if packets.left_out:
        words.append(f"{packets.left_out:,} packets are left out")
    return "; ".join(words)


def _draw(axes: Axes, way: Way, packets: Packets) -> None:
    begins = packets.begins
    hops = [[_at(hop.sent, begins), _at(hop.arrived, begins)] for hop in way.hops]
    axes.add_collection(LineCollection(hops, colors=Ink.PALE.value, linewidths=0.7, zorder=1))
    broken = [[_at(loss.at, begins), (_at(loss.at, begins)[0], loss.place)] for loss in way.losses]
    axes.add_collection(LineCollection(broken, colors=Ink.RED.value, linewidths=1.0, zorder=2))
    for tone in Tone:
        dots = [_at(dot, begins) for dot in way.dots if tone_of(dot.service) is tone]
        if dots:
            x, y = zip(*dots, strict=True)
            axes.plot(
                x, y, marker="|", markersize=13, markeredgewidth=1.3, linestyle="none",
                color=tone.value[1].value, zorder=3,
            )  # fmt: skip
    for fate, (_, marker, ink) in _MARKS.items():
        places = [(_at(one.at, begins)[0], one.place) for one in way.losses if one.fate is fate]
        if places:
            x, y = zip(*places, strict=True)
            axes.plot(x, y, zorder=4, **_marked(marker, ink))
    last = max(len(packets.points) - 1, 0)
    axes.set_ylim(last + 0.5, -0.5)
    axes.set_yticks(range(len(packets.points)), [shown(clip(one, 16)) for one in packets.points])
    axes.set_ylabel("capture")
    axes.set_title("to the server" if way.to_server else "to the phone")


def _marked(marker: str, ink: Ink) -> dict[str, Any]:
    """How a fate is marked: a cross, a hollow circle, a diamond."""
    return {
        "marker": marker,
        "markersize": 6,
        "linestyle": "none",
        "color": ink.value,
        "markerfacecolor": Ink.WHITE.value if marker == "o" else ink.value,
        "markeredgewidth": 1.8 if marker == "x" else 1.2,
    }


def _at(dot: Dot, begins: int) -> tuple[float, float]:
    return (dot.time - begins) / _SECOND, float(dot.place)


def _legend(packets: Packets) -> list[Line2D]:
    tones = {tone_of(dot.service) for way in packets.ways for dot in way.dots}
    fates = {loss.fate for way in packets.ways for loss in way.losses}
    handles = [
        Line2D([], [], marker="|", markersize=10, markeredgewidth=1.6, linestyle="none",
               color=tone.value[1].value, label=tone.value[0])
        for tone in Tone
        if tone in tones
    ]  # fmt: skip
    handles += [
        Line2D([], [], label=label, **_marked(marker, ink))
        for fate, (label, marker, ink) in _MARKS.items()
        if fate in fates
    ]
    return handles
