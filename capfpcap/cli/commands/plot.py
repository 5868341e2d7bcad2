"""``capfpcap plot``: pictures for a page."""

from __future__ import annotations

from pathlib import PurePath
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
    from capfpcap.analysis import Analysis
    from capfpcap.formats.page import Page

_FORMATS = ("png", "svg", "pdf")


@click.command(name="plot", short_help="Draw pictures of captures for a page.")
@click.argument("kind", type=click.Choice(["ladder", "timeline", "path", "storm"]))
@options.captured
@click.option("--flow", metavar="ID", help="Only this flow, by its id in 'capfpcap flows'.")
@options.times
def command(
    given: options.Given,
    *,
    kind: str,
    flow: str | None,
    times: str,
) -> ExitStatus:
    """Draw a picture of captures for a page: PNG, SVG or PDF, told by the name of -o FILE.

    \b
    ladder    what a phone and its servers said to each other
    timeline  a phone's flows on one axis of time
    path      a phone's packets at each capture, and where they are lost
    storm     many phones: outcomes over time, how long they took

    Of several phones the one that fared worst is drawn; --only PHONE chooses another.

    Exit status: 0 it is drawn, 3 a capture could not be read.
    """  # noqa: D301 - click reads the mark
    given = told_apart(given)
    name = _format_of(given.target)
    need_pictures(given.target)
    check_target(given.target, files_of(given))
    analysis = analysis_of(given, shown_options(given))
    page = page_for(given)
    try:
        picture = _drawn(analysis, kind, flow, page, name, times)
    except LookupError as error:
        raise CommandError(str(error.args[0] if error.args else error)) from error
    with opened(given.target) as write:
        write(picture)
    return complain_of(analysis)


def _format_of(target: str | None) -> str:
    suffix = PurePath(target or "").suffix.lower().removeprefix(".")
    if suffix not in _FORMATS:
        raise click.UsageError(
            "name a file that ends with .png, .svg or .pdf: -o FILE",
            click.get_current_context(silent=True),
        )
    return suffix


def _drawn(
    analysis: Analysis,
    kind: str,
    flow: str | None,
    page: Page,
    name: str,
    times: str,
) -> bytes:
    """The picture that is asked for; each loads matplotlib."""
    from capfpcap.formats.ladders.words import Times  # noqa: PLC0415 - with the model

    if kind == "storm":
        from capfpcap.plots.storm import storm_picture  # noqa: PLC0415

        return storm_picture(analysis, page, name, Times(times))
    if kind == "path":
        from capfpcap.plots.path import path_picture  # noqa: PLC0415

        return path_picture(analysis, page, name, flow=flow, times=Times(times))

    from capfpcap.ladder.build import ladder_of  # noqa: PLC0415

    ladder = ladder_of(analysis, flow=flow)
    if kind == "ladder":
        from capfpcap.plots.ladder import ladder_picture  # noqa: PLC0415

        return ladder_picture(ladder, page, name, Times(times))
    from capfpcap.plots.timeline import timeline_picture  # noqa: PLC0415

    return timeline_picture(ladder, page, name, Times(times))
