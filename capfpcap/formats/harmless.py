r"""Text from packets made harmless, once, at the edge where it enters a rendering.

Whoever can send a packet chooses the names in it: a DNS name, a TFTP file name, the subject of a
certificate. Shown as they are, they could move a terminal's cursor, turn the reading direction
round or hide behind characters of no width. What a screen would not show as itself is written as
an escape instead (``\x1b``, ``\u202e``), which a reader can see and a program can still search.
"""

from __future__ import annotations

import unicodedata

MAX_FIELD = 4000
"""Characters of one string in any rendering: room for a certificate in hexadecimal (CAPF element
4), where the longest DNS name has 253 and a TFTP file name as many as its datagram holds."""

MAX_COMBINING = 3
"""Combining marks in a row that are shown; more would grow over the lines above and below."""

ELLIPSIS = "…"

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, symbols and marks without a glyph of their own: fillers, joiners, the empty Braille
cell (Unicode, DerivedCoreProperties, Default_Ignorable_Code_Point)."""


def harmless(text: str, limit: int = MAX_FIELD) -> str:
    """``text`` with everything invisible or active as an escape, cut at ``limit`` characters."""
    shown = text[: limit + 1]
    if not (shown.isascii() and shown.isprintable()):
        shown = _escaped(shown)
    return shown if len(shown) <= limit else shown[: limit - 1] + ELLIPSIS


def is_visible(character: str) -> bool:
    """Whether a screen shows something for ``character``, and does nothing else."""
    return character.isprintable() and character not in _BLANK


def _escaped(text: str) -> str:
    shown = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        visible = is_visible(character) and marks <= MAX_COMBINING
        shown.append(character if visible else _escape(character))
    return "".join(shown)


def _escape(character: str) -> str:
    code = ord(character)
    if named := _NAMED.get(character):
        return named
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
