"""The messages of one direction of a stream with holes, the records of TLS forgotten.

A message may come in several records and several in one. Behind a hole, reading goes on where the
message that the hole cut ends by its header; where that is not known, at the next place that reads
as a header with elements behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from capf_dissectors.framed.message import Framing, Message, read
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece, contiguous_runs

MAX_MESSAGES = 10_000
"""Messages of one direction of one connection; a session has a dozen, and one keepalive a minute
for a day makes 1,440."""
MAX_PROBLEMS = 64
"""Places of one direction where no message begins: more are not looked behind."""


class FramedStream(Struct, frozen=True):
    """What one direction says."""

    messages: tuple[Message, ...]
    """In order; one that a hole or the end cuts is here as far as its elements are whole."""
    problems: tuple[Malformed, ...]
    """Where a message had to begin and none does; reading went on at the next one found."""
    unfinished: NeedMore | None
    """What the message that the stream ends in still lacks."""
    limited: bool
    """Whether a limit of this module stopped the reading."""


def dissect_stream(framing: Framing, pieces: Sequence[Piece]) -> FramedStream:
    """The messages of one direction; at offset 0 the first one begins."""
    reader = _Reader(framing)
    for run in contiguous_runs(pieces):
        reader.take(run)
    return FramedStream(
        tuple(reader.messages), tuple(reader.problems), reader.unfinished, reader.limited
    )


class _Reader:
    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._due: int | None = 0
        """Stream offset at which the next message begins; None: it must be searched."""
        self.messages: list[Message] = []
        self.problems: list[Malformed] = []
        self.unfinished: NeedMore | None = None

    @property
    def limited(self) -> bool:
        return len(self.messages) >= MAX_MESSAGES or len(self.problems) >= MAX_PROBLEMS

    def take(self, run: Piece) -> None:
        """Read a run of bytes in front of which some are missing, if it is not the first."""
        self.unfinished = None
        if self._due is not None and self._due < run.offset:
            self._due = None
        at = 0 if self._due is None else self._due - run.offset
        while at < len(run.data) and not self.limited:
            if self._due is None:
                found = _find(self._framing, run.data, at)
                if found is None:
                    return
                at = found
            at = self._step(run, at)

    def _step(self, run: Piece, at: int) -> int:
        """Read what stands at a place; returns where to go on in the run."""
        data, base = run.data, run.offset
        if data[at] != self._framing.magic:
            begun = f"a {self._framing.protocol} message begins with 0x{self._framing.magic:02x}"
            self.problems.append(Malformed(base + at, f"{begun}, not with 0x{data[at]:02x}"))
            self._due = None
            return at + 1
        if at + self._framing.length > len(data):
            self.unfinished = NeedMore(at + self._framing.length - len(data))
            self._due = base + at
            return len(data)
        message = read(self._framing, data, at, base)
        self.messages.append(message)
        self._due = message.end
        if message.missing:
            self.unfinished = NeedMore(message.missing)
        return message.end - base


def _find(framing: Framing, data: bytes, start: int) -> int | None:
    """The next place of ``data`` where a message of a known command begins; None without one."""
    at = data.find(framing.magic, start)
    while 0 <= at <= len(data) - framing.length:
        if data[at + framing.command_at] in framing.commands:
            message = read(framing, data, at, 0)
            if message.problem is None and _is_believed(framing, data, message):
                return at
        at = data.find(framing.magic, at + 1)
    return None


def _is_believed(framing: Framing, data: bytes, message: Message) -> bool:
    """Whether the bytes are hardly a message by chance: its elements come out where it ends.

    One with unknown elements is believed where the bytes end with it or another one follows; one
    that is cut, where its first element is whole and all are known.
    """
    known = all(element.tag in framing.tags for element in message.elements)
    if message.missing:
        return known and bool(message.elements)
    return known or message.end == len(data) or data[message.end] == framing.magic
