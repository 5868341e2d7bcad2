r"""Text from packets made harmless, once, at the edge where it enters a rendering.

Whoever can send a packet chooses the names in it: a DNS name, a TFTP file name, the subject of a
certificate. Shown as they are, they could move a terminal's cursor, turn the reading direction
round or hide behind characters of no width. What a screen would not show as itself is written as
an escape instead (``\x1b``, ``\u202e``), which a reader can see and a program can still search.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TypeVar

import msgspec

from capfpcap.report import Report

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

_DELETE = b"\x7f"
"""The only control character that JSON does not write with a backslash."""

_ASCII = bytes(range(0x80))

_Item = TypeVar("_Item", bound=msgspec.Struct)


def harmless(text: str, limit: int = MAX_FIELD) -> str:
    """``text`` with everything invisible or active as an escape, cut at ``limit`` characters."""
    shown = text[: limit + 1]
    if not (shown.isascii() and shown.isprintable()):
        shown = _escaped(shown)
    return shown if len(shown) <= limit else shown[: limit - 1] + ELLIPSIS


def harmless_json(report: Report, encode: Callable[[Report], bytes]) -> bytes:
    """``report`` as ``encode`` writes it in JSON, with every string harmless.

    Reports are large and bad characters are rare, so it is the encoded text that is looked at;
    only a report that needs it is built anew and encoded again.
    """
    try:
        data = encode(report)
    except UnicodeEncodeError:  # a path with octets that are no text in the user's locale
        return encode(harmless_report(report))
    return data if _is_harmless(data) else encode(harmless_report(report))


def harmless_report(report: Report) -> Report:
    """``report`` with every string harmless; entries that need no change are kept."""
    return msgspec.structs.replace(
        report,
        tool=_cleaned(report.tool),
        verdict=_cleaned(report.verdict),
        captures=tuple(map(_cleaned, report.captures)),
        phones=tuple(map(_cleaned, report.phones)),
        flows=tuple(map(_cleaned, report.flows)),
        findings=tuple(map(_cleaned, report.findings)),
        notes=tuple(map(harmless, report.notes)),
    )


def _cleaned(item: _Item) -> _Item:
    try:
        if _is_harmless(msgspec.json.encode(item)):
            return item
    except UnicodeEncodeError:
        pass
    return msgspec.convert(_clean_value(msgspec.to_builtins(item)), type(item))


def _clean_value(value: object) -> object:
    """A tree of built-in values, as deep as the report model is, with its strings harmless."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dict):
        return {_clean_value(key): _clean_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_value(entry) for entry in value]
    return value


def _is_harmless(data: bytes) -> bool:
    """Whether no string in JSON ``data`` needs a change; may be false where none does."""
    if b"\\" in data:
        data = data.replace(rb"\\", b"..").replace(rb"\"", b"..")
    if b"\\" in data or _DELETE in data or _has_long_string(data):
        return False
    return data.isascii() or all(map(_is_plain, set(data.translate(None, _ASCII).decode())))


def _has_long_string(data: bytes) -> bool:
    """Whether ``MAX_FIELD`` octets of JSON without escaped quotation marks lie between two."""
    start = 0
    while (window_end := start + MAX_FIELD) < len(data):
        quote = data.rfind(b'"', start, window_end)
        if quote < 0:
            return True
        start = quote + 1
    return False


def _is_plain(character: str) -> bool:
    """Whether a character is shown as it is wherever it stands; a combining mark is not."""
    return _is_visible(character) and unicodedata.category(character)[0] != "M"


def _is_visible(character: str) -> bool:
    return character.isprintable() and character not in _BLANK


def _escaped(text: str) -> str:
    shown = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        visible = _is_visible(character) and marks <= MAX_COMBINING
        shown.append(character if visible else _escape(character))
    return "".join(shown)


def _escape(character: str) -> str:
    code = ord(character)
    if named := _NAMED.get(character):
        return named
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
