"""Comparing distinguished names that different programs wrote as text.

Trust lists write them country first or common name first, separated by commas or semicolons, with
or without blanks and quotes; a certificate's own is RFC 4514 text.
"""

from __future__ import annotations

import re

_SEPARATOR = re.compile(r"(?<!\\)[,;+]")
_BEGINS_WITH_SLASH = re.compile(r"/(?=[A-Za-z]+=)")


def names_agree(one: str, other: str) -> bool:
    """Whether two names can be the same: the values of one are all among those of the other.

    Order, case, blanks, quotes and attribute types count for nothing. A missing name agrees with
    every name.
    """
    ours, theirs = _values(one), _values(other)
    return ours <= theirs or theirs <= ours


def same_name(one: str, other: str) -> bool:
    """Whether two names say the same, in whichever order and spelling."""
    return _values(one) == _values(other)


def _values(name: str) -> set[str]:
    values = (part.partition("=")[2].strip().strip('"') for part in _SEPARATOR.split(name))
    return {value.replace("\\", "").casefold() for value in values if value}


def common_names(name: str) -> list[str]:
    """The values of CN in a name, in lower case; ``/CN=…/O=…`` is understood as well."""
    parts = _SEPARATOR.split(_BEGINS_WITH_SLASH.sub(",", name))
    attributes = (part.strip().partition("=") for part in parts)
    return [
        value.strip().strip('"').replace("\\", "").casefold()
        for key, _, value in attributes
        if key.strip().casefold() == "cn"
    ]
