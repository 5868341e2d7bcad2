"""Options of the commands that judge captures."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from capfpcap.cli import completion, options
from capfpcap.cli.exit_status import FailOn

if TYPE_CHECKING:
    from capfpcap.analysis import Options

MAX_EXPIRY_DAYS = 36_500
"""A hundred years; certificates of telephones are valid for five or twenty."""


class Judging(NamedTuple):
    """How the user wants captures to be judged."""

    expiry_days: int
    ignore: frozenset[str]
    fail_on: str
    workers: int | None

    def options(self, given: options.Given) -> Options:
        """The analysis's options."""
        common = given.analysis_options()
        from msgspec.structs import replace  # noqa: PLC0415 - loaded with the analysis

        return replace(
            common,
            expiry_days=self.expiry_days,
            ignore=self.ignore,
            workers=self.workers or _processors(),
        )

    @property
    def bar(self) -> FailOn:
        """From which severity on the program ends with another status than 0."""
        return FailOn(self.fail_on)


def judging(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that judges, given to it as one."""

    @wraps(function)
    def command(*arguments: Any, **others: Any) -> Any:
        wishes = Judging(**{name: others.pop(name) for name in Judging._fields})
        return function(*arguments, judging=wishes, **others)

    for decorate in (_workers, _fail_on, _ignore, _expiry_days):
        decorate(command)
    return command


def _codes(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> frozenset[str]:
    """The codes that all ``--ignore`` options name; one may hold several between commas."""
    patterns = [code.strip() for text in given for code in text.split(",") if code.strip()]
    if not patterns:
        return frozenset()
    from fnmatch import filter as matching  # noqa: PLC0415 - only where it is asked

    from capfpcap.rules.catalogue import CATALOGUE  # noqa: PLC0415

    codes: set[str] = set()
    for pattern in patterns:
        found = matching(CATALOGUE, pattern)
        if not found:
            hint = options.similar(pattern, CATALOGUE)
            raise click.BadParameter(f"there is no code {pattern}{hint}", context, parameter)
        codes.update(found)
    return frozenset(codes)


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


_expiry_days = click.option(
    "--expiry-days",
    type=click.IntRange(0, MAX_EXPIRY_DAYS),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="Warn of certificates that expire so soon after the capture.",
)
_ignore = click.option(
    "--ignore",
    metavar="CODE",
    multiple=True,
    callback=_codes,
    shell_complete=completion.codes,
    help="Leave findings of this code out; 'itl-*': of all that begin so (several: between "
    "commas, or the option again).",
)
_fail_on = click.option(
    "--fail-on",
    type=click.Choice([bar.value for bar in FailOn]),
    default=FailOn.UNKNOWN.value,
    show_default=True,
    help="The least verdict that ends with another status than 0. Captures without any phone, or "
    "that cannot be read, end with 3 in any case.",
)
_workers = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    metavar="N",
    help="Processes that judge a large capture.  [default: one a processor]",
)
