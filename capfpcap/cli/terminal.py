"""What the reader's terminal can show, as far as the environment tells."""

from __future__ import annotations

import os

_ASCII_LOCALES = frozenset({"C", "POSIX"})


def is_ascii() -> bool:
    """Whether the locale is one of ASCII: Python writes UTF-8 there all the same.

    Whoever tells Python by its own variables what to write is heeded.
    """
    if os.environ.get("PYTHONIOENCODING") or os.environ.get("PYTHONUTF8"):
        return False
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    return next(filter(None, names), "") in _ASCII_LOCALES
