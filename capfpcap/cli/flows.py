"""``capfpcap flows``: every flow of the captures."""

from __future__ import annotations

from datetime import tzinfo

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, complain_of, files_of, shown_options
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_of


@click.command(name="flows", short_help="List the flows, as each capture shows them.")
@options.capture_arguments
@options.capf_port
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
)
@options.output_file
@options.screen
def command(
    *,
    captures: tuple[str, ...],
    capf_ports: tuple[int, ...],
    format_name: str,
    target: str | None,
    zone: tzinfo,
    color: str,
) -> ExitStatus:
    """List the flows: who, when, how much each way, and how it went, as each capture shows it.

    The history has a letter for each thing that happened, upper case from the client, lower
    from the server: S SYN, H SYN-ACK, A acknowledgement, D data, F FIN, R RST.

    Exit status: 0 all flows are listed, 3 a capture could not be read.
    """
    check_target(target, files_of(captures))
    analysis = analysis_of(captures, options=shown_options(capf_ports))
    report = analysis.report

    from capfpcap.formats import flow_table  # noqa: PLC0415 - with the report model

    with opened(target) as write:
        if format_name == "json":
            write(flow_table.render_json(report))
        else:
            write(flow_table.render_table(report, page_of(target, color, zone)))
    return complain_of(analysis.notes)
