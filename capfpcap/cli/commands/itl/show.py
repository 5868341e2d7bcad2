"""``capfpcap itl FILE…``: what trust lists and signed files say."""

from __future__ import annotations

from datetime import tzinfo

import click

from capfpcap.cli import options
from capfpcap.cli.commands.itl.reading import Wanted, held_in
from capfpcap.cli.completion import FILE
from capfpcap.cli.console import complain
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import check_target, opened, page_of


@click.command(name="show", short_help="Show what trust lists and signed files say.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=FILE)
@options.only
@options.written_as("text", "json")
@click.option("--summary", is_flag=True, help="Leave out each list as CUCM prints it.")
@click.option(
    "--extract",
    "folder",
    metavar="FOLDER",
    type=FILE,
    help="Write the lists' certificates there as PEM, as well.",
)
@click.option("--force", is_flag=True, help="With --extract: write over files that are there.")
@options.capf_port
@options.output_file
@options.screen
@options.debug
def command(
    files: tuple[str, ...],
    *,
    only: tuple[str, ...],
    format_name: str,
    summary: bool,
    folder: str | None,
    force: bool,
    capf_ports: tuple[int, ...],
    target: str | None,
    zone: tzinfo,
    color: str,
    ascii_only: bool,
) -> ExitStatus:
    """Show what trust lists and signed files say, as CUCM's 'show itl' does.

    A file is an ITL, a CTL or a signed file, a capture, or saved output of 'show itl' or 'show
    ctl'; '-' is standard input. Signatures are verified with the records of all lists at hand. Of a
    capture it is told which phone loaded a file, when and from whom.

    Exit status: 0 everything was read, 3 something could not be.
    """
    if force and folder is None:
        raise click.UsageError("--force is for --extract", click.get_current_context())
    check_target(target, files)
    found, notes = [], []
    for path in files:
        try:
            found += held_in(path, Wanted(only, capf_ports))
        except CommandError as error:
            complain(str(error))
            notes.append(str(error))
    if not found:
        return ExitStatus.UNKNOWN

    from capfpcap.formats import held_lists  # noqa: PLC0415 - loads the analysis
    from capfpcap.inspection.held import HeldFiles, certificates_of, describe  # noqa: PLC0415
    from capfpcap.inspection.held.description import SCHEMA_VERSION  # noqa: PLC0415

    lists = [one for one in found if one.trust_list is not None]
    described = tuple(describe(one, lists) for one in found)
    everything = HeldFiles(SCHEMA_VERSION, described, tuple(notes))
    if folder is not None:
        from capfpcap.cli.commands.itl.extracting import extract  # noqa: PLC0415

        written = list(certificates_of(found))
        extract(written, folder, force=force)
        complain(f"{len(written)} certificates written into {folder}")
    with opened(target) as write:
        if format_name == "json":
            write(held_lists.render_json(everything))
        else:
            page = page_of(target, color, zone, ascii_only=ascii_only)
            for piece in held_lists.render_text(everything, page, summary=summary):
                write(piece)
    unread = notes or any(one.problem for one in described)
    return ExitStatus.UNKNOWN if unread else ExitStatus.OK
