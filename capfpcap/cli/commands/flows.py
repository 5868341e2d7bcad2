"""``capfpcap flows``: every flow of the captures."""

from __future__ import annotations

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, complain_of, files_of, shown_options
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_for


@click.command(name="flows", short_help="List the flows, as each capture shows them.")
@options.captured
@options.written_as("table", "json")
def command(
    given: options.Given,
    *,
    format_name: str,
) -> ExitStatus:
    """List the flows: who, when, how much each way, and how it went, as each capture shows it.

    The history has a letter for each thing that happened, upper case from the client, lower
    from the server: S SYN, H SYN-ACK, A acknowledgement, D data, F FIN, R RST.

    Exit status: 0 all flows are listed, 3 a capture could not be read.
    """
    check_target(given.target, files_of(given))
    analysis = analysis_of(given, shown_options(given))
    report = analysis.report

    from capfpcap.formats import flow_table  # noqa: PLC0415 - with the report model

    with opened(given.target) as write:
        if format_name == "json":
            write(flow_table.render_json(report))
        else:
            write(flow_table.render_table(report, page_for(given)))
    return complain_of(analysis)
