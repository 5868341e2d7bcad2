"""``capfpcap timeline``: what happened, event by event."""

from __future__ import annotations

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, complain_of, files_of, shown_options
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_of
from capfpcap.cli.phones import told_apart


@click.command(name="timeline", short_help="Tell what happened on each flow, event by event.")
@options.captured
@click.option("--flow", metavar="ID", help="Only this flow, by its id in 'capfpcap flows'.")
@options.written_as("text", "json")
def command(
    given: options.Given,
    *,
    flow: str | None,
    format_name: str,
) -> ExitStatus:
    """Tell what happened on each flow: when, in which frame, from whom, what.

    The client stands on the left: → is from it, ← is from the server. --phone takes the name or
    address of a phone, too: then only its flows are told.

    Exit status: 0 all flows are told, 3 a capture could not be read.
    """
    given, phone = told_apart(given)
    check_target(given.target, files_of(given))
    analysis = analysis_of(given, shown_options(given.capf_ports))

    from capfpcap.formats.timeline import json_pieces, text_lines  # noqa: PLC0415 - with the model

    try:
        with opened(given.target) as write:
            timelines = analysis.timeline(phone=phone, flow=flow)
            pieces = (
                json_pieces(timelines)
                if format_name == "json"
                else text_lines(timelines, page_of(given.target, given.color, given.zone))
            )
            for piece in pieces:
                write(piece)
    except LookupError as error:
        raise CommandError(str(error.args[0] if error.args else error)) from error
    return complain_of(analysis.notes)
