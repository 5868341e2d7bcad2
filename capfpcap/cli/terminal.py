"""What the reader's terminal can show, as far as the environment and the system tell."""

from __future__ import annotations

import codecs
import os
import sys
from io import TextIOWrapper

_ASCII_LOCALES = frozenset({"C", "POSIX"})
_STAND_IN = "capfpcap-stand-in"
_HEEDS_ESCAPES = 4
"""ENABLE_VIRTUAL_TERMINAL_PROCESSING of Windows' SetConsoleMode."""


def is_ascii() -> bool:
    """Whether the locale is one of ASCII: Python writes UTF-8 there all the same.

    Whoever tells Python by its own variables what to write is heeded.
    """
    if os.environ.get("PYTHONIOENCODING") or os.environ.get("PYTHONUTF8"):
        return False
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    return next(filter(None, names), "") in _ASCII_LOCALES


def use_stand_ins() -> None:
    """Have what is printed use ASCII for a character that standard output cannot encode.

    A file or pipe of Windows has the code page of the system, which knows no arrows. Reports come
    encoded already; this is for help, which click prints.
    """
    codecs.register_error(_STAND_IN, _stand_in)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=_STAND_IN)


def encoded(text: str) -> bytes:
    """``text`` as it would be printed; :func:`use_stand_ins` was called."""
    return text.encode(sys.stdout.encoding, _STAND_IN)


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    from capfpcap.formats.layout import plain_ascii  # noqa: PLC0415 - only where it is needed

    assert isinstance(error, UnicodeEncodeError)
    return plain_ascii(error.object[error.start : error.end]), error.end


def takes_escapes() -> bool:
    """Whether the terminal at standard output heeds escape sequences; Windows' has to be told to.

    One of before Windows 10 cannot.
    """
    if sys.platform != "win32":
        return True
    import ctypes  # noqa: PLC0415 - only there
    import msvcrt  # noqa: PLC0415

    kernel = ctypes.WinDLL("kernel32")
    console = ctypes.c_void_p(msvcrt.get_osfhandle(sys.stdout.fileno()))
    mode = ctypes.c_ulong()
    if not kernel.GetConsoleMode(console, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(console, ctypes.c_ulong(mode.value | _HEEDS_ESCAPES)))
