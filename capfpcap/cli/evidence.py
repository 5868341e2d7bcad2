"""Files that are given beside captures: trust lists as TFTP servers serve them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from capfpcap.cli.completion import FILE
from capfpcap.cli.errors import CommandError, reason
from capfpcap.cli.output import STANDARD_STREAM

if TYPE_CHECKING:
    from capfpcap.evidence import Evidence, GivenFile
    from capfpcap.report import EvidenceKind

MAX_FILE = 4 << 20
"""Bytes of a trust list or of saved output that are read; real ones have some ten thousand."""


class Beside(NamedTuple):
    """What the user gave beside captures."""

    itl: tuple[str, ...]
    show_itl: tuple[str, ...]

    @property
    def paths(self) -> list[str]:
        """All files."""
        return list(chain.from_iterable(self))

    def evidence(self) -> Evidence | None:
        """What they say; None where there are none.

        Raises:
            CommandError: one cannot be read, or is not what it was given for.
        """
        if not self.paths:
            return None
        from capfpcap.evidence import Evidence, EvidenceError, read_lists  # noqa: PLC0415
        from capfpcap.report import EvidenceKind  # noqa: PLC0415

        try:
            lists, remarks = read_lists(
                [
                    *_read(self.itl, EvidenceKind.TRUST_LIST),
                    *_read(self.show_itl, EvidenceKind.SHOW_OUTPUT),
                ]
            )
        except EvidenceError as error:
            raise CommandError(str(error)) from error
        return Evidence(lists=lists, remarks=remarks)


def _read(paths: Iterable[str], kind: EvidenceKind) -> Iterable[GivenFile]:
    from capfpcap.evidence import GivenFile  # noqa: PLC0415 - only where files are given

    for path in paths:
        try:
            data = _octets(path)
        except OSError as error:
            raise CommandError(f"cannot read {path}: {reason(error)}") from error
        if len(data) > MAX_FILE:
            raise CommandError(f"{path} is too large for a trust list or saved output: over 4 MiB")
        yield GivenFile(path, data, kind)


def _octets(path: str) -> bytes:
    if path == STANDARD_STREAM:
        return sys.stdin.buffer.read(MAX_FILE + 1)
    with Path(path).open("rb") as file:
        return file.read(MAX_FILE + 1)


def beside(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that is given files beside captures, given to it as one."""

    @wraps(function)
    def command(*arguments: Any, **others: Any) -> Any:
        files = Beside(**{name: others.pop(name) for name in Beside._fields})
        return function(*arguments, beside=files, **others)

    for decorate in (_show_itl, _itl):
        decorate(command)
    return command


_itl = click.option(
    "--itl",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="A trust list (ITL or CTL) that a TFTP server serves; again for more nodes.",
)
_show_itl = click.option(
    "--show-itl",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="Saved output of 'show itl' or 'show ctl'; again for more nodes.",
)
