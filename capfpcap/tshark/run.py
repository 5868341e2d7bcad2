"""Asks tshark for the trees, or for fields, of the frames of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec

from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.folder import private_folder
from capfpcap.tshark.pdml import read_pdml
from capfpcap.tshark.process import run
from capfpcap.tshark.program import find_tshark
from capfpcap.tshark.tree import Tree
from capfpcap.tshark.wishes import AGGREGATOR, SEPARATOR, Wishes, arguments, fields_format

_LUA_ERROR = "_ws.lua.error"


def trees(wishes: Wishes, *, by_pyshark: bool | None = None) -> list[Tree]:
    """The trees of all frames that are asked for, numbered as tshark counts.

    Args:
        wishes: the file and the rest.
        by_pyshark: whether pyshark drives tshark; None: where it is there. Both say the same.
            It knows no launcher: where tshark needs one it drives nothing.

    Raises:
        TsharkError: they cannot be had.
    """
    program = find_tshark()
    with private_folder(wishes.secrets) as folder:
        told = arguments(wishes, program)
        if not program.launcher and (has_pyshark() if by_pyshark is None else by_pyshark):
            from capfpcap.tshark.by_pyshark import read  # noqa: PLC0415 - loads pyshark

            return read(program, told, wishes.path, folder)
        command = [*program.launcher, program.path, *told, "-T", "pdml", "-r", str(wishes.path)]
        return list(read_pdml(run(command, folder)))


def fields(wishes: Wishes, names: Sequence[str]) -> Iterator[list[tuple[str, ...]]]:
    """For each frame the values of each of the fields, much sooner than by its tree.

    Raises:
        TsharkError: they cannot be had.
    """
    program = find_tshark()
    with private_folder(wishes.secrets) as folder:
        told = arguments(wishes, program)
        command = [*program.launcher, program.path, *told, *fields_format([*names, _LUA_ERROR])]
        output = run([*command, "-r", str(wishes.path)], folder)
    for line in _lines(output):
        *values, error = line.split(SEPARATOR)
        if error:
            raise TsharkError("a plugin of Wireshark failed")
        yield [tuple(value.split(AGGREGATOR)) if value else () for value in values]


def _lines(output: bytes) -> Iterable[str]:
    return output.decode(errors="replace").removesuffix("\n").split("\n") if output else ()


def has_pyshark() -> bool:
    """Whether pyshark is installed."""
    return find_spec("pyshark") is not None
