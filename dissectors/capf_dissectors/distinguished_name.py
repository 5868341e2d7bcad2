"""Comparing distinguished names that different programs wrote as text.

Trust lists write them country first or common name first, separated by commas or semicolons, with
or without blanks and quotes; a certificate's own is RFC 4514 text.
"""

from __future__ import annotations

import re

_SEPARATOR = re.compile(r"(?<!\\)[,;+]")


def names_agree(one: str, other: str) -> bool:
    """Whether two names can be the same: the values of one are all among those of the other.

    Order, case, blanks, quotes and attribute types count for nothing. A missing name agrees with
    every name.
    """
    ours, theirs = _values(one), _values(other)
    return ours <= theirs or theirs <= ours


def _values(name: str) -> set[str]:
    values = (part.partition("=")[2].strip().strip('"') for part in _SEPARATOR.split(name))
    return {value.replace("\\", "").casefold() for value in values if value}
