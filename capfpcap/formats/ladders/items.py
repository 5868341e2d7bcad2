"""What a drawing of a ladder consists of: headings, gaps, and arrows of a packet each.

A table shows each message; a drawing has one arrow for the messages of a packet, as they travel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from capfpcap.ladder.model import (
    Delivery,
    Gap,
    GroupKind,
    Kind,
    Ladder,
    Layer,
    Message,
    Row,
    Seen,
)
from capfpcap.report import Certainty, Severity


class Heading(msgspec.Struct, frozen=True):
    """Where rows of another flow begin."""

    text: str


class Arrow(msgspec.Struct, frozen=True):
    """The messages of one packet."""

    messages: tuple[Message, ...]

    @property
    def first(self) -> Message:
        """The message that tells where and when."""
        return self.messages[0]

    @property
    def label(self) -> str:
        """All messages by their names, the guessed ones marked as such."""
        return ", ".join(map(label_of, self.messages))

    @property
    def layer(self) -> Layer:
        """Of the message that says most: of the highest layer."""
        return max((one.layer for one in self.messages), key=_LAYERS.index)

    @property
    def findings(self) -> tuple[int, ...]:
        """Indexes of the findings that name the packet."""
        return tuple(sorted({index for one in self.messages for index in one.findings}))

    @property
    def guessed(self) -> bool:
        """Whether all that is said of it is a guess."""
        return all(one.certainty not in (None, Certainty.PROVEN) for one in self.messages)

    @property
    def repeated(self) -> bool:
        """Whether the packet had been sent before."""
        return any(one.repetition for one in self.messages)

    @property
    def harmful(self) -> bool:
        """Whether it never arrived, or nobody sent it."""
        delivery = self.first.delivery
        return delivery.ends_on_the_way or delivery is Delivery.INJECTED

    @property
    def refuses(self) -> bool:
        """Whether it breaks something off: an alert, a reset, an ICMP error."""
        return any(one.kind in _REFUSALS for one in self.messages)


Item = Heading | Gap | Arrow

_LAYERS = tuple(Layer)
_REFUSALS = frozenset({Kind.ALERT, Kind.RESET, Kind.ICMP_ERROR})
_FATES = {
    Delivery.LOST: "✗ lost",
    Delivery.UNWATCHED: "? not seen",
    Delivery.INJECTED: "! injected",
}
"""What is said beside an arrow, which shows where; of other fates its marks on the lanes tell."""


def items_of(ladder: Ladder) -> Iterator[Item]:
    """The ladder's rows with headings between them."""
    headings = {group.first: group.text for group in ladder.groups if group.kind is GroupKind.FLOW}
    shown: set[str] = set()
    together: list[Message] = []
    for number, row in enumerate(ladder.rows):
        if together and not _same_packet(together[-1], row):
            yield Arrow(tuple(together))
            together = []
        if number in headings:
            text = headings[number]
            yield Heading(f"{text} (continued)" if text in shown else text)
            shown.add(text)
        if isinstance(row, Gap):
            yield row
        else:
            together.append(row)
    if together:
        yield Arrow(tuple(together))


def _same_packet(before: Message, row: Row) -> bool:
    return (
        isinstance(row, Message)
        and row.flow == before.flow
        and row.seen == before.seen
        and row.delivery is before.delivery
    )


def label_of(message: Message) -> str:
    """A message in a few words."""
    label = message.label
    if message.certainty not in (None, Certainty.PROVEN):
        label += f" ({message.certainty.value})"
    if message.repetition and message.kind is not Kind.SEGMENT:
        label += " (again)"
    return label


def fate_of(arrow: Arrow) -> str:
    """What became of a packet that did not simply arrive, in a word or two, or nothing."""
    first = arrow.first
    words = _FATES.get(first.delivery, "")
    return f"{words} in part" if words and first.in_part else words


def missed_lane(ladder: Ladder, message: Message) -> int | None:
    """The lane of the vantage point that missed a message which passed it."""
    if message.between is None:
        return None
    origin, goal = message.between
    point = {Delivery.MISSED: goal, Delivery.UNSEEN: origin}.get(message.delivery)
    return None if point is None else ladder.points[point].lane


def stops(ladder: Ladder, message: Message) -> list[tuple[int, Seen]]:
    """The lanes of vantage points that its arrow crosses, with what they show of a message."""
    near, far = sorted((message.tail, message.head))
    lanes = ((ladder.points[one.point].lane, one) for one in message.seen)
    return [(lane, one) for lane, one in lanes if lane is not None and near < lane < far]


def frame_of(ladder: Ladder, message: Message) -> str:
    """Where a message was seen first, for a drawing in which captures have no lanes."""
    one = message.seen[0]
    return f"{one.capture}:{one.frame}" if len(ladder.captures) > 1 else f"{one.frame}"


def marked_findings(ladder: Ladder, arrow: Arrow) -> Sequence[int]:
    """Numbers, from 1, of the findings that a packet proves and that are faults."""
    return [index + 1 for index in arrow.findings if ladder.findings[index].severity in _FAULTS]


_FAULTS = frozenset({Severity.CRITICAL, Severity.WARNING})
