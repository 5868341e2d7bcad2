"""``capfpcap check``: the verdict on one or more captures."""

from __future__ import annotations

import click

from capfpcap.cli import options
from capfpcap.cli.captures import files_of, report_on
from capfpcap.cli.exit_status import ExitStatus, status_of
from capfpcap.cli.judging import Judging, judging
from capfpcap.cli.output import check_target, opened, page_of
from capfpcap.formats import FORMATS, render


@click.command(name="check", short_help="Judge captures: what failed, why, and what to do.")
@options.captured
@options.written_as(*FORMATS)
@judging
def command(
    given: options.Given,
    *,
    format_name: str,
    judging: Judging,
) -> ExitStatus:
    """Judge captures: what failed, why, and what to do about it.

    Where a capture was taken is inferred from its packets, and said, unless an option tells.

    Exit status: 0 ok, 1 warning, 2 critical, 3 nothing could be judged or no phone came to an
    outcome.
    """
    check_target(given.target, files_of(given))
    report = report_on(given, judging.options(given))
    with opened(given.target) as write:
        for piece in render(report, format_name, page_of(given.target, given.color, given.zone)):
            write(piece)
    return status_of(report.verdict, judging.bar)
