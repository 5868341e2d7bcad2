"""``capfpcap ladder``: what happened between a phone and its servers, as a drawing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from capfpcap.cli import options
from capfpcap.cli.captures import analysis_of, complain_of, files_of, shown_options
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_for
from capfpcap.cli.phones import told_apart
from capfpcap.cli.pictures import need_pictures

if TYPE_CHECKING:
    from capfpcap.formats.page import Page
    from capfpcap.ladder.model import Ladder


@click.command(name="ladder", short_help="Draw what a phone and its servers said to each other.")
@options.captured
@click.option("--flow", metavar="ID", help="Only this flow, by its id in 'capfpcap flows'.")
@options.times
@options.written_as("text", "svg", "png", "mermaid", "json")
def command(
    given: options.Given,
    *,
    flow: str | None,
    times: str,
    format_name: str,
) -> ExitStatus:
    """Draw what a phone and its servers said to each other, message by message.

    Each lane is a host or, with several captures, a place where packets were recorded. An arrow
    that breaks off is a packet that was lost there. --phone takes a phone as well as a capture:
    then it does what --only does. Of several phones the one that fared worst is drawn.

    Exit status: 0 it is drawn, 3 a capture could not be read.
    """
    given = told_apart(given)
    if format_name == "png":
        need_pictures(given.target)
    check_target(given.target, files_of(given))
    analysis = analysis_of(given, shown_options(given))

    from capfpcap.ladder.build import ladder_of  # noqa: PLC0415 - with the model

    try:
        ladder = ladder_of(analysis, flow=flow)
    except LookupError as error:
        raise CommandError(str(error.args[0] if error.args else error)) from error
    page = page_for(given)
    pieces = _rendered(ladder, format_name, page, times)
    with opened(given.target) as write:
        for piece in pieces:
            write(piece)
    return complain_of(analysis)


def _rendered(ladder: Ladder, format_name: str, page: Page, times: str) -> Iterable[bytes]:
    from capfpcap.formats.ladders import render  # noqa: PLC0415 - only what is asked for
    from capfpcap.formats.ladders.words import Times  # noqa: PLC0415

    if format_name == "png":
        from capfpcap.plots.ladder import ladder_picture  # noqa: PLC0415 - loads matplotlib

        return [ladder_picture(ladder, page, format_name, Times(times))]
    return render(ladder, format_name, page, Times(times))
