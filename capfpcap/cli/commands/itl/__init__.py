"""``capfpcap itl``: trust lists in hand, and how two of them differ."""

from __future__ import annotations

from importlib import import_module

import click

_COMMANDS = ("show", "diff")
"""Each is a module of this package that defines ``command``."""


class ItlGroup(click.Group):
    """Shows the files that are named; ``diff`` compares two."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, its module imported now."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"capfpcap.cli.commands.itl.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What begins with no command's name is files and options of ``show``."""
        if not args or args[0] not in (*_COMMANDS, *ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


HELP = """Show trust lists and signed files, or how two lists differ.

\b
  capfpcap itl ITLFile.tlv
  capfpcap itl phone.pcap
  capfpcap itl diff publisher.txt subscriber.txt

A file is an ITL, a CTL or a signed file (.sgn) as a TFTP server serves it, a capture in which
phones load such files, or saved output of 'show itl' or 'show ctl'. Which of these it is, its
content tells.
"""


@click.group(
    name="itl",
    cls=ItlGroup,
    help=HELP,
    short_help="Show trust lists in hand, and how two differ.",
    options_metavar="",
    subcommand_metavar="[show] FILE... | diff A B",
)
def command() -> None:
    """The group; what it is for stands in its help."""
