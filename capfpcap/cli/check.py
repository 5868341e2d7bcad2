"""``capfpcap check``: the verdict on one or more captures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from capfpcap.cli import options
from capfpcap.cli.captures import files_of, report_on
from capfpcap.cli.exit_status import ExitStatus, status_of
from capfpcap.cli.judging import Judging, judging
from capfpcap.cli.output import check_target, opened, page_of
from capfpcap.formats import FORMATS, render

if TYPE_CHECKING:
    from capfpcap.formats.page import Page
    from capfpcap.report import Report


@click.command(name="check", short_help="Judge captures: what failed, why, and what to do.")
@options.captured
@options.written_as(*FORMATS)
@click.option("-q", "--quiet", is_flag=True, help="Write the verdict's line alone.")
@judging
def command(
    given: options.Given,
    *,
    format_name: str,
    quiet: bool,
    judging: Judging,
) -> ExitStatus:
    """Judge captures: what failed, why, and what to do about it.

    Where a capture was taken is inferred from its packets, and said, unless an option tells.

    Exit status: 0 ok, 1 warning, 2 critical, 3 nothing could be judged or no phone came to an
    outcome.
    """
    if quiet and format_name != "text":
        context = click.get_current_context(silent=True)
        raise click.UsageError(f"--quiet is for text, not for {format_name}", context)
    check_target(given.target, files_of(given))
    report = report_on(given, judging.options(given))
    page = page_of(given.target, given.color, given.zone)
    with opened(given.target) as write:
        for piece in _quiet(report, page) if quiet else render(report, format_name, page):
            write(piece)
    return status_of(report.verdict, judging.bar)


def _quiet(report: Report, page: Page) -> Iterator[bytes]:
    from capfpcap.formats.text import verdict_line  # noqa: PLC0415 - with the report model

    yield verdict_line(report.verdict, page)
