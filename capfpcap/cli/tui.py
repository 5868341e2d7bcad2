"""``capfpcap tui``: the terminal interface."""

from __future__ import annotations

from datetime import UTC
from importlib.util import find_spec

import click

from capfpcap.cli import options
from capfpcap.cli.captures import inputs_of
from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus, status_of
from capfpcap.cli.judging import Judging, judging


@click.command(name="tui", short_help="Look at captures on the screen: phones, ladders, evidence.")
@options.looked_at
@judging
def command(given: options.Given, *, judging: Judging) -> ExitStatus:
    """Look at captures: which phone failed and why, and every packet that proves it.

    Exit status: that of check.
    """
    inputs = inputs_of(given)
    if find_spec("textual") is None:
        raise CommandError("the terminal interface is not installed: pip install 'capfpcap[tui]'")
    from capf_tui.run import Wishes, run  # noqa: PLC0415 - loads Textual

    zone = None if given.zone is UTC else given.zone
    verdict = run(Wishes(inputs=inputs, options=judging.options(given), zone=zone))
    return ExitStatus.INTERRUPTED if verdict is None else status_of(verdict, judging.bar)
