"""``capfpcap timeline``: what happened, event by event."""

from __future__ import annotations

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, complain_of, files_of, shown_options
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_of
from capfpcap.cli.paths import stands_for_something

_PHONE = "phone"
"""The role whose option names a phone as well, by what no file is called."""


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
    given, phone = _told_apart(given)
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


def _told_apart(given: options.Given) -> tuple[options.Given, str | None]:
    """The captures that were given, and the phone that ``--phone`` names, if it names one.

    Whatever is no path to anything is the name of a phone.
    """
    values = given.roles[_PHONE]
    files = tuple(filter(stands_for_something, values))
    names = [value for value in values if value not in files]
    if len(names) > 1:
        raise click.UsageError(
            f"--phone names two phones, {names[0]} and {names[1]}",
            click.get_current_context(silent=True),
        )
    return given._replace(roles={**given.roles, _PHONE: files}), names[0] if names else None
