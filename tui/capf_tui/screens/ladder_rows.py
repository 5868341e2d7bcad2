"""The rows of a ladder: messages, gaps, and a line above those of each flow."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from capf_tui.clock import short_duration
from capf_tui.order import Keys
from capf_tui.screens.rows import Rows
from capf_tui.widgets.arrows import draw_gap, draw_group, draw_message
from capf_tui.widgets.columns import Column
from capf_tui.widgets.lanes import positions, titles
from capf_tui.widgets.tone import Cell, Span, Tone, cell
from capf_tui.words import SEVERITY_MARKS
from capfpcap.ladder.model import Delivery, Gap, Group, GroupKind, Kind, Ladder, Message
from capfpcap.report import Certainty, Finding, Severity

_LANES = 3
"""Position of the column with the lanes."""
_NOTABLE = frozenset({Kind.ALERT, Kind.RESET, Kind.FILE_ERROR, Kind.ICMP_ERROR})
_PLAIN_DELIVERIES = frozenset({Delivery.SEEN, Delivery.ARRIVED})
_SHORT = 3
"""Rows of a flow that stand without a line above them."""
_GRAVEST_FIRST = tuple(Severity)


class Item(msgspec.Struct, frozen=True, gc=False):
    """A line of the drawing."""

    row: Message | Gap | None
    group: Group | None
    """Of a line that stands above the rows of a flow."""
    before: int | None
    """Time of the row before, by the common clock."""
    same_packet: bool
    """Whether the packet brought the message before, too."""

    @property
    def message(self) -> Message | None:
        """The message, of a line that is one."""
        return self.row if isinstance(self.row, Message) else None


def items_of(ladder: Ladder) -> list[Item]:
    """The lines of a ladder in their order."""
    opening = {group.first: group for group in ladder.groups if _is_headed(group)}
    items: list[Item] = []
    before: Message | None = None
    for number, row in enumerate(ladder.rows):
        if number in opening:
            items.append(Item(None, opening[number], None, same_packet=False))
        if isinstance(row, Gap):
            items.append(Item(row, None, None, same_packet=False))
            continue
        same = before is not None and _packet(before) == _packet(row)
        items.append(Item(row, None, before.time if before else None, same_packet=same))
        before = row
    return items


def _is_headed(group: Group) -> bool:
    """Whether a line stands above a group; a question and its answer need none."""
    return group.kind is GroupKind.FLOW and group.stop - group.first > _SHORT


def _packet(message: Message) -> tuple[str, int]:
    return message.seen[0].capture, message.seen[0].frame


class LadderTable(Rows[Item]):
    """Draws the lines of one ladder."""

    def __init__(self) -> None:
        super().__init__()
        self.ladder: Ladder | None = None
        self._width = 0
        self._cells: list[int] = []

    @property
    def columns(self) -> Sequence[Column]:
        """What was found, when, how long it took on the way, and the lanes."""
        several = self.ladder is not None and len(self.ladder.points) > 1
        never = 10_000
        return (
            Column("", 1),
            Column(self.clock.title("Time", deltas=True), self.clock.width),
            Column("One-way", 8, from_width=100 if several else never, right=True),
            Column("", 40, stretches=True),
        )

    def laid_out(self, widths: Sequence[int]) -> None:
        """The lanes are spread over their column."""
        self._width = widths[_LANES]
        count = len(self.ladder.lanes) if self.ladder else 0
        self._cells = positions(count, self._width)

    def heads(self, sorted_by: tuple[int, bool] | None) -> Sequence[Sequence[Cell]]:  # noqa: ARG002
        """What the lanes stand for, and their addresses."""
        lines = [cell(""), cell("")]
        if self.ladder is not None:
            lines = titles(self.ladder.lanes, self._width)
        names = [cell(one.title) for one in self.columns[:_LANES]]
        return [[*names, lines[0]], [cell("")] * _LANES + [lines[1]]]

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a line."""
        item = self.rows[row]
        blank = cell("")
        if item.group is not None:
            return blank, blank, blank, draw_group(item.group.text, self._width)
        if isinstance(item.row, Gap):
            return blank, blank, blank, draw_gap(item.row, self._cells, self._width)
        message = item.row
        assert message is not None
        worst = self.worst(message)
        time = "" if item.same_packet else self.clock.text(message.time, item.before)
        return (
            (Span(" ") if worst is None else SEVERITY_MARKS[worst],),
            cell(time, Tone.FAINT),
            cell(_one_way(message), Tone.FAINT),
            draw_message(
                message, self._cells, self._watched(message), self._width, tone_of(message, worst)
            ),
        )

    def _watched(self, message: Message) -> list[int]:
        """The lanes of the vantage points that saw a message."""
        assert self.ladder is not None
        lanes = [self.ladder.points[seen.point].lane for seen in message.seen]
        return [lane for lane in lanes if lane is not None]

    def worst(self, message: Message) -> Severity | None:
        """The gravest of the findings that name a message as evidence."""
        if self.ladder is None or not message.findings:
            return None
        found = [self.ladder.findings[number].severity for number in message.findings]
        return min(found, key=_GRAVEST_FIRST.index)

    def findings(self, message: Message) -> list[Finding]:
        """The findings that name a message as evidence."""
        if self.ladder is None:
            return []
        return [self.ladder.findings[number] for number in message.findings]

    def text(self, row: Item) -> str:
        """All words of a line."""
        if row.group is not None:
            return row.group.text.lower()
        if isinstance(row.row, Message):
            return f"{row.row.text} {row.row.flow} {row.row.delivery_text or ''}".lower()
        return row.row.text.lower() if row.row is not None else ""

    def keys(self, column: int) -> Keys:  # noqa: ARG002
        """A ladder is in the order of time."""
        return []


def _one_way(message: Message) -> str:
    """How long a message took from the first vantage point to the last."""
    return short_duration(message.seen[-1].delay_ns) if len(message.seen) > 1 else ""


def tone_of(message: Message, worst: Severity | None) -> Tone:
    """How a message stands out: by what was found, then by what became of it."""
    if worst is not None and worst is not Severity.INFO:
        return SEVERITY_MARKS[worst].tone
    if message.delivery not in _PLAIN_DELIVERIES:
        return Tone.WARN
    if message.certainty not in {None, Certainty.PROVEN}:
        return Tone.LIKELY
    return Tone.STRONG if message.kind in _NOTABLE else Tone.PLAIN
