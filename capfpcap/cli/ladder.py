"""``capfpcap ladder``: what happened between a phone and its servers, as a drawing."""

from __future__ import annotations

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, complain_of, files_of, shown_options
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_of
from capfpcap.cli.phones import told_apart


@click.command(name="ladder", short_help="Draw what a phone and its servers said to each other.")
@options.captured
@click.option("--flow", metavar="ID", help="Only this flow, by its id in 'capfpcap flows'.")
@options.written_as("text", "svg", "mermaid", "json")
def command(
    given: options.Given,
    *,
    flow: str | None,
    format_name: str,
) -> ExitStatus:
    """Draw what a phone and its servers said to each other, message by message.

    Each lane is a host or, with several captures, a place where packets were recorded. An arrow
    that breaks off is a packet that was lost there. --phone takes the name or address of a phone,
    too; without it the phone that fared worst is drawn.

    Exit status: 0 it is drawn, 3 a capture could not be read.
    """
    given, phone = told_apart(given)
    check_target(given.target, files_of(given))
    analysis = analysis_of(given, shown_options(given.capf_ports))

    from capfpcap.formats.ladders import render  # noqa: PLC0415 - with the model
    from capfpcap.ladder.build import ladder_of  # noqa: PLC0415

    try:
        ladder = ladder_of(analysis, phone=phone, flow=flow)
    except LookupError as error:
        raise CommandError(str(error.args[0] if error.args else error)) from error
    page = page_of(given.target, given.color, given.zone)
    with opened(given.target) as write:
        for piece in render(ladder, format_name, page):
            write(piece)
    return complain_of(analysis.notes)
