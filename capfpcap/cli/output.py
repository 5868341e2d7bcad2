"""Standard output and output files: reports leave the program here and nowhere else."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from capfpcap.cli.errors import CommandError, reason
from capfpcap.cli.terminal import is_ascii, takes_escapes
from capfpcap.formats.page import SCREEN_WIDTH, WIDEST, Page

if TYPE_CHECKING:
    from capfpcap.cli.options import Given

STANDARD_STREAM = "-"

Write = Callable[[bytes], object]

_NARROWEST = 40
"""Columns below which a terminal's width is not followed any more."""


def page_for(given: Given) -> Page:
    """The page that a command's report is laid out on."""
    return page_of(given.target, given.color, given.zone, ascii_only=given.ascii_only)


def page_of(path: str | None, color: str, zone: tzinfo = UTC, *, ascii_only: bool = False) -> Page:
    """The page that a report for ``path``, or for standard output, is laid out on.

    ``color`` is ``always``, ``never`` or ``auto``: on a terminal, unless NO_COLOR is set
    (https://no-color.org). A file is of UTF-8 unless it is to be ``ascii_only``.
    """
    to_file = _is_file(path)
    terminal = not to_file and _is_terminal()
    wished = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    columns = _terminal_columns() if terminal else None
    return Page(
        encoding="ascii" if ascii_only else "utf-8" if to_file else _encoding(),
        color=color == "always" or (color == "auto" and wished and takes_escapes()),
        zone=zone,
        width=min(max(columns or SCREEN_WIDTH, _NARROWEST), WIDEST),
        terminal=columns,
    )


def _encoding() -> str:
    return "ascii" if is_ascii() else getattr(sys.stdout, "encoding", None) or "utf-8"


def _terminal_columns() -> int:
    import shutil  # noqa: PLC0415 - only where somebody looks on

    return shutil.get_terminal_size().columns


def check_target(path: str | None, inputs: Iterable[str]) -> None:
    """Refuse, before any work, a ``path`` that cannot or must not be written."""
    if path is None or not _is_file(path):
        return
    target = Path(path)
    if is_folder(path):
        raise CommandError(f"cannot write {path}: it is a directory")
    try:
        folder = target.resolve().parent
    except OSError as error:  # so it is where the working directory was deleted
        raise CommandError(f"cannot write {path}: {reason(error)}") from error
    if not is_folder(folder):
        raise CommandError(f"cannot write {path}: its directory does not exist")
    for name in inputs:
        if name != STANDARD_STREAM and _same_file(target, name):
            raise CommandError(f"will not write {path}: it is one of the captures to read")


def is_folder(path: str | Path) -> bool:
    """Whether a folder is there, as far as the user may know."""
    try:
        return Path(path).is_dir()
    except OSError:
        return False


@contextmanager
def opened(path: str | None) -> Iterator[Write]:
    """A way to write octets to ``path``, or to standard output without one.

    A regular file appears whole or not at all. A reader of standard output who has seen enough
    ends the block without an error.
    """
    if path is None or not _is_file(path):
        with _standard_output() as write:
            yield write
        return
    try:
        with _straight(path) if _is_special(path) else _replacing(path) as write:
            yield write
    except OSError as error:
        raise CommandError(f"cannot write {path}: {reason(error)}") from error


@contextmanager
def _standard_output() -> Iterator[Write]:
    if sys.stdout is None:
        raise CommandError("standard output is closed")
    try:
        yield sys.stdout.buffer.write
        sys.stdout.flush()
    except OSError as error:
        _discard_the_rest()
        if _is_closed(error):
            return
        raise CommandError(f"cannot write to standard output: {reason(error)}") from error


def _is_closed(error: OSError) -> bool:
    """Whether the reader of a pipe has left, which Windows reports as an invalid argument."""
    if sys.platform == "win32":
        return isinstance(error, BrokenPipeError) or error.errno == errno.EINVAL
    return isinstance(error, BrokenPipeError)


def _discard_the_rest() -> None:
    """Let the interpreter flush at its end what nobody reads any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def _straight(path: str) -> Iterator[Write]:
    with Path(path).open("wb") as file:
        yield file.write


@contextmanager
def _replacing(path: str) -> Iterator[Write]:
    """Write beside the target, then rename; a symbolic link stays one."""
    target = Path(path).resolve()
    temporary = target.with_name(f".capfpcap-{os.urandom(8).hex()}.part")
    try:
        with temporary.open("xb") as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _is_file(path: str | None) -> bool:
    return path is not None and path != STANDARD_STREAM


def _is_special(path: str) -> bool:
    """Whether ``path`` is there and is a device, a pipe or the like."""
    try:
        return not stat.S_ISREG(Path(path).stat().st_mode)
    except OSError:
        return False


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _same_file(target: Path, name: str) -> bool:
    try:
        return target.samefile(name)
    except OSError:
        return False
