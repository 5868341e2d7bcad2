"""Values of rows: wraps undone by the length that the row states, elisions noticed."""

from __future__ import annotations

import re

from capf_dissectors.signed_header import HeaderTag
from capf_dissectors.trust_list import RecordTag

MAX_VALUE = 8192
"""Characters of a value that are looked at; a signature of 512 bytes has some 2,000."""
TEXTS = frozenset(
    {
        RecordTag.DNSNAME.name,
        RecordTag.SUBJECTNAME.name,
        RecordTag.ISSUERNAME.name,
        HeaderTag.SIGNERNAME.name,
        HeaderTag.CANAME.name,
        HeaderTag.FILENAME.name,
    }
)
"""Rows whose value is text, which ends with a NUL that LENGTH counts."""
NAMES = TEXTS - {RecordTag.DNSNAME.name, HeaderTag.FILENAME.name}
"""Rows whose value is a distinguished name."""
_FUNCTION = RecordTag.FUNCTION.name
OCTETS = frozenset(
    {
        RecordTag.SERIALNUMBER.name,
        RecordTag.SIGNATURE.name,
        RecordTag.CERTIFICATE.name,
        RecordTag.CERTHASH.name,
    }
)
"""Rows whose value is bytes in hexadecimal."""
_ELISION = re.compile(
    r"\[(?:\.{2,}|…|snip|\.*output omitted\.*)\]|<(?:snip|output omitted)>|\.{3,}|…",
    re.IGNORECASE,
)
_HEXADECIMAL = re.compile(r"[0-9a-f]+\b(?:[\s:][0-9a-f]+\b)*", re.IGNORECASE)


def read_value(tag: str, length: int | None, raw: str) -> tuple[str, bool]:
    """A row's value on one line, and whether part of it was left out."""
    raw = raw[:MAX_VALUE]
    elision = _ELISION.search(raw)
    if elision is not None:
        raw = raw[: elision.start()]
    raw = raw.strip()
    if tag in TEXTS:
        return _text(tag, length, raw, elided=elision is not None)
    if tag == _FUNCTION:
        return " ".join(raw.split()), elision is not None
    if tag in OCTETS and octets_of(raw):
        whole = _DIGEST_BYTES if tag == RecordTag.CERTIFICATE.name else length
        return _octets(raw, whole, elided=elision is not None)
    return " ".join(raw.split()), elision is not None


_DIGEST_BYTES = 20
"""Of a certificate its SHA-1 is printed."""


def _octets(raw: str, whole: int | None, *, elided: bool) -> tuple[str, bool]:
    """Bytes in hexadecimal; a terminal may have broken the line within a byte."""
    ways = [octets_of(joined) for joined in (raw, raw.replace("\n", ""))]
    fitting = next((way for way in ways if len(way) == whole), None)
    return (fitting or ways[0]).hex(), elided and fitting is None


def _text(tag: str, length: int | None, raw: str, *, elided: bool) -> tuple[str, bool]:
    """Text as long as its row says, or as much of it as there is."""
    whole = None if length is None else max(length - 1, 0)
    if whole is None:
        return " ".join(raw.split()), elided
    for joined in _joinings(raw):
        if len(joined.encode()) == whole:
            return joined, False
    for joined in _joinings(raw):
        if len(joined) > whole and (whole == 0 or joined[whole].isspace()):
            return joined[:whole].strip(), False
    shown = _joinings(raw)[0]
    return shown, elided or (tag in NAMES and bool(shown))


def _joinings(raw: str) -> list[str]:
    """The ways in which lines of one value can have been one line, the likeliest first.

    Names are broken behind their separators; a terminal breaks lines anywhere.
    """
    lines = raw.split("\n")
    natural = lines[0]
    for line in lines[1:]:
        natural += line if natural.endswith((";", ",", "=")) else f" {line}"
    tight = re.sub(r"([;,])\s", r"\1", " ".join(lines))
    return list(dict.fromkeys((natural, "".join(lines), " ".join(lines), tight)))


def octets_of(value: str) -> bytes:
    """The bytes at the beginning of a value in hexadecimal; none where it does not begin so.

    They are parted by blanks or colons, each with one digit or two, or stand in one run.
    """
    found = _HEXADECIMAL.match(value)
    if found is None:
        return b""
    digits = "".join(
        part if len(part) % 2 == 0 else f"0{part}" for part in re.split(r"[\s:]+", found.group())
    )
    return bytes.fromhex(digits)
