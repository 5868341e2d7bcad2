"""``capfpcap tui``: the terminal interface."""

from __future__ import annotations

import os
import sys
from datetime import UTC
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

import click

from capfpcap.cli import options
from capfpcap.cli.captures import inputs_of
from capfpcap.cli.console import complain
from capfpcap.cli.errors import CommandError, reason
from capfpcap.cli.exit_status import ExitStatus, status_of
from capfpcap.cli.judging import Judging, judging
from capfpcap.cli.output import STANDARD_STREAM

_SERVED_AT = "localhost:8000"


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int


def _address(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> Address | None:
    """``HOST:PORT``, ``[IPV6]:PORT``, or a port of the loopback."""
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal()) or not 0 < int(port) < 65536:
        hint = f"is no HOST:PORT; behind the captures --serve alone means {_SERVED_AT}"
        raise click.BadParameter(f"{text} {hint}", context, parameter)
    return Address(host.strip("[]") or "localhost", int(port))


@click.command(name="tui", short_help="Look at captures on the screen: phones, ladders, evidence.")
@options.looked_at
@judging
@click.option("--follow", is_flag=True, help="Read captures that grow again, and new ones.")
@click.option(
    "--serve",
    "address",
    is_flag=False,
    flag_value=_SERVED_AT,
    default=None,
    metavar="[HOST:PORT]",
    callback=_address,
    help=f"Show it in browsers instead; alone it means {_SERVED_AT}.",
)
def command(
    given: options.Given, *, judging: Judging, follow: bool, address: Address | None
) -> ExitStatus:
    """Look at captures: which phone failed and why, and every packet that proves it.

    Exit status: that of check.
    """
    inputs = inputs_of(given)
    if not hasattr(os, "fork"):
        sentence = "the terminal interface needs fork, which Windows lacks: use it in WSL"
        raise CommandError(sentence)
    _require("textual", "tui")
    if follow and any(STANDARD_STREAM in one.paths for one in inputs):
        raise click.UsageError("standard input cannot be followed", click.get_current_context())
    if address is None and not _has_screen():
        sentence = "this needs a terminal; without one, check writes a report"
        raise CommandError(sentence)
    from capf_tui.run import Wishes, run  # noqa: PLC0415 - loads Textual

    wishes = Wishes(
        inputs=partial(inputs_of, given) if follow else lambda: inputs,
        options=judging.options(given),
        zone=None if given.zone is UTC else given.zone,
        follow=follow,
    )
    try:
        if address is None:
            verdict = run(wishes)
        else:
            _require("textual_serve", "serve")
            from capf_tui.serving.run import run_server  # noqa: PLC0415 - loads a web server

            verdict = run_server(wishes, address.host, address.port, complain)
    except OSError as error:
        raise CommandError(f"the terminal interface cannot run: {reason(error)}") from error
    return ExitStatus.INTERRUPTED if verdict is None else status_of(verdict, judging.bar)


def _require(module: str, extra: str) -> None:
    if find_spec(module) is None:
        raise CommandError(f"this is not installed here: pip install 'capfpcap[{extra}]'")


def _has_screen() -> bool:
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
