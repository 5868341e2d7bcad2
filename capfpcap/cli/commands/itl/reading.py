"""From the files of a command line to the trust lists in them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from capfpcap.cli.console import ProgressBar
from capfpcap.cli.errors import CommandError, reason
from capfpcap.cli.evidence import MAX_FILE
from capfpcap.cli.loading import loading
from capfpcap.cli.output import STANDARD_STREAM, is_folder
from capfpcap.cli.paths import expanded

if TYPE_CHECKING:
    from capfpcap.inspection.held import Held

_BEGINNING = 1 << 16
"""Bytes of a file by which it is told what it is."""


class Wanted(NamedTuple):
    """What of captures is wanted."""

    only: tuple[str, ...] = ()
    capf_ports: tuple[int, ...] = ()


def held_in(path: str, wanted: Wanted) -> list[Held]:
    """The lists and signed files behind a path, in order.

    Raises:
        CommandError: there is none, or the file cannot be read.
    """
    return [one for file in expanded([path]) for one in _held(file, wanted)]


def _held(path: str, wanted: Wanted) -> list[Held]:
    with loading():
        from capfpcap.inspection.held import Content, content_of, held_in_file  # noqa: PLC0415

    if is_folder(path):
        raise CommandError(f"{path} is a folder without captures")
    try:
        with _readable(path) as file:
            with file.open("rb") as stream:
                beginning = stream.read(_BEGINNING)
            content = content_of(beginning)
            if content is Content.OTHER and _is_text(beginning):
                with file.open("rb") as stream:
                    content = content_of(stream.read(MAX_FILE))
            if content is Content.OTHER:
                return _in_capture(path, file, beginning, wanted)
            with file.open("rb") as stream:
                data = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise CommandError(f"cannot read {path}: {reason(error)}") from error
    if len(data) > MAX_FILE:
        raise CommandError(f"{path} is too large for a trust list or saved output: over 4 MiB")
    found = held_in_file(path, data, content)
    if not found:
        raise CommandError(f"{path} has words of 'show itl' in it, but no list")
    return found


def _is_text(beginning: bytes) -> bool:
    """Whether more of a file is worth a look: a long session may come to 'show itl' late."""
    return len(beginning) == _BEGINNING and b"\0" not in beginning


@contextmanager
def _readable(path: str) -> Iterator[Path]:
    """A file that can be read twice: what comes through a pipe is kept for as long as it takes."""
    piped = path == STANDARD_STREAM or stat.S_ISFIFO(Path(path).stat().st_mode)
    if not piped:
        yield Path(path)
        return
    import shutil  # noqa: PLC0415 - only for pipes
    import tempfile  # noqa: PLC0415

    with tempfile.NamedTemporaryFile(prefix="capfpcap-") as kept:
        if path == STANDARD_STREAM:
            shutil.copyfileobj(sys.stdin.buffer, kept)
        else:
            with Path(path).open("rb") as stream:
                shutil.copyfileobj(stream, kept)
        kept.flush()
        yield Path(kept.name)


def _in_capture(path: str, file: Path, beginning: bytes, wanted: Wanted) -> list[Held]:
    from capfpcap.analysis import CaptureInput, Options, analyze  # noqa: PLC0415 - loads NumPy
    from capfpcap.capture.columns import CaptureError  # noqa: PLC0415
    from capfpcap.enrolment.choice import NotShownError  # noqa: PLC0415
    from capfpcap.inspection.held import held_in_capture  # noqa: PLC0415

    if not beginning:
        raise CommandError(f"{path} is empty")
    options = Options(capf_ports=frozenset(wanted.capf_ports), only=wanted.only)
    try:
        with ProgressBar() as progress:
            analysis = analyze([CaptureInput((os.fspath(file),))], options, progress=progress)
    except CaptureError as error:
        known = "no trust list, signed file, capture or saved output of 'show itl'"
        words = str(error).replace(os.fspath(file), path).removeprefix(f"{path} ")
        raise CommandError(f"{path} is {known}; it {words}") from error
    except NotShownError as error:
        raise CommandError(str(error)) from error
    found = held_in_capture(path, analysis.scene)
    if not found:
        raise CommandError(f"{path}: no phone loads a trust list or a signed file in this capture")
    return found
