"""``capfpcap timeline``: what happened, event by event."""

from __future__ import annotations

from datetime import tzinfo

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, complain_of, files_of, shown_options
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_of


@click.command(name="timeline", short_help="Tell what happened on each flow, event by event.")
@options.capture_arguments
@options.capf_port
@click.option("--phone", metavar="NAME", help="Only the flows of this phone.")
@click.option("--flow", metavar="ID", help="Only this flow, by its id in 'capfpcap flows'.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)
@options.output_file
@options.screen
def command(
    *,
    captures: tuple[str, ...],
    capf_ports: tuple[int, ...],
    phone: str | None,
    flow: str | None,
    format_name: str,
    target: str | None,
    zone: tzinfo,
    color: str,
) -> ExitStatus:
    """Tell what happened on each flow: when, in which frame, from whom, what.

    The client stands on the left: → is from it, ← is from the server.

    Exit status: 0 all flows are told, 3 a capture could not be read.
    """
    check_target(target, files_of(captures))
    analysis = analysis_of(captures, options=shown_options(capf_ports))

    from capfpcap.formats.timeline import json_pieces, text_lines  # noqa: PLC0415 - with the model

    try:
        with opened(target) as write:
            timelines = analysis.timeline(phone=phone, flow=flow)
            pieces = (
                json_pieces(timelines)
                if format_name == "json"
                else text_lines(timelines, page_of(target, color, zone))
            )
            for piece in pieces:
                write(piece)
    except LookupError as error:
        raise CommandError(str(error.args[0] if error.args else error)) from error
    return complain_of(analysis.notes)
