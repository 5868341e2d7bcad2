"""What the README shows of the program is what the program says today."""

from __future__ import annotations

import shlex
from pathlib import Path

from .conftest import Program

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown() -> tuple[list[str], list[str]]:
    """The command that the README runs, and the lines that it shows of its output."""
    begin = README.index("```\n$ capfpcap check ")
    command, *lines = README[begin + 4 : README.index("```", begin + 4)].splitlines()
    check, capture = shlex.split(command)[2:]
    return [check, str(ROOT / capture)], lines


def test_the_readme_shows_lines_of_the_program_in_their_order(capfpcap: Program) -> None:
    command, lines = shown()
    said = iter(capfpcap(*command, env={"COLUMNS": "80"}).stdout.decode().splitlines())
    assert len(lines) > 20
    assert not [line for line in lines if line not in said]
