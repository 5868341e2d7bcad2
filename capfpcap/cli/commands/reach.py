"""``capfpcap reach``: which services each phone reaches, and on which way packets are dropped."""

from __future__ import annotations

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, files_of
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_for


@click.command(name="reach", short_help="Show which services each phone reaches, each way.")
@options.captured
@options.written_as("text", "json")
def command(
    given: options.Given,
    *,
    format_name: str,
) -> ExitStatus:
    """Show for each phone and service whether packets pass, each way, and where they are dropped.

    → is the way to the server, ← the way to the phone. Captures of both ends, taken at the same
    time, prove it; one alone proves what is answered.

    Exit status: 0 all that the phones need passes both ways, 2 something is dropped, 3 the captures
    cannot tell.
    """
    check_target(given.target, files_of(given))
    analysis = analysis_of(given, given.analysis_options())

    from capfpcap.compose.reach import build_reach  # noqa: PLC0415 - loads NumPy
    from capfpcap.formats import reach  # noqa: PLC0415 - with the model

    matrix = build_reach(analysis.scene, analysis.notes, analysis.remarks)
    with opened(given.target) as write:
        if format_name == "json":
            write(reach.render_json(matrix))
        else:
            write(reach.render_text(matrix, page_for(given)))
    return ExitStatus[matrix.verdict.severity.name]
