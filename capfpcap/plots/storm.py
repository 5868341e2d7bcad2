"""Many phones: outcomes over time, open sessions, how long enrolment and keys take, causes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from capfpcap.formats.ladders.shapes import Ink
from capfpcap.formats.ladders.words import Times
from capfpcap.formats.layout import clip
from capfpcap.formats.page import Page
from capfpcap.plots.canvas import figure, shown, styled, written
from capfpcap.plots.phones import Storm, storm_of
from capfpcap.plots.time_axis import tell_time
from capfpcap.report import Outcome

if TYPE_CHECKING:
    from capfpcap.analysis import Analysis

MOST_CAUSES = 8
"""Causes that have a bar of their own; the others share one."""

_WIDTH = 980
_BINS = 60
"""Bars of the first picture at the most."""
_BIN_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""How much time a bar may stand for."""
_SECOND = 1_000_000_000
_LOOKS = {
    Outcome.SUCCEEDED: (Ink.GREEN, ""),
    Outcome.RECOVERED: (Ink.SKY, "..."),
    Outcome.FAILED: (Ink.RED, ""),
    Outcome.REFUSED: (Ink.PURPLE, "///"),
    Outcome.IN_PROGRESS: (Ink.YELLOW, ""),
    Outcome.NOT_ATTEMPTED: (Ink.PALE, ""),
    Outcome.UNKNOWN: (Ink.GREY, "xxx"),
}
"""Colour and hatching of each outcome, from the bottom of a bar to its top."""
_WIDE_RANGE = 50
"""Times the median that the longest of some durations may be on a linear axis."""


def storm_picture(analysis: Analysis, page: Page, name: str, times: Times = Times.CLOCK) -> bytes:
    """All phones as PNG, SVG or PDF.

    Raises:
        LookupError: there is no phone; the message is one sentence.
    """
    storm = storm_of(analysis)
    causes = Counter(phone.cause for phone in storm.phones if phone.cause is not None)
    with styled():
        below = 80 + 22 * min(len(causes), MOST_CAUSES + 1) if causes else 0
        height = 850 + below
        made = figure(_WIDTH, height)
        place = _Places(made, height)
        _outcomes(place.axes(70, 74, 890, 230), storm, page, times)
        _sessions(place.axes(70, 420, 890, 130), storm, page, times)
        _durations(
            place.axes(70, 640, 390, 150),
            "Enrolment: from the phone's start to the end of its CAPF session",
            [one.enrolment_s for one in storm.phones if one.enrolment_s is not None],
            Ink.GREEN,
        )
        _durations(
            place.axes(570, 640, 390, 150),
            "Key generation, as the sizes of records tell",
            storm.key_generations_s,
            Ink.ORANGE,
        )
        if causes:
            _causes(place.axes(270, 874, 660, below - 70), causes)
        made.text(20 / _WIDTH, 1 - 30 / height, _heading(storm), weight="bold", size=11)
        return written(made, name)


class _Places:
    """Puts axes where pixels from the upper left corner say."""

    def __init__(self, made: Figure, height: float) -> None:
        self._made, self._height = made, height

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        bottom = self._height - top - height
        return self._made.add_axes(
            (left / _WIDTH, bottom / self._height, width / _WIDTH, height / self._height)
        )


def _heading(storm: Storm) -> str:
    counts = Counter(phone.outcome for phone in storm.phones)
    words = [f"{counts[one]:,} {_word(one)}" for one in _LOOKS if counts[one]]
    many = f"{len(storm.phones):,} phones" if len(storm.phones) != 1 else "1 phone"
    return f"{many}: {', '.join(words)}"


def _word(outcome: Outcome) -> str:
    return outcome.value.replace("-", " ")


def _span(storm: Storm) -> tuple[int, int]:
    """From the first of what is shown to the last: a second at least, for one moment is no axis."""
    moments = [one.ended for one in storm.phones]
    moments += [moment for session in storm.sessions for moment in session]
    begins, ends = min(moments), max(moments)
    return min(begins, ends - _SECOND), ends


