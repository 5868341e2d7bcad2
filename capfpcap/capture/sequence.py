"""TCP sequence numbers: 32 bits, after the last of which comes 0 (RFC 9293, section 3.4).

Everything here takes integers, or arrays of 64-bit integers; a number may lie outside 32 bits, as a
sum does that has not been wrapped. A loop over every packet may inline what it needs with
:data:`MASK` and :data:`HALF`.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", int, npt.NDArray[np.int64])

MASK = (1 << 32) - 1
"""The last sequence number; ``number & MASK`` is a sum or a difference as TCP counts it."""
HALF = 1 << 31
"""Numbers that lie ahead of one another; a number that many or more ahead is behind."""


def wrapped(number: Number) -> Number:
    """A sum or a difference of sequence numbers as a sequence number."""
    return number & MASK


def ahead(number: Number, start: Number) -> Number:
    """How many bytes lie from ``start`` to ``number``, for a number that is not before it.

    That of a number before it is near 2**32.
    """
    return (number - start) & MASK


def distance(number: Number, other: Number) -> Number:
    """How far a number is ahead of another, or behind it if negative: the shorter way round."""
    return ((number - other + HALF) & MASK) - HALF
