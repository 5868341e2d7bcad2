"""Whole reports made harmless, as the JSON renderings need them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from capfpcap.formats.harmless import MAX_FIELD, harmless, is_visible
from capfpcap.report import Flow, Report

_DELETE = b"\x7f"
"""The only control character that JSON does not write with a backslash."""

_ASCII = bytes(range(0x80))

_Item = TypeVar("_Item", bound=msgspec.Struct)


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


def harmless_document(item: object, encode_other: Callable[[object], object]) -> bytes:
    """Any model in JSON, with every string harmless.

    ``encode_other`` says what JSON has in place of values that it does not know.
    """
    try:
        data = msgspec.json.encode(item, enc_hook=encode_other)
        if _is_harmless(data):
            return data
    except UnicodeEncodeError:
        pass
    built = msgspec.to_builtins(item, enc_hook=encode_other)
    return msgspec.json.encode(_clean_value(built))


def write_flows(flows: Sequence[Flow]) -> list[bytes]:
    """Each of the flows in JSON, with every string harmless."""
    encode = msgspec.json.Encoder().encode
    try:
        written = [encode(flow) for flow in flows]
        if _is_harmless(b"".join(written)):
            return written
    except UnicodeEncodeError:
        pass
    return [encode(cleaned(flow)) for flow in flows]


def harmless_report(report: Report) -> Report:
    """``report`` with every string harmless; entries that need no change are kept."""
    return msgspec.structs.replace(
        report,
        tool=cleaned(report.tool),
        verdict=cleaned(report.verdict),
        captures=tuple(map(cleaned, report.captures)),
        evidence_files=tuple(map(cleaned, report.evidence_files)),
        phones=tuple(map(cleaned, report.phones)),
        flows=tuple(map(cleaned, report.flows)),
        findings=tuple(map(cleaned, report.findings)),
        notes=tuple(map(harmless, report.notes)),
    )


def cleaned(item: _Item) -> _Item:
    """A part of a report with every string harmless; the same one where none needs a change."""
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
    return is_visible(character) and unicodedata.category(character)[0] != "M"
