"""``capfpcap check``: the verdict on one or more captures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from capfpcap.cli import moments, options
from capfpcap.cli.captures import files_of, report_on, sources_of
from capfpcap.cli.completion import FILE
from capfpcap.cli.evidence import Beside, beside
from capfpcap.cli.exit_status import ExitStatus, status_of
from capfpcap.cli.judging import Judging, judging
from capfpcap.cli.lock import held
from capfpcap.cli.output import STANDARD_STREAM, check_target, opened, page_for
from capfpcap.cli.phone_logs import GivenLogs, phone_logs
from capfpcap.formats import FORMATS, render

if TYPE_CHECKING:
    from capfpcap.formats.page import Page
    from capfpcap.report import Report


def _duration(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    try:
        return None if text is None else moments.duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


@click.command(name="check", short_help="Judge captures: what failed, why, and what to do.")
@options.captured
@options.written_as(*FORMATS)
@click.option("-q", "--quiet", is_flag=True, help="Write the verdict's line alone.")
@click.option(
    "--max-age",
    metavar="DURATION",
    callback=_duration,
    help="Nothing is OK where the newest packet is older, as where a recorder died: 15m, 2h, 1d.",
)
@click.option(
    "--lock",
    metavar="FILE",
    type=FILE,
    help="Do nothing, with status 3, while another run holds this file.",
)
@phone_logs
@judging
@beside
def command(
    given: options.Given,
    *,
    format_name: str,
    quiet: bool,
    max_age: int | None,
    lock: str | None,
    judging: Judging,
    beside: Beside,
    logs: GivenLogs,
) -> ExitStatus:
    """Judge captures: what failed, why, and what to do about it.

    Where a capture was taken is inferred from its packets, and said, unless an option tells. Trust
    lists may be given beside captures, or alone.

    Exit status: 0 ok, 1 warning, 2 critical, 3 nothing could be judged or no phone came to an
    outcome.
    """
    if quiet and format_name != "text":
        context = click.get_current_context(silent=True)
        raise click.UsageError(f"--quiet is for text, not for {format_name}", context)
    paths = [*files_of(given), *beside.paths]
    if STANDARD_STREAM in beside.paths and paths.count(STANDARD_STREAM) > 1:
        context = click.get_current_context(silent=True)
        raise click.UsageError("'-' can be given once: standard input is one file", context)
    check_target(given.target, paths)
    with held(lock, given.target):
        wanted = judging.options(given)
        if beside.paths:
            from msgspec.structs import replace  # noqa: PLC0415 - loaded with the analysis

            wanted = replace(wanted, evidence=beside.evidence())
        report = report_on(given, logs.added(wanted), format_name)
        if max_age is not None:
            report = _up_to_date(report, given, max_age)
        page = page_for(given)
        with opened(given.target) as write:
            for piece in _quiet(report, page) if quiet else render(report, format_name, page):
                write(piece)
    return status_of(report.verdict, judging.bar)


def _up_to_date(report: Report, given: options.Given, max_age: int) -> Report:
    from capfpcap.compose.freshness import Source, up_to_date  # noqa: PLC0415 - loads NumPy

    sources = [Source(name, frozenset(paths)) for name, paths in sources_of(given)]
    return up_to_date(report, sources, time.time_ns(), max_age)


def _quiet(report: Report, page: Page) -> Iterator[bytes]:
    from capfpcap.formats.text import verdict_line  # noqa: PLC0415 - with the report model

    yield verdict_line(report.verdict, page)