def _outcomes(axes: Axes, storm: Storm, page: Page, times: Times) -> None:
    begins, ends = _span(storm)
    span = max((ends - begins) / _SECOND, 0.001)
    width = next((one for one in _BIN_SECONDS if span / one <= _BINS), span / _BINS)
    edges = np.arange(0, span + width, width)
    floor = np.zeros(len(edges) - 1)
    counts = Counter(phone.outcome for phone in storm.phones)
    for outcome, (ink, hatch) in _LOOKS.items():
        moments = [(one.ended - begins) / _SECOND for one in storm.phones if one.outcome is outcome]
        if not moments:
            continue
        heights, _ = np.histogram(moments, edges)
        axes.bar(
            edges[:-1], heights, np.diff(edges), floor, align="edge", facecolor=ink.value,
            edgecolor="white", linewidth=0.3, hatch=hatch,
            label=f"{_word(outcome)} ({counts[outcome]:,})",
        )  # fmt: skip
        floor += heights
    axes.set_ylabel(f"phones in {_length(width)}")
    axes.set_ylim(0, max(floor.max(), 1) * 1.06)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_title("When phones came to their outcome")
    tell_time(axes, begins, ends, page.zone, times)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.17), ncols=4, fontsize=8)


def _length(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} min"


def _sessions(axes: Axes, storm: Storm, page: Page, times: Times) -> None:
    begins, ends = _span(storm)
    changes = sorted(
        change for first, last in storm.sessions for change in ((first, 1), (last, -1))
    )
    moments = [(moment - begins) / _SECOND for moment, _ in changes]
    open_now = np.cumsum([step for _, step in changes])
    axes.step(moments, open_now, where="post", color=Ink.ORANGE.value, linewidth=1.2)
    axes.set_ylim(0, max(open_now.max(initial=1), 1) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    most = f", at most {int(open_now.max()):,}" if len(open_now) else ""
    axes.set_title(f"Connections to CAPF open at once{most}")
    axes.set_ylabel("connections")
    tell_time(axes, begins, ends, page.zone, times)


def _durations(axes: Axes, title: str, seconds: Sequence[float], ink: Ink) -> None:
    axes.set_title(f"{title}\n{_summary(seconds)}", size=8.5)
    axes.set_xlabel("seconds")
    axes.set_ylabel("phones" if ink is Ink.GREEN else "keys")
    if not seconds:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, horizontalalignment="center")
        axes.set_xticks([])
        axes.set_yticks([])
        return
    values = np.array(seconds)
    middle, late = np.percentile(values, (50, 95))
    wide = values.min() > 0 and values.max() > _WIDE_RANGE * middle
    if wide:
        edges = np.geomspace(values.min(), values.max(), _BINS // 2 + 1)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
    else:
        edges = np.linspace(0, max(values.max(), 0.001), _BINS // 2 + 1)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.hist(values, edges.tolist(), color=ink.value, edgecolor="white", linewidth=0.4)
    axes.axvline(middle, color=Ink.BLACK.value, linewidth=1.2)
    axes.axvline(late, color=Ink.BLACK.value, linewidth=1.2, linestyle="--")


def _summary(seconds: Sequence[float]) -> str:
    if not seconds:
        return "no such session"
    middle, late = np.percentile(np.array(seconds), (50, 95))
    return f"{len(seconds):,}; median {middle:.2f} s (line), 95 % within {late:.2f} s (dashes)"


def _causes(axes: Axes, causes: Counter[str]) -> None:
    bars = causes.most_common(MOST_CAUSES)
    others = sum(causes.values()) - sum(count for _, count in bars)
    if others:
        bars.append(("others", others))
    names = [shown(clip(code, 40)) for code, _ in bars]
    counts = [count for _, count in bars]
    drawn = axes.barh(range(len(bars)), counts, height=0.62, color=Ink.RED.value)
    axes.bar_label(drawn, labels=[f"{count:,}" for count in counts], padding=4, fontsize=8)
    axes.set_yticks(range(len(bars)), names, size=8)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("phones")
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_title("Root causes where no certificate was installed")
