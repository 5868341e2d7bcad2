"""``capfpcap inventory``: which certificates the phones have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from capfpcap.cli import moments, options
from capfpcap.cli.captures import analysis_of, files_of
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import STANDARD_STREAM, check_target, opened, page_for

if TYPE_CHECKING:
    from capfpcap.inventory.build import FileFrames
    from capfpcap.inventory.model import Inventory


def _date(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """A day or a moment, in the zone of ``--tz``."""
    if text is None:
        return None
    try:
        found = moments.moment(text, context.params["zone"])
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error
    if not isinstance(found, int):
        raise click.BadParameter(f"{text} has no date", context, parameter)
    return found


@click.command(name="inventory", short_help="List the certificates that the phones showed.")
@options.captured
@options.written_as("text", "csv", "json")
@click.option(
    "--at",
    metavar="DATE",
    callback=_date,
    help="Count days from this moment on: 2026-11-23 (default: the captures' last packet).",
)
def command(given: options.Given, *, format_name: str, at: int | None) -> ExitStatus:
    """List every phone with the certificates that it showed: LSC, MIC or another one.

    They are seen where phones show them in the clear, which is up to TLS 1.2: to call processing
    (SIP on 5061, SCCP on 2443), to TVS (2445), and to the switch (IEEE 802.1X, EAP-TLS). With
    --keylog those inside CAPF are listed too.

    Exit status: 0 phones are listed, 3 there is none.
    """
    check_target(given.target, files_of(given))
    inventory = _inventory(given, at)

    from capfpcap.formats import inventory as rendered  # noqa: PLC0415 - with the model

    page = page_for(given)
    with opened(given.target) as write:
        for piece in rendered.render(inventory, format_name, page):
            write(piece)
    return ExitStatus.OK if inventory.phones else ExitStatus.UNKNOWN


def _inventory(given: options.Given, at: int | None) -> Inventory:
    analysis = analysis_of(given._replace(only=()), given._replace(only=()).analysis_options())

    from capfpcap.enrolment.choice import NotShownError  # noqa: PLC0415 - loads NumPy
    from capfpcap.inventory.build import build_inventory  # noqa: PLC0415 - only here

    frames = [item for path in files_of(given) for item in _frames(path)]
    try:
        return build_inventory(analysis.scene, frames, at=at, only=given.only, notes=analysis.notes)
    except NotShownError as error:
        raise CommandError(str(error)) from error


def _frames(path: str) -> Iterator[FileFrames]:
    """What a file holds of IEEE 802.1X; a pipe cannot be read a second time."""
    from capfpcap.capture.columns import CaptureError  # noqa: PLC0415 - loads NumPy
    from capfpcap.capture.eapol import read_eapol  # noqa: PLC0415 - only here
    from capfpcap.capture.reader import can_be_read_again  # noqa: PLC0415
    from capfpcap.inventory.build import FileFrames  # noqa: PLC0415

    if path == STANDARD_STREAM or not can_be_read_again([path]):
        yield FileFrames(path, CaptureError("a pipe cannot be read again"))
        return
    try:
        yield FileFrames(path, read_eapol(path))
    except CaptureError as error:
        yield FileFrames(path, error)
