"""What a shell may offer where a word is begun: files, codes, commands."""

from __future__ import annotations

from collections.abc import Iterable

import click

FILE = click.Path(readable=False, allow_dash=True)
"""A name that a shell completes with the files that are there; nothing is asked of it yet."""


def codes(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:  # noqa: ARG001
    """The codes of findings that begin so; behind a comma, those that a further one may be."""
    from capfpcap.rules.catalogue import CATALOGUE  # noqa: PLC0415 - only where it is asked

    before, comma, last = begun.rpartition(",")
    return [f"{before}{comma}{code}" for code in _beginning(CATALOGUE, last)]


def commands(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:  # noqa: ARG001
    """The commands that begin so."""
    program = context.find_root().command
    assert isinstance(program, click.Group)
    return _beginning(program.list_commands(context), begun)


def _beginning(words: Iterable[str], begun: str) -> list[str]:
    return [word for word in words if word.startswith(begun)]
