"""Captures in memory under a path, for readers that take paths."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def memory_file(content: bytes) -> Iterator[str]:
    """The path of a file that is nowhere on disk and holds ``content``."""
    descriptor = os.memfd_create("capture")
    try:
        os.write(descriptor, content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
