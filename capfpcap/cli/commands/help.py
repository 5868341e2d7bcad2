"""``capfpcap help``: the manual's page on a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from capfpcap.cli import completion
from capfpcap.cli.options import similar
from capfpcap.cli.output import opened
from capfpcap.cli.terminal import encoded

PAGES = Path(__file__).parents[2] / "manual"
"""Pages for ``man``, one a command and one on the program; ``make man`` writes them."""
_VIEWER = "man"


@click.command(name="help", short_help="Show the manual's page on a command.")
@click.argument("command", required=False, shell_complete=completion.commands)
@click.pass_context
def command(context: click.Context, command: str | None) -> None:
    """Show the manual's page on a COMMAND, or on the program.

    On a terminal it is shown by man, where that is installed; elsewhere as --help writes it.
    """
    group = context.find_root()
    about = group if command is None else _context_of(command, group)
    if not (_is_terminal() and _shown(f"{about.command_path.replace(' ', '-')}.1")):
        with opened(None) as write:
            write(encoded(f"{about.get_help()}\n"))


def _context_of(name: str, group: click.Context) -> click.Context:
    """The context in which a command describes itself."""
    program = group.command
    assert isinstance(program, click.Group)
    found = program.get_command(group, name)
    if found is None:
        hint = similar(name, program.list_commands(group))
        raise click.UsageError(f"there is no command {name}{hint}", group)
    return click.Context(found, info_name=name, parent=group)


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _shown(page: str) -> bool:
    """Whether ``man`` could show a page; it takes what has a slash for a file."""
    path = PAGES / page
    if not path.is_file():
        return False
    import subprocess  # noqa: PLC0415 - only for somebody at a terminal

    try:
        return subprocess.run([_VIEWER, str(path)], check=False).returncode == 0
    except OSError:
        return False
