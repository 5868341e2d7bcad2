"""Every code that can be found, by name, in the order of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from capfpcap.rules import (
    both_ends,
    capf,
    captures,
    certificate,
    files,
    identity,
    names,
    opening,
    path,
    session,
    tls,
    trust_list,
)
from capfpcap.rules.code import Code

_ROOMS: tuple[ModuleType, ...] = (
    names,
    files,
    trust_list,
    opening,
    path,
    session,
    both_ends,
    tls,
    certificate,
    capf,
    identity,
    captures,
)


def _codes() -> Iterator[Code]:
    for room in _ROOMS:
        for value in vars(room).values():
            if isinstance(value, Code):
                yield value


CATALOGUE: dict[str, Code] = {code.code: code for code in _codes()}
"""The codes by their stable names."""
