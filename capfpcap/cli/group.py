"""A command group that imports a command's module when the command is asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from capfpcap.cli.loading import at_once, without_collecting
from capfpcap.cli.options import similar

COMMANDS = (
    "check",
    "tui",
    "reach",
    "flows",
    "timeline",
    "ladder",
    "plot",
    "itl",
    "inventory",
    "frames",
    "explain",
    "wireshark",
    "schema",
    "help",
)
"""Each is a module of :mod:`capfpcap.cli.commands`; in the order of the help."""


class LazyGroup(click.Group):
    """Finds its commands in :data:`COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, its module imported now."""
        if cmd_name not in COMMANDS:
            return None
        with at_once(), without_collecting():
            command: click.Command = import_module(f"capfpcap.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a capture in place of a command gets a helpful answer."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and Path(name).exists():
            ctx.fail(f"{name} is a file; to analyse it: capfpcap check {name}")
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f"there is no command {name}{similar(name, COMMANDS)}")
        return super().resolve_command(ctx, args)
