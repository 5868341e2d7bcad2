"""``capfpcap check``: the verdict on one or more captures."""

from __future__ import annotations

import os

import click

from capfpcap.cli import options
from capfpcap.cli.captures import files_of, report_on
from capfpcap.cli.exit_status import ExitStatus, FailOn, status_of
from capfpcap.cli.output import check_target, opened, page_of
from capfpcap.formats import FORMATS, render

MAX_EXPIRY_DAYS = 36_500
"""A hundred years; certificates of telephones are valid for five or twenty."""


def _codes(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> frozenset[str]:
    """The codes of all ``--ignore`` options, which may hold several between commas."""
    codes = [code.strip() for text in given for code in text.split(",") if code.strip()]
    if codes:
        from capfpcap.rules.catalogue import CATALOGUE  # noqa: PLC0415 - only where it is asked

        for code in codes:
            if code not in CATALOGUE:
                hint = options.similar(code, CATALOGUE)
                raise click.BadParameter(f"there is no code {code}{hint}", context, parameter)
    return frozenset(codes)


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


@click.command(name="check", short_help="Judge captures: what failed, why, and what to do.")
@options.captured
@options.written_as(*FORMATS)
@click.option(
    "--expiry-days",
    type=click.IntRange(0, MAX_EXPIRY_DAYS),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="Warn of certificates that expire so soon after the capture.",
)
@click.option(
    "--ignore",
    metavar="CODE",
    multiple=True,
    callback=_codes,
    help="Leave findings of this code out (several: between commas, or the option again).",
)
@click.option(
    "--fail-on",
    type=click.Choice([bar.value for bar in FailOn]),
    default=FailOn.WARNING.value,
    show_default=True,
    help="The least severity that ends with status 1 or 2.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    metavar="N",
    help="Processes that judge a large capture.  [default: one a processor]",
)
def command(
    given: options.Given,
    *,
    format_name: str,
    expiry_days: int,
    ignore: frozenset[str],
    fail_on: str,
    workers: int | None,
) -> ExitStatus:
    """Judge captures: what failed, why, and what to do about it.

    Where a capture was taken is inferred from its packets, and said, unless an option tells.

    Exit status: 0 ok, 1 warning, 2 critical, 3 nothing could be judged.
    """
    check_target(given.target, files_of(given))
    from capfpcap.analysis import Options  # noqa: PLC0415 - loads NumPy

    wishes = Options(
        expiry_days, frozenset(given.capf_ports), ignore, workers=workers or _processors()
    )
    report = report_on(given, wishes)
    with opened(given.target) as write:
        for piece in render(report, format_name, page_of(given.target, given.color, given.zone)):
            write(piece)
    return status_of(report.verdict.severity, FailOn(fail_on))
