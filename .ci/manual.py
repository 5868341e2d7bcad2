"""Writes the manual's pages from the help of the commands, by click-man: ``make man``.

What click-man leaves to the page's author is done here: text that roff would take for a request,
characters that it does not know, and paragraphs that keep their lines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click
from click_man.man import ManPage

from capfpcap import __version__
from capfpcap.cli import cli

PAGES = Path(__file__).parents[1] / "capfpcap" / "manual"
DATE = "2026-11-30"
"""Of the pages, as they state it: a page must not change with the day on which it is made."""
NAME = "capfpcap"
KEPT_LINES = "\b"
"""Stands before a paragraph whose lines click leaves as they are."""


def main() -> None:
    """Write every page, and remove those of commands that are no more."""
    pages = dict(made())
    for old in PAGES.glob("*.1"):
        if old.name not in pages:
            old.unlink()
    PAGES.mkdir(exist_ok=True)
    for name, text in pages.items():
        (PAGES / name).write_text(text, encoding="utf-8")


def made() -> Iterator[tuple[str, str]]:
    """Each page's file name and its text."""
    context = click.Context(cli, info_name=NAME, **cli.context_settings)
    yield from made_of(context, "say why a phone did not enrol its certificate")


def made_of(context: click.Context, short: str) -> Iterator[tuple[str, str]]:
    """The page of a command, and those of its own commands."""
    group = context.command
    names = group.list_commands(context) if isinstance(group, click.Group) else []
    assert isinstance(group, click.Group) or not names
    commands = [(name, group.get_command(context, name)) for name in names]
    shown = [(name, command) for name, command in commands if command and not command.hidden]
    listed = [(name, command.get_short_help_str(200)) for name, command in shown]
    file_name = context.command_path.replace(" ", "-")
    yield f"{file_name}.1", page(context, short, listed)
    for name, command in shown:
        inner = click.Context(command, info_name=name, parent=context)
        yield from made_of(inner, command.get_short_help_str(200))


def page(context: click.Context, short: str, commands: list[tuple[str, str]]) -> str:
    """One page."""
    command = context.command
    made = ManPage(context.command_path)
    made.version, made.date = f"{NAME} {__version__}", DATE
    made.short_help = short[:1].lower() + short[1:].rstrip(".")
    made.synopsis = " ".join(command.collect_usage_pieces(context))
    made.description = roff(command.help or "")
    records = [
        option.get_help_record(context)
        for option in command.get_params(context)
        if isinstance(option, click.Option) and not option.hidden
    ]
    made.options = [(record[0], roff(record[1])) for record in records if record]
    made.commands = [(name, roff(text)) for name, text in commands]
    own = context.command_path.replace(" ", "-")
    above = own.rpartition("-")[0] or own
    others = [f"{own}-{name}" for name, _ in commands] or [above]
    also = ", ".join(rf"\fB{name}\fP(1)" for name in others)
    return f"{made}.SH SEE ALSO\n{also}\n"


def roff(text: str) -> str:
    """Text in which roff finds no request of its own."""
    lines: list[str] = []
    for paragraph in cleandoc(text).replace("\\", r"\e").split("\n\n"):
        first, *rest = [inert(line) for line in paragraph.strip("\n").split("\n")]
        if first.strip() == KEPT_LINES:
            lines += [".nf", *rest, ".fi", ""]
        else:
            lines += [first, *(line.strip() for line in rest), ""]
    return "\n".join(lines[:-1])


def inert(line: str) -> str:
    """A line in ASCII; one that begins with a request's sign has a mark of no width before it."""
    spelt = "".join(sign if sign.isascii() else rf"\[u{ord(sign):04X}]" for sign in line)
    return rf"\&{spelt}" if spelt[:1] in {".", "'"} else spelt


if __name__ == "__main__":
    sys.exit(main())
