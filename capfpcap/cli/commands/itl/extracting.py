"""Writing certificates into a folder: never outside of it, never over a file unless told."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from capfpcap.cli.errors import CommandError, reason

if TYPE_CHECKING:
    from capfpcap.inspection.held.certificates import CertificateFile

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_NEW |= getattr(os, "O_BINARY", 0)  # without which Windows writes more than it is given


def extract(files: Sequence[CertificateFile], folder: str, *, force: bool) -> None:
    """Write each certificate into ``folder``, which is made where it is not there.

    A file that is there stops all before anything is written, unless ``force`` replaces it: the
    name itself, should it be a symbolic link, not what it leads to.

    Raises:
        CommandError: something cannot be written.
    """
    try:
        Path(folder).mkdir(exist_ok=True)
        place = _place(folder)
    except OSError as error:
        raise CommandError(f"cannot write into {folder}: {reason(error)}") from error
    try:
        if not force:
            _refuse_known([file.name for file in files], folder, place)
        for file in files:
            _write(file, folder, place)
    except OSError as error:
        raise CommandError(f"cannot write into {folder}: {reason(error)}") from error
    finally:
        if place is not None:
            os.close(place)


def _place(folder: str) -> int | None:
    """The folder itself, whatever its name will stand for; None where a system has but names."""
    if sys.platform == "win32" or not hasattr(os, "O_DIRECTORY"):
        return None
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


def _refuse_known(names: Sequence[str], folder: str, place: int | None) -> None:
    there = set(os.listdir(folder if place is None else place))  # noqa: PTH208 - of a descriptor
    known = [name for name in names if name in there]
    if known:
        more = f" and {len(known) - 1} more" if len(known) > 1 else ""
        raise CommandError(
            f"{folder} has {known[0]}{more} already: with --force they are written over"
        )


def _write(file: CertificateFile, folder: str, place: int | None) -> None:
    """Beside its name first, then renamed: whole or not at all."""
    within = Path(folder if place is None else "")
    temporary, final = within / f".capfpcap-{os.urandom(8).hex()}.part", within / file.name
    descriptor = os.open(temporary, _NEW, 0o644, dir_fd=place)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(file.content)
        os.replace(temporary, final, src_dir_fd=place, dst_dir_fd=place)
    except BaseException:
        os.unlink(temporary, dir_fd=place)
        raise
