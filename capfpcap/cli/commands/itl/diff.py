"""``capfpcap itl diff A B``: how two trust lists differ."""

from __future__ import annotations

import os
from datetime import tzinfo
from typing import TYPE_CHECKING

import click

from capfpcap.cli import options
from capfpcap.cli.commands.itl.reading import Wanted, held_in
from capfpcap.cli.completion import FILE
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.output import STANDARD_STREAM, check_target, opened, page_of

if TYPE_CHECKING:
    from capf_dissectors.shown_list import Kind

    from capfpcap.inspection.held import Held


@click.command(name="diff", short_help="Show how two trust lists differ.")
@click.argument("first", metavar="A", type=FILE)
@click.argument("second", metavar="B", type=FILE)
@options.only
@options.written_as("text", "json")
@options.capf_port
@options.output_file
@options.screen
@options.debug
def command(
    first: str,
    second: str,
    *,
    only: tuple[str, ...],
    format_name: str,
    capf_ports: tuple[int, ...],
    target: str | None,
    zone: tzinfo,
    color: str,
    ascii_only: bool,
) -> ExitStatus:
    """Show how two trust lists differ, record by record, CAPF first.

    A and B are lists, captures, or saved output of 'show itl' or 'show ctl'. Of a capture the list
    that the phones loaded last counts. Where there are several, --only tells the phone, or A:2
    takes the second one that 'capfpcap itl A' shows.

    What differs between any two nodes (their own TFTP and TVS records, signature, time) is set
    apart and counts as no difference.

    Exit status: 0 the same, but for what is expected; 1 different; 3 it cannot be told.
    """
    wanted = Wanted(only, capf_ports)
    paths = [_split(first), _split(second)]
    check_target(target, [path for path, _ in paths])
    if [path for path, _ in paths] == [STANDARD_STREAM] * 2:
        raise click.UsageError("only one of the two can be '-'", click.get_current_context())
    held = [held_in(path, wanted) for path, _ in paths]

    from capfpcap.formats import list_diff  # noqa: PLC0415 - loads the analysis
    from capfpcap.inspection.held.comparison import compare_held  # noqa: PLC0415

    kinds = [{one.kind for one in lists if one.kind} for lists in held]
    common = kinds[0] & kinds[1]
    chosen = [
        _chosen(path, number, lists, common)
        for (path, number), lists in zip(paths, held, strict=True)
    ]
    found = compare_held(*chosen)
    with opened(target) as write:
        if format_name == "json":
            write(list_diff.render_json(found))
        else:
            write(list_diff.render_text(found, page_of(target, color, zone, ascii_only=ascii_only)))
    return _STATUSES[found.verdict.value]


_STATUSES = {
    "same": ExitStatus.OK,
    "expected": ExitStatus.OK,
    "different": ExitStatus.WARNING,
    "unknown": ExitStatus.UNKNOWN,
}


def _split(text: str) -> tuple[str, int | None]:
    """A path, and the number of a list behind it where one is given: ``show.txt:2``."""
    path, _, number = text.rpartition(":")
    if path and number.isdecimal() and len(number) < 5 and not os.path.lexists(text):
        return path, int(number)
    return text, None


def _chosen(path: str, number: int | None, lists: list[Held], common: set[Kind]) -> Held:
    """The list that is meant.

    Raises:
        CommandError: there is none, or several may be meant.
    """
    if number is not None:
        found = [one for one in lists if one.number == number]
        if not found:
            raise CommandError(f"{path} has {len(lists)} lists: there is none of number {number}")
        return found[0]
    candidates = [one for one in lists if one.kind is not None]
    if not candidates:
        raise CommandError(f"{path} holds a signed file, no trust list")
    if any(one.loads for one in candidates):
        candidates = [one for one in candidates if any(load.last for load in one.loads)]
    if len({one.kind for one in candidates}) > 1:
        from capf_dissectors.shown_list import Kind  # noqa: PLC0415

        kind = Kind.ITL if Kind.ITL in common or not common else Kind.CTL
        candidates = [one for one in candidates if one.kind in (kind, None)]
    if len(candidates) > 1:
        numbers = ", ".join(f"{path}:{one.number}" for one in candidates[:4])
        raise CommandError(
            f"{path} has {len(candidates)} lists: say which ({numbers}), or which phone's (--only)"
        )
    return candidates[0]
