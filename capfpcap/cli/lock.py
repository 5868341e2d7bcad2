"""A file that keeps runs from overlapping, as a timer starts them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from capfpcap.cli.errors import CommandError, reason


@contextmanager
def held(path: str | None, target: str | None) -> Iterator[None]:
    """Hold the lock on ``path``, which is made where it is missing, for the time of the block.

    The system lets go of it when this process has ended, whatever ended it: a file that was left
    behind locks nobody out. Nothing is written into it.

    Raises:
        CommandError: another run holds it, it cannot be had, or the system has no such locks.
    """
    if path is None:
        yield
        return
    if target is not None and _same(path, target):
        raise CommandError(f"{path} cannot be both the lock and what is written")
    descriptor = _locked(path)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(path: str) -> int:
    """The descriptor of a file that nobody else holds."""
    from importlib.util import find_spec  # noqa: PLC0415 - only where a lock is asked for

    if sys.platform == "win32" or find_spec("fcntl") is None:
        sentence = "--lock does not work on this system: let its scheduler keep runs apart"
        raise CommandError(sentence)
    import fcntl  # noqa: PLC0415 - only where it is asked

    # A pipe is not waited for, and a link, which somebody else may have laid, is not followed.
    flags = os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
    descriptor = None
    try:
        descriptor = os.open(path, flags, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if descriptor is not None:
            os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise CommandError(f"another run holds {path}: this one did nothing") from error
        raise CommandError(f"cannot lock {path}: {reason(error)}") from error
    return descriptor


def _same(path: str, target: str) -> bool:
    return Path(path).resolve() == Path(target).resolve()
