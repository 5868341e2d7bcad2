"""What a line of a phone's log says, as far as an enrolment is concerned."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

MAX_TEXT = 300
"""Characters that are kept of what a line says."""


class Kind(Enum):
    """What a line is about."""

    QUERY = "query"
    """A program on the phone asks for a name."""
    FORWARDED = "forwarded"
    """The phone's resolver asks a server."""
    REPLY = "reply"
    CACHED = "cached"
    """The resolver answers what it knows."""
    CAPF_START = "CAPF starts"
    CAPF_FAILED = "CAPF failed"
    """The operation ended with a code."""
    CAPF_NO_CONNECTION = "CAPF cannot connect"
    CAPF = "CAPF"
    """Anything else of the CAPF client."""
    TVS = "TVS"
    CERTIFICATE = "certificate"


class Message(NamedTuple):
    """What one line says."""

    kind: Kind
    text: str
    name: str = ""
    """The name asked for, in lower case."""
    type: str = ""
    """``A``, ``AAAA``, …; empty where the line does not tell."""
    value: str = ""
    """The server, or the result: an address, ``NXDOMAIN``, ``NODATA``, ``SERVFAIL``, …"""
    number: int | None = None
    """The mode of a start, the code of a failure."""


_NAME = r"([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}))"
_QUERY = re.compile(rf"query\[([A-Z0-9]{{1,10}})\] {_NAME} from (\S+)")
_FORWARDED = re.compile(rf"forwarded {_NAME} to ([0-9A-Fa-f.:]+)(?:#\d+)?(?=\s|$)")
_ANSWER = re.compile(rf"(reply|cached|config) {_NAME} is (\S+)")
_FAILED = ("SERVFAIL", "REFUSED", "NOTIMP", "FORMERR")
_NEGATIVE = re.compile(r"(NXDOMAIN|NODATA)(?:-IPv([46]))?")
_FAMILIES = {"4": "A", "6": "AAAA"}
_START = re.compile(r"Start CAPF - mode:\s*\[(\d{1,4})\]\s*\(?\[?([A-Z_]*)", re.IGNORECASE)
_CODE = re.compile(r"CAPF operation failed,?\s*ret\s*\[?(-?\d{1,9})", re.IGNORECASE)
_NO_CONNECTION = re.compile(r"CAPF create bio failed|Sec create BIO\b", re.IGNORECASE)
_JAVA = re.compile(r"\b(TvsProperty|CertificateProperty)\b[^-]{0,40}-\s{0,9}(.*)")


def read_message(text: str) -> Message | None:
    """What the text of a line says behind its time; None for what does not matter."""
    for read in _READERS:
        message = read(text)
        if message is not None:
            return message
    return None


def _query(text: str) -> Message | None:
    found = _QUERY.search(text)
    if found is None:
        return None
    kind, name, _ = found.groups()
    return Message(Kind.QUERY, f"query {name} {kind}", _plain(name), kind)


def _forwarded(text: str) -> Message | None:
    found = _FORWARDED.search(text)
    if found is None or not _is_address(found[2]):
        return None
    return Message(
        Kind.FORWARDED, f"{found[1]} is asked of {found[2]}", _plain(found[1]), value=found[2]
    )


def _answer(text: str) -> Message | None:
    found = _ANSWER.search(text)
    if found is None:
        return None
    how, name, result = found.groups()
    read = _result(result)
    if read is None:
        return None
    value, kind = read
    known = Kind.REPLY if how == "reply" else Kind.CACHED
    return Message(known, f"{how} {name}: {result}", _plain(name), kind, value)


def _result(result: str) -> tuple[str, str] | None:
    """A result and the type that it is of; None for what is none, or cut short beyond knowing."""
    negative = _NEGATIVE.fullmatch(result)
    if negative:
        return negative[1], _FAMILIES.get(negative[2] or "", "")
    if result in _FAILED or result == "<CNAME>":
        return result, ""
    if _is_address(result):
        return result, "AAAA" if ":" in result else "A"
    for whole in ("NXDOMAIN-IPv4", "NODATA-IPv4", "SERVFAIL", "REFUSED"):
        if len(result) >= 4 and whole.startswith(result):
            return whole.partition("-")[0], ""
    return None


def _capf(text: str) -> Message | None:
    if started := _START.search(text):
        how = f" ({started[2]})" if started[2] else ""
        told = f"CAPF starts, mode {started[1]}{how}"
        return Message(Kind.CAPF_START, told, number=int(started[1]))
    if failed := _CODE.search(text):
        told = f"CAPF operation failed, code {failed[1]}"
        return Message(Kind.CAPF_FAILED, told, number=int(failed[1]))
    if _NO_CONNECTION.search(text):
        return Message(Kind.CAPF_NO_CONNECTION, _said(text))
    of_capf = "SECUREAPP-" in text and "CAPF" in text
    return Message(Kind.CAPF, _said(text)) if of_capf else None


def _java(text: str) -> Message | None:
    found = _JAVA.search(text)
    if found is None:
        return None
    kind = Kind.TVS if found[1] == "TvsProperty" else Kind.CERTIFICATE
    return Message(kind, f"{found[1]}: {found[2].strip()}"[:MAX_TEXT])


def _said(text: str) -> str:
    """The line without the numbers of process and thread."""
    return re.sub(r"^\s*\(\d+:\d+\)\s*", "", text).strip()[:MAX_TEXT]


_READERS: tuple[Callable[[str], Message | None], ...] = (
    _query,
    _forwarded,
    _answer,
    _capf,
    _java,
)


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
