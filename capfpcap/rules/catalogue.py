"""Every code that can be found, by name, in the order of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from capfpcap.rules.model.code import Code

FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("names", ("names", "truncated_names", "wrong_address")),
    ("files", ("files", "other_address", "not_genuine", "not_found")),
    ("trust", ("trust_list", "mismatch", "lists_differ", "held_lists", "other_cluster")),
    (
        "connections",
        (
            "opening",
            "one_way",
            "unreachable",
            "path",
            "holes",
            "session",
            "answers_reset",
            "silent_downloads",
            "syn_proxy",
            "zero_window",
            "injected",
            "loss",
        ),
    ),
    ("tls", ("alerts", "tls")),
    ("certificates", ("certificate",)),
    ("capf", ("attempt", "capf", "capf_read", "abandoned", "silent_close")),
    ("tvs", ("verification",)),
    ("registration", ("identity",)),
    ("captures", ("capture_files", "captures", "clocks")),
)
"""Folders and their files that declare codes or rules, in the order of the catalogue."""

_ROOMS: tuple[ModuleType, ...] = tuple(
    import_module(f"{__package__}.{family}.{room}") for family, rooms in FAMILIES for room in rooms
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
