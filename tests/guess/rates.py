"""How often the guess of what a CAPF session was is right, aspect by aspect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum
from pathlib import Path

from capf_dissectors.capf import Command

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.report import Authentication, Capf, Certainty, Operation
from tests.guess.truth import TrueSession, told


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


@dataclass
class Tally:
    """The marks of many sessions."""

    marks: dict[Aspect, Counter[Mark]] = field(
        default_factory=lambda: {aspect: Counter() for aspect in Aspect}
    )
    wrong: list[str] = field(default_factory=list)
    """What is likely and wrong, to be read by people."""
    sessions: int = 0

    def add(self, where: str, session: TrueSession, capf: Capf) -> None:
        """Mark what is said of one session."""
        self.sessions += 1
        for aspect, mark in _marks(session, capf):
            self.marks[aspect][mark] += 1
            if mark is Mark.LIKELY_WRONG:
                self.wrong.append(f"{where}: {session.client}: {aspect.value}")


def _marks(session: TrueSession, capf: Capf) -> Iterator[tuple[Aspect, Mark]]:
    unknown = Operation.UNKNOWN
    operation = None if capf.operation is unknown and session.operation is not unknown else capf
    yield (
        Aspect.OPERATION,
        _mark(capf.certainty, operation and operation.operation, session.operation),
    )
    outcome = None if capf.outcome.value == "unknown" else capf.outcome
    yield Aspect.OUTCOME, _mark(capf.certainty, outcome, session.outcome)
    if session.made_key is not None:
        exact = capf.key if capf.key and " " in capf.key else None
        yield Aspect.KEY, _mark(capf.certainty, exact, session.made_key)
    way = None if capf.authentication is Authentication.UNKNOWN else capf.authentication
    yield Aspect.AUTHENTICATION, _mark(capf.certainty, way, session.way)
    yield from ((Aspect.MESSAGES, mark) for mark in _of_messages(session, capf))


def _mark(certainty: Certainty, answer: object, truth: object) -> Mark:
    if answer is None:
        return Mark.NONE
    likely = certainty is Certainty.LIKELY
    if answer == truth:
        return Mark.LIKELY_RIGHT if likely else Mark.POSSIBLE_RIGHT
    return Mark.LIKELY_WRONG if likely else Mark.POSSIBLE_WRONG


def _of_messages(session: TrueSession, capf: Capf) -> Iterator[Mark]:
    """Of each message that was said or is told: in the same order, the rest is wrong or missing."""
    said = [message.command for message in session.messages]
    guessed = [Command[message.command] for message in capf.messages]
    matcher = SequenceMatcher(None, said, guessed, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        for message in capf.messages[start:end]:
            truth = message if kind == "equal" else None
            yield _mark(message.certainty, message, truth)
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
            tally.add(folder.name, session, capf)
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
