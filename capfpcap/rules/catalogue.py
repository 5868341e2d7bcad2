"""Every code that can be found, by name, in the order of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from capfpcap.rules import (
    alerts,
    anew,
    answers_reset,
    attempt,
    capf,
    capf_read,
    capture_files,
    captures,
    certificate,
    clocks,
    files,
    held_lists,
    holes,
    identity,
    injected,
    loss,
    mismatch,
    names,
    not_found,
    not_genuine,
    one_way,
    opening,
    other_address,
    other_cluster,
    other_lists,
    path,
    session,
    silent_downloads,
    stand_in,
    takes_nothing,
    tls,
    truncated_names,
    trust_list,
    unreachable,
    unsaid,
    verification,
    wrong_address,
)
from capfpcap.rules.code import Code

_ROOMS: tuple[ModuleType, ...] = (
    names,
    truncated_names,
    wrong_address,
    files,
    other_address,
    not_genuine,
    not_found,
    trust_list,
    mismatch,
    other_lists,
    held_lists,
    other_cluster,
    opening,
    one_way,
    unreachable,
    path,
    holes,
    session,
    answers_reset,
    silent_downloads,
    stand_in,
    takes_nothing,
    injected,
    loss,
    alerts,
    tls,
    certificate,
    attempt,
    capf,
    capf_read,
    anew,
    unsaid,
    verification,
    identity,
    capture_files,
    captures,
    clocks,
)


def _codes() -> Iterator[Code]:
    """Each code once, where it is declared: other rooms import it as a cause or to add a rule."""
    for room in _ROOMS:
        for value in vars(room).values():
            if isinstance(value, Code) and value.home == room.__name__:
                yield value


def _checked(codes: dict[str, Code]) -> dict[str, Code]:
    """Raises :class:`LookupError` for a cause that no rule can find."""
    for code in codes.values():
        for cause in code.explained_by:
            if codes.get(cause.code) is not cause:
                raise LookupError(f"{cause.code}, a cause of {code.code}, is not in the catalogue")
    return codes


CATALOGUE: dict[str, Code] = _checked({code.code: code for code in _codes()})
"""The codes by their stable names."""
