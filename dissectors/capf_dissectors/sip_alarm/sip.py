"""One SIP message out of a datagram or a stream, as far as its content is concerned (RFC 3261)."""

from __future__ import annotations

import re
from typing import NamedTuple

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.text import decode_text

MAX_HEADER = 16 * 1024
"""Bytes of start line and header fields; those of a phone have some 1,500."""
MAX_BODY = 64 * 1024
"""Bytes of content; an alarm has some 600."""
MAX_FIELDS = 256
"""Header fields of one message."""

_END = b"\r\n\r\n"
_START = re.compile(rb"(?:[!%'*+\-.0-9A-Z_`a-z~]{1,32} [^\r\n]+ SIP/2\.0|SIP/2\.0 \d{3}[^\r\n]*)\Z")
_FOLDED = re.compile(rb"\r\n[ \t]+")
_COMPACT = {"c": "content-type", "l": "content-length"}
"""Compact forms (RFC 3261, section 7.3.3) of the fields that matter here."""


class SipMessage(NamedTuple):
    """A request or a response."""

    offset: int
    end: int
    """Behind its content."""
    start_line: str
    fields: tuple[tuple[str, str], ...]
    """Names in lower case and in their long form, in the order of the message."""
    body: bytes

    def field(self, name: str) -> str | None:
        """The first value of a header field."""
        return next((value for known, value in self.fields if known == name), None)


def dissect(
    data: bytes, offset: int = 0, *, datagram: bool = False
) -> SipMessage | NeedMore | Malformed:
    """The message that begins at ``offset``; empty lines before it, which keep alive, do not count.

    In a stream the content is as long as Content-Length says (RFC 3261, section 18.3); a datagram
    without that field is all content.
    """
    start = offset
    while data.startswith(b"\r\n", start):
        start += 2
    end = data.find(_END, start, start + MAX_HEADER)
    if end < 0:
        if len(data) - start >= MAX_HEADER:
            return Malformed(start, f"no end of the header within {MAX_HEADER} bytes")
        return NeedMore()
    first, *lines = _FOLDED.sub(b" ", data[start:end]).split(b"\r\n")
    if not _START.match(first):
        return Malformed(start, "neither a request nor a response of SIP")
    fields = tuple(_field(line) for line in lines[:MAX_FIELDS])
    at = end + len(_END)
    length = _content_length(fields)
    if length is None:
        length = len(data) - at if datagram else 0
    if length > MAX_BODY:
        return Malformed(at, f"content of {length} bytes, of which {MAX_BODY} are read")
    if at + length > len(data):
        return NeedMore(at + length - len(data))
    body = data[at : at + length]
    return SipMessage(start, at + length, decode_text(first), fields, body)


def _field(line: bytes) -> tuple[str, str]:
    name, _, value = line.partition(b":")
    lower = decode_text(name).strip().lower()
    return _COMPACT.get(lower, lower), decode_text(value).strip()


def _content_length(fields: tuple[tuple[str, str], ...]) -> int | None:
    for name, value in fields:
        if name == "content-length" and value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
    return None
