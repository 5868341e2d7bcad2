"""How often the guess of what a CAPF session was is right, aspect by aspect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from capf_dissectors.capf import Command

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.report import Capf, Certainty
from tests.guess.truth import TrueSession, told

UNKNOWN = "unknown"


class Mark(Enum):
    """What an answer is worth."""

    LIKELY_RIGHT = "likely and right"
    POSSIBLE_RIGHT = "possible and right"
    NONE = "no answer"
    POSSIBLE_WRONG = "possible and wrong"
    LIKELY_WRONG = "likely and wrong"


class Aspect(Enum):
    """What is asked of a session."""

    OPERATION = "operation"
    OUTCOME = "outcome"
    KEY = "key"
    AUTHENTICATION = "authentication"
    MESSAGES = "messages, each"


class Said(NamedTuple):
    """What is said of a session, or true of it; values as reports write them."""

    operation: str
    outcome: str
    key: str | None
    authentication: str
    messages: list[int]
    """Commands; of what is no message of the protocol, 0."""
    sure: list[bool]
    """Which of the messages are likely."""
    likely: bool


def true_of(session: TrueSession) -> Said:
    """The truth of a recorded session."""
    commands = [message.command or 0 for message in session.messages]
    return Said(
        session.operation.value,
        session.outcome.value,
        session.made_key,
        session.way.value,
        commands,
        [],
        likely=True,
    )


def told_of(capf: Capf) -> Said:
    """What a report says."""
    return Said(
        capf.operation.value,
        capf.outcome.value,
        capf.key,
        capf.authentication.value,
        [Command[message.command] for message in capf.messages],
        [message.certainty is Certainty.LIKELY for message in capf.messages],
        capf.certainty is Certainty.LIKELY,
    )


@dataclass
class Tally:
    """The marks of many sessions."""

    marks: dict[Aspect, Counter[Mark]] = field(
        default_factory=lambda: {aspect: Counter() for aspect in Aspect}
    )
    wrong: list[str] = field(default_factory=list)
    """What is likely and wrong, to be read by people."""
    sessions: int = 0

    def add(self, where: str, truth: Said, said: Said) -> None:
        """Mark what is said of one session."""
        self.sessions += 1
        for aspect, mark in _marks(truth, said):
            self.marks[aspect][mark] += 1
            if mark is Mark.LIKELY_WRONG:
                self.wrong.append(f"{where}: {aspect.value}")


def _marks(truth: Said, said: Said) -> Iterator[tuple[Aspect, Mark]]:
    """An operation that is not told is right where there was none."""
    operation = None if said.operation == UNKNOWN != truth.operation else said.operation
    yield Aspect.OPERATION, _mark(operation, truth.operation, likely=said.likely)
    outcome = None if said.outcome == UNKNOWN else said.outcome
    yield Aspect.OUTCOME, _mark(outcome, truth.outcome, likely=said.likely)
    if truth.key is not None:
        exact = said.key if said.key and " " in said.key else None
        yield Aspect.KEY, _mark(exact, truth.key, likely=said.likely)
    if truth.authentication != UNKNOWN:
        way = None if said.authentication == UNKNOWN else said.authentication
        yield Aspect.AUTHENTICATION, _mark(way, truth.authentication, likely=said.likely)
    yield from ((Aspect.MESSAGES, mark) for mark in _of_messages(truth, said))


def _mark(answer: str | None, truth: str, *, likely: bool) -> Mark:
    if answer is None:
        return Mark.NONE
    if answer == truth:
        return Mark.LIKELY_RIGHT if likely else Mark.POSSIBLE_RIGHT
    return Mark.LIKELY_WRONG if likely else Mark.POSSIBLE_WRONG


def _of_messages(truth: Said, said: Said) -> Iterator[Mark]:
    """Of each message that was said or is told: in the same order, the rest is wrong or missing."""
    matcher = SequenceMatcher(None, truth.messages, said.messages, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        for likely in said.sure[start:end]:
            yield _mark(kind, "equal", likely=likely)
        yield from [Mark.NONE] * max(0, (last - first) - (end - start))


def of_recording(folder: Path) -> Tally:
    """The marks of one recording's CAPF sessions."""
    capture = CaptureInput((str(folder / "publisher.pcap"),))
    flows = analyze([capture]).report.flows
    said = {f"{flow.client.address}:{flow.client.port}": flow.capf for flow in flows}
    tally = Tally()
    for session in told(folder):
        if session.service == "capf":
            capf = said[session.client]
            assert capf is not None, session.client
            tally.add(f"{folder.name}: {session.client}", true_of(session), told_of(capf))
    return tally


def together(tallies: Sequence[Tally]) -> Tally:
    """The marks of all."""
    whole = Tally()
    for tally in tallies:
        whole.sessions += tally.sessions
        whole.wrong += tally.wrong
        for aspect, marks in tally.marks.items():
            whole.marks[aspect].update(marks)
    return whole
