"""Which rows are shown, and in which order: arrays of row numbers, made in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Order = npt.NDArray[np.int64]
"""Row numbers in the order in which they are shown."""

Keys = Sequence[str] | Sequence[float]


def matching(texts: Sequence[str], wanted: str, among: Order | None = None) -> Order:
    """The rows, of all or ``among`` some, whose text in lower case holds every word wanted."""
    words = wanted.lower().split()
    found: Sequence[int] = range(len(texts)) if among is None else among.tolist()
    for word in words:
        found = [row for row in found if word in texts[row]]
    return np.array(found, np.int64)


class Matches:
    """Finds rows while somebody types: what a longer filter leaves, a shorter one left as well."""

    def __init__(self) -> None:
        self._last: tuple[Sequence[str], int, str, Order] | None = None

    def of(self, texts: Sequence[str], wanted: str) -> Order:
        """The rows of :func:`matching`."""
        among, wanted = None, wanted.lower()
        if self._last is not None:
            before, count, words, found = self._last
            if before is texts and count == len(texts) and wanted.startswith(words):
                among = found
        count = len(texts)
        found = matching(texts, wanted, among)
        self._last = (texts, count, wanted, found)
        return found


def arranged(order: Order, keys: Keys, *, downwards: bool) -> Order:
    """The rows by their keys; those whose keys are equal stay as they were."""
    if not len(keys):
        return order
    column = (_ranks(keys) if isinstance(keys[0], str) else np.array(keys))[order]
    if downwards:
        backwards = np.argsort(column[::-1], kind="stable")
        return order[::-1][backwards][::-1]
    return order[np.argsort(column, kind="stable")]


def _ranks(texts: Sequence[Any]) -> npt.NDArray[np.int64]:
    """The place of each text among all that differ: many rows have the same."""
    place = {text: number for number, text in enumerate(sorted(set(texts)))}
    return np.fromiter(map(place.__getitem__, texts), np.int64, len(texts))
