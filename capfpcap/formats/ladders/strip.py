"""Lines of the lanes in a text: bars, arrows across them, and words laid over them."""

from __future__ import annotations

from msgspec import Struct

from capfpcap.formats.ladders.items import Arrow, frame_of, missed_lane, stops
from capfpcap.formats.ladders.words import lane_title
from capfpcap.formats.layout import cells, clip, wrap
from capfpcap.ladder.model import Delivery, Gap, Ladder, LaneKind

NARROWEST = 7
"""Columns from a lane to the next: room for a dot and a frame number."""
WIDEST = 16
MOST_LINES = 3
"""Lines of one label; what is longer is cut."""

_BARS = {LaneKind.POINT: "┆"}
_HEADS = {Delivery.LOST: "✗", Delivery.UNWATCHED: "?"}


class Strip(Struct, frozen=True):
    """Where the lanes stand."""

    ladder: Ladder
    columns: tuple[int, ...]
    """Of each lane."""
    width: int

    def titles(self) -> str:
        """The lanes' names, each in the middle over its lane."""
        line = [" "] * self.width
        for lane, column in zip(self.ladder.lanes, self.columns, strict=True):
            room = self._room(column)
            title = lane_title(self.ladder, lane)
            word = clip(title if cells(title) <= room else title.strip("[]"), room)
            start = min(max(0, column - cells(word) // 2), self.width - cells(word))
            _overlay(line, start, word)
        return "".join(line).rstrip()

    def _room(self, column: int) -> int:
        return min((abs(column - one) for one in self.columns if one != column), default=WIDEST) - 1

    def bars(self) -> str:
        """The lanes and nothing across them."""
        return "".join(self._bars()).rstrip()

    def gap(self, gap: Gap) -> list[str]:
        """The lanes interrupted, and why."""
        line = ["┊" if bar != " " else " " for bar in self._bars()]
        hedge = f" ({gap.certainty.value})" if gap.certainty is not None else ""
        start = self.columns[0] + 2
        word = clip(f"{gap.text}{hedge}", self.width - start - 1)
        _overlay(line, start, f" {word} ")
        return ["".join(line).rstrip()]

    def label(self, arrow: Arrow, words: str) -> list[str]:
        """The words of an arrow over its beginning at the left."""
        first = arrow.first
        start = min(self._at(first.tail), self._at(first.head)) + 2
        if self.width - start < self.width // 2:
            start = max(2, self.width // 2)
        lines = wrap(words, self.width - start)
        if len(lines) > MOST_LINES:
            lines = [
                *lines[: MOST_LINES - 1],
                clip(lines[MOST_LINES - 1] + "…", self.width - start),
            ]
        shown = []
        for words_of_line in lines:
            line = self._bars()
            _overlay(line, start, words_of_line + " ")
            shown.append("".join(line).rstrip())
        return shown

    def arrow(self, arrow: Arrow) -> str:
        """The arrow itself, with a dot and a frame number where it was seen."""
        first = arrow.first
        line = self._bars()
        tail, head = self._at(first.tail), self._at(first.head)
        step = 1 if head > tail else -1
        stroke = "╌" if arrow.repeated else "─"
        for column in range(min(tail, head) + 1, max(tail, head)):
            line[column] = stroke
        if first.delivery is Delivery.INJECTED:
            line[tail] = "!"
        if first.delivery in _HEADS:
            line[head] = _HEADS[first.delivery]
        else:
            line[head - step] = "▶" if step > 0 else "◀"
        self._put_frames(line, arrow, min(tail, head), max(tail, head))
        return "".join(line).rstrip()

    def _put_frames(self, line: list[str], arrow: Arrow, left: int, right: int) -> None:
        seen = stops(self.ladder, arrow.first)
        if not seen:
            _overlay(line, left + 3, clip(frame_of(self.ladder, arrow.first), right - left - 5))
        for lane, one in seen:
            column = self.columns[lane]
            line[column] = "●"
            number = f"{one.frame}"
            start = column + 1 if column + len(number) < right else column - len(number)
            if start > left:
                _overlay(line, start, number)
        missed = missed_lane(self.ladder, arrow.first)
        if missed is not None:
            line[self.columns[missed]] = "○"

    def _bars(self) -> list[str]:
        line = [" "] * self.width
        for lane, column in zip(self.ladder.lanes, self.columns, strict=True):
            line[column] = _BARS.get(lane.kind, "│")
        return line

    def _at(self, place: float) -> int:
        lane = int(place)
        column = self.columns[lane]
        return column if place == lane else (column + self.columns[lane + 1]) // 2


def strip_of(ladder: Ladder, room: int) -> Strip:
    """The lanes in so many columns, or in more where they need them."""
    count = len(ladder.lanes)
    words = [lane_title(ladder, lane) for lane in ladder.lanes]
    margin, end = min(cells(words[0]), NARROWEST) // 2, min(cells(words[-1]), NARROWEST) // 2
    apart = WIDEST
    if count > 1:
        apart = min(max((room - margin - end - 1) // (count - 1), NARROWEST), WIDEST)
    columns = tuple(margin + apart * number for number in range(count))
    return Strip(ladder, columns, max(room, columns[-1] + end + 1))


def _overlay(line: list[str], start: int, words: str) -> None:
    """Put words over a line of cells; a wide character takes two of them."""
    end = start + cells(words)
    line += [" "] * (end - len(line))
    line[start:end] = list(words) + [""] * (cells(words) - len(words))
