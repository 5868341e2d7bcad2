"""``capfpcap timeline``: what happened, event by event."""

from __future__ import annotations

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, complain_of, files_of, shown_options
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_for
from capfpcap.cli.phone_logs import GivenLogs, phone_logs
from capfpcap.cli.phones import told_apart


@click.command(name="timeline", short_help="Tell what each phone did, event by event.")
@options.captured
@click.option("--flow", metavar="ID", help="Only this flow, by its id in 'capfpcap flows'.")
@click.option(
    "--by",
    type=click.Choice(["phone", "flow"]),
    default="phone",
    show_default=True,
    help="All that a phone did in order of time, or flow by flow.",
)
@options.written_as("text", "json")
@phone_logs
def command(
    given: options.Given,
    *,
    flow: str | None,
    by: str,
    format_name: str,
    logs: GivenLogs,
) -> ExitStatus:
    """Tell what happened: when, in which frame, on which flow, from whom, what.

    The client stands on the left: → is from it, ← is from the server, · is from a host between
    them. --phone takes a phone as well as a capture: then it does what --only does.

    Exit status: 0 all is told, 3 a capture could not be read.
    """
    given = told_apart(given)
    check_target(given.target, files_of(given))
    analysis = analysis_of(given, logs.added(shown_options(given)))

    from capfpcap.enrolment.choice import NotShownError  # noqa: PLC0415 - with the analysis
    from capfpcap.formats import phone_timeline, timeline  # noqa: PLC0415 - with the model

    page = page_for(given)
    try:
        with opened(given.target) as write:
            if by == "phone":
                phones = analysis.timeline_by_phone(flow)
                as_json, as_text = phone_timeline.json_pieces, phone_timeline.text_lines
                pieces = as_json(phones) if format_name == "json" else as_text(phones, page)
            else:
                flows = analysis.timeline(flow)
                of_flows = timeline.json_pieces, timeline.text_lines
                pieces = of_flows[0](flows) if format_name == "json" else of_flows[1](flows, page)
            for piece in pieces:
                write(piece)
    except NotShownError as error:
        raise CommandError(str(error)) from error
    return complain_of(analysis)
