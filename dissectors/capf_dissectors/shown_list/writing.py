"""A list as the command line prints it, so that both can be held side by side.

Laid out as ``show itl`` does on a terminal with tab stops of eight (Cisco 118893, 214231).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from capf_dissectors.shown_list.marks import printed_name
from capf_dissectors.shown_list.model import Failure, Kind, Row, ShownList, ShownRecord
from capf_dissectors.shown_list.values import OCTETS, octets_of
from capf_dissectors.signed_header import HeaderTag
from capf_dissectors.trust_list import RecordTag

_HEAD = ("BYTEPOS TAG             LENGTH  VALUE", "------- ---             ------  -----")
_TAB = 8
_BYTES_A_LINE = 16
"""Of a signature, whose bytes stand below its row without leading zeros."""


def as_printed(shown: ShownList) -> Iterator[str]:
    """The lines of one list, without those of which nothing is known."""
    name = (shown.kind or Kind.ITL).value
    if Failure.NOT_FOUND in shown.failures:
        yield f"Length of {name} file: 0"
        yield f"{name} File not found."
        return
    if shown.length is not None:
        yield f"Length of {name} file: {shown.length}"
    if shown.md5:
        yield f"The checksum value of the {name} file:"
        yield f"{shown.md5}(MD5)"
        yield f"{shown.sha1}(SHA1)"
    if Failure.UNPARSABLE in shown.failures:
        yield f"Error parsing the {name} File."
        return
    if shown.header or shown.version:
        yield from ("", f"        Parse {name} File", "        ----------------", "")
        yield from header_as_printed(shown)
    for record in shown.records:
        yield from ("", f"        {name} Record #:{record.number}", "          ----")
        yield from _record(record, name)
    if shown.verified:
        yield from ("", f"The {name} file was verified successfully.")


def header_as_printed(shown: ShownList) -> Iterator[str]:
    """The lines of a header, which signed files that are no list have too."""
    yield f"Version:        {shown.version}".rstrip()
    if shown.header_length is not None:
        yield f"HeaderLength:   {shown.header_length} (BYTES)"
    yield from ("", *_table(shown.header))


def _record(record: ShownRecord, name: str) -> Iterator[str]:
    yield from _table(record.rows)
    if record.signed is not None:
        yield f"This etoken was {'' if record.signed else 'not '}used to sign the {name} file."


def _table(rows: Iterable[Row]) -> Iterator[str]:
    yield from _HEAD
    for row in rows:
        value, below = _value(row)
        name = printed_name(row.tag)
        length = "" if row.length is None else str(row.length)
        tabs = "\t" if len(name) >= _TAB else "\t\t"
        yield f"{row.position}\t{name}{tabs}{length}\t{value}".expandtabs(_TAB).rstrip()
        yield from below


def _value(row: Row) -> tuple[str, list[str]]:
    """What stands behind a row's length, and the lines below it."""
    octets = octets_of(row.value) if row.tag in OCTETS else b""
    if not octets:
        return row.value, []
    if row.tag == HeaderTag.SIGNATURE.name:
        lines = range(0, len(octets), _BYTES_A_LINE)
        parts = [octets[at : at + _BYTES_A_LINE] for at in lines]
        return "", ["  ".join(format(octet, "x") for octet in part) for part in parts]
    if row.tag == RecordTag.SERIALNUMBER.name:
        return octets.hex(":").upper(), []
    suffix = " (SHA1 Hash HEX)" if row.tag == RecordTag.CERTIFICATE.name else ""
    return octets.hex(" ").upper() + suffix, []
