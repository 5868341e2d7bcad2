"""What is wrong with one capture file: each kind of trouble with its first frame."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class ProblemKind(Enum):
    """What can be wrong with a capture file that was read all the same."""

    CUT_SHORT = "cut-short"
    """The file ends inside a packet or block."""
    CORRUPT = "corrupt"
    """A record that cannot be: reading stopped there."""
    MALFORMED_PACKETS = "malformed-packets"
    """Packets whose headers contradict themselves."""
    FRAGMENTS_MISSING = "fragments-missing"
    """Datagrams of an enrolment that were sent in fragments, not all of which were captured."""
    SNAPPED = "snapped"
    """Relevant packets of which the file holds only the beginning."""
    OUT_OF_ORDER = "out-of-order"
    """Records so far from the order of time that packets may be missed."""
    UNSUPPORTED = "unsupported"
    """Packets of a link type or encapsulation that is not decoded."""
    ENCRYPTED = "encrypted"
    """Packets in which there may be others that cannot be read; told where nothing else matters."""
    LIMIT = "limit"
    """A named limit was reached; what is over it was passed over."""


class CaptureProblem(Struct, frozen=True):
    """One sentence on one kind of trouble in one file: the first place, and how often."""

    kind: ProblemKind
    text: str
    frame: int | None
    """The first frame concerned, from 1, or None where no frame can be named."""
    count: int = 1


class ProblemLog:
    """Counts troubles of one file; a trouble is the same where kind and sentence are the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[ProblemKind, str], tuple[int | None, int]] = {}

    def add(self, kind: ProblemKind, text: str, frame: int | None = None, count: int = 1) -> None:
        """Notes a trouble; of several calls the first frame stays and the counts add up."""
        if count <= 0:
            return
        first, counted = self._found.get((kind, text), (frame, 0))
        self._found[kind, text] = (first, counted + count)

    def problems(self) -> tuple[CaptureProblem, ...]:
        """Everything noted, in the order of the first notes."""
        return tuple(
            CaptureProblem(kind, text, frame, count)
            for (kind, text), (frame, count) in self._found.items()
        )
