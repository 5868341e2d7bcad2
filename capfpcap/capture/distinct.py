"""The distinct values of a column of small numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def distinct(values: npt.NDArray[np.integer[Any]]) -> list[int]:
    """The values of a column, each once, in ascending order; none is negative or over a million.

    ``np.unique`` does the same by sorting, and loads masked arrays on its first call.
    """
    found: list[int] = np.flatnonzero(np.bincount(values)).tolist()
    return found
