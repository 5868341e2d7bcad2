"""A ladder as a Mermaid sequence diagram, as wikis and tickets draw it.

Mermaid draws no arrow that breaks off between two lanes: a lost packet ends with a cross at the
capture that it did not come to, and an injected one starts at a participant of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.formats.harmless import harmless, is_visible
from capfpcap.formats.ladders.items import Arrow, Heading, Item, fate_of, items_of
from capfpcap.formats.ladders.words import Times, headline, lane_title, left_out, time_words
from capfpcap.formats.layout import wrap
from capfpcap.formats.page import Page
from capfpcap.ladder.model import Delivery, Gap, Ladder, Message

MOST_CHARACTERS = 45_000
"""Mermaid refuses a text of more than 50,000 (its option ``maxTextSize``)."""
MAX_LABEL = 120
"""Characters of one label; Mermaid breaks no line of itself."""
_NOTE = 80
"""Characters of a line of a note."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,_()/[]+-")
_BREAK = "<br/>"


def render(ladder: Ladder, page: Page, times: Times = Times.CLOCK) -> Iterator[bytes]:
    """The diagram, as far as Mermaid accepts it."""
    heading, *more = (words for words, _ in headline(ladder, page))
    lines = ["sequenceDiagram", f"title {escaped(heading)}", *_participants(ladder)]
    lines += [_note(ladder, words) for words in more]
    size = sum(map(len, lines))
    items = list(items_of(ladder))
    for number, item in enumerate(items):
        some = list(_lines_of(ladder, item, page, times))
        size += sum(len(line) + 5 for line in some)
        if size > MOST_CHARACTERS:
            rest = len(items) - number
            lines.append(_note(ladder, f"{rest} more are left out: Mermaid draws no longer text"))
            break
        lines += some
    lines += [_note(ladder, words) for words in left_out(ladder)]
    yield "\n    ".join(lines).encode() + b"\n"


def escaped(text: str) -> str:
    """``text`` as Mermaid shows it and nothing more: all that might be syntax as a number.

    The word ``end`` would close a block.
    """
    shown = "".join(
        character
        if character in _PLAIN or (character > "\x7f" and is_visible(character))
        else f"#{ord(character)};"
        for character in harmless(text, MAX_LABEL)
    )
    return shown.replace("end", "e#110;d")


def _participants(ladder: Ladder) -> Iterator[str]:
    sources = {row.tail for row in ladder.rows if isinstance(row, Message)}
    for number, lane in enumerate(ladder.lanes):
        address = "".join(_BREAK + escaped(one) for one in lane.addresses[:1])
        yield f"participant {_lane(number)} as {escaped(lane_title(ladder, lane))}{address}"
        if number + 0.5 in sources:
            yield f"participant {_lane(number + 0.5)} as something on the way"


def _lane(place: float) -> str:
    """The name of a participant: of a lane, or between two of them."""
    lane = int(place)
    return f"lane{lane}" if place == lane else f"between{lane}"


def _lines_of(ladder: Ladder, item: Item, page: Page, times: Times) -> Iterator[str]:
    match item:
        case Heading():
            yield _note(ladder, item.text)
        case Gap():
            yield _note(ladder, item.text)
        case Arrow():
            yield _message(ladder, item, page, times)


def _note(ladder: Ladder, text: str) -> str:
    lines = map(escaped, wrap(harmless(text), _NOTE))
    return f"Note over {_lane(0)},{_lane(len(ladder.lanes) - 1)}: {_BREAK.join(lines)}"


def _message(ladder: Ladder, arrow: Arrow, page: Page, times: Times) -> str:
    first = arrow.first
    stroke = "--" if arrow.repeated else "-"
    head = "x" if first.delivery.ends_on_the_way else ">>"
    fate = fate_of(arrow)
    frames = ", ".join(f"{one.capture} {one.frame}" for one in first.seen)
    time = time_words(first.time, ladder, page.zone, times)
    label = escaped(arrow.label + (f" {fate}" if fate else ""))
    ends = f"{_lane(first.tail)}{stroke}{head}{_lane(_target(ladder, first))}"
    return f"{ends}: {time} {label}{_BREAK}{escaped(f'frame {frames}')}"


def _target(ladder: Ladder, message: Message) -> float:
    if message.delivery in (Delivery.LOST, Delivery.UNWATCHED) and message.between is not None:
        goal = ladder.points[message.between[1]].lane
        if goal is not None:
            return goal
    return message.head
