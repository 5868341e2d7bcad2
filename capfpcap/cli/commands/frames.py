"""``capfpcap frames``: Wireshark's tree of single frames."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import click

from capfpcap.cli import options
from capfpcap.cli.completion import FILE
from capfpcap.cli.console import complain
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus
from capfpcap.cli.keys import key_files, load_keys, show_secrets
from capfpcap.cli.loading import loading
from capfpcap.cli.output import check_target, opened, page_of

if TYPE_CHECKING:
    from capfpcap.analysis import Options
    from capfpcap.tshark.view import View

_MOST = 1 << 32
"""Above every frame number."""


def _numbers(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> list[range]:
    """``N`` and ``N-M``; several may stand in one argument, between commas."""
    return [_range(text, context, parameter) for told in texts for text in told.split(",")]


def _range(text: str, context: click.Context, parameter: click.Parameter) -> range:
    first, dash, last = text.partition("-")
    ends = [first, last] if dash else [first, first]
    if not all(end.isascii() and end.isdecimal() and len(end) < 11 for end in ends):
        raise click.BadParameter(f"{text} is no frame number; 12 or 12-15", context, parameter)
    numbers = range(int(ends[0]), int(ends[1]) + 1)
    if not numbers or numbers[0] < 1 or numbers[-1] >= _MOST:
        raise click.BadParameter(f"{text} holds no frame; frames count from 1", context, parameter)
    return numbers


@click.command(name="frames", short_help="Show single frames as Wireshark dissects them.")
@click.argument("capture", metavar="CAPTURE", type=FILE)
@click.argument("frames", nargs=-1, required=True, metavar="N[-M]...", callback=_numbers)
@show_secrets
@key_files
@options.capf_port
@options.written_as("text", "json")
@options.output_file
@options.screen_color
@options.debug
def command(
    *,
    capture: str,
    frames: list[range],
    keylogs: tuple[str, ...],
    rsa_keys: tuple[str, ...],
    rsa_key_password_file: str | None,
    show_secrets: bool,
    capf_ports: tuple[int, ...],
    format_name: str,
    target: str | None,
    color: str,
    ascii_only: bool,
) -> ExitStatus:
    """Show frames as Wireshark dissects them; CAPF, TVS and trust lists by a plugin of ours.

    tshark is shown the whole connection that a frame is part of, and nothing of its user's
    preferences and plugins. Numbers are those of the capture.

    Exit status: 0 they are shown, 3 they cannot be.
    """
    check_target(target, [capture])
    with loading():
        from capfpcap.analysis import Options  # noqa: PLC0415 - loads NumPy

    options = Options(
        capf_ports=frozenset(capf_ports),
        secrets=load_keys(keylogs, rsa_keys, rsa_key_password_file),
        show_secrets=show_secrets,
    )
    view = _view(capture, frames, options)

    from capfpcap.formats.frame_trees import render_json, render_text  # noqa: PLC0415

    page = page_of(target, color, UTC, ascii_only=ascii_only)
    with opened(target) as write:
        write(render_json(view) if format_name == "json" else render_text(view, page))
    return ExitStatus.OK


def _view(capture: str, frames: list[range], options: Options) -> View:
    """Wireshark's view, with what is to be said of it told.

    Raises:
        CommandError: it cannot be had.
    """
    from capfpcap.tshark.errors import TsharkError  # noqa: PLC0415 - only where it is asked
    from capfpcap.tshark.view import MAX_ASKED, view_of_file  # noqa: PLC0415

    asked = sum(len(numbers) for numbers in frames)
    if asked > MAX_ASKED:
        raise CommandError(f"{asked} frames are too many; {MAX_ASKED} are shown at a time")
    for sentence in options.secrets.remarks if options.secrets is not None else ():
        complain(sentence)
    try:
        view = view_of_file(capture, {each for numbers in frames for each in numbers}, options)
    except TsharkError as error:
        raise CommandError(str(error)) from error
    for sentence in view.remarks:
        complain(sentence)
    return view
