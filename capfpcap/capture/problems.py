"""Gathers what is wrong with one capture file: each kind of trouble with its first frame."""

from __future__ import annotations

from capfpcap.capture.columns import CaptureProblem, ProblemKind


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
