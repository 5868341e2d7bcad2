"""A ladder as text: two lines an arrow, its words above it; one where the page is wide."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.formats.ladders.items import (
    Arrow,
    Heading,
    Item,
    fate_of,
    items_of,
    marked_findings,
)
from capfpcap.formats.ladders.strip import Strip, strip_of
from capfpcap.formats.ladders.words import (
    Times,
    capture_words,
    delta_words,
    footer,
    headline,
    lane_words,
    time_words,
)
from capfpcap.formats.layout import Style, Writer
from capfpcap.formats.page import Page
from capfpcap.ladder.model import Delivery, Gap, Ladder

TITLES_AGAIN = 40
"""Lines after which the lanes' names are told once more."""
ONE_LINE = 118
"""Columns from which an arrow and its words stand on one line."""

_MARGIN = 17
"""Columns of a time of day and a space behind it."""
_WAIT = 12
"""Columns of the time since the message before, where it stands on the same line."""


def render(ladder: Ladder, page: Page, times: Times = Times.CLOCK) -> Iterator[bytes]:
    """The ladder from top to bottom."""
    writer = Writer(page)
    for words, style in headline(ladder, page):
        writer.paragraph(words, hanging="  ", style=style)
    for words in (*lane_words(ladder), *capture_words(ladder)):
        writer.paragraph(words, indent="  ", hanging="    ", style=Style.FAINT)
    drawing = _Drawing(writer, ladder, times)
    for item in items_of(ladder):
        drawing.draw(item)
    writer.gap()
    for words, style in footer(ladder):
        writer.paragraph(words, hanging="  ", style=style)
    yield writer.encoded()


class _Drawing:
    """Draws item by item."""

    def __init__(self, writer: Writer, ladder: Ladder, times: Times) -> None:
        self._writer, self._ladder, self._times = writer, ladder, times
        width = writer.page.width
        self._wide = width >= ONE_LINE
        self._margin = _MARGIN + _WAIT if self._wide else _MARGIN
        self._strip: Strip = strip_of(ladder, width // 2 - 8 if self._wide else width - _MARGIN)
        self._lines = TITLES_AGAIN

    def draw(self, item: Item) -> None:
        """One heading, gap or arrow."""
        match item:
            case Heading():
                self._heading(item)
            case Gap():
                for line in self._strip.gap(item):
                    self._line(" " * self._margin, line, Style.FAINT)
            case Arrow():
                self._arrow(item)

    def _heading(self, heading: Heading) -> None:
        self._writer.gap()
        if self._lines >= TITLES_AGAIN:
            self._writer.line(" " * self._margin + self._strip.titles(), Style.STRONG)
            self._lines = 0
        self._writer.line(heading.text, Style.STRONG)
        self._lines += 2

    def _arrow(self, arrow: Arrow) -> None:
        first, style = arrow.first, _style(self._ladder, arrow)
        words = _words(self._ladder, arrow)
        times = [self._time(first.time), delta_words(first)]
        drawn = self._strip.arrow(arrow)
        if self._wide:
            time = f"{times[0]:<{_MARGIN - 2}}{times[1]:>{_WAIT}}  "
            self._writer.marked(time, Style.FAINT, words, label=f"{drawn:<{self._strip.width}} ")
            return
        lines = [*self._strip.label(arrow, words), drawn]
        margins = [times[0], *[""] * (len(lines) - 2), f"{times[1]:>{_MARGIN - 2}}"]
        for margin, line in zip(margins, lines, strict=True):
            self._line(f"{margin:<{_MARGIN}}", line, style)

    def _line(self, margin: str, line: str, style: Style) -> None:
        self._writer.pieces([(margin, Style.FAINT), (line, style)])
        self._lines += 1

    def _time(self, time: int) -> str:
        return time_words(time, self._ladder, self._writer.page.zone, self._times)


def _words(ladder: Ladder, arrow: Arrow) -> str:
    fate, marks = fate_of(arrow), marked_findings(ladder, arrow)
    told = arrow.label + (f" {fate}" if fate else "")
    return told + "".join(f" [{number}]" for number in marks)


def _style(ladder: Ladder, arrow: Arrow) -> Style:
    if arrow.first.delivery in (Delivery.LOST, Delivery.INJECTED):
        return Style.BAD
    if arrow.first.delivery is Delivery.UNWATCHED or marked_findings(ladder, arrow):
        return Style.WARN
    return Style.PLAIN
