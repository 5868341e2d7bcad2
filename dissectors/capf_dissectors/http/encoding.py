"""Undoing the content encoding of a body (RFC 9110, section 8.4.1), within limits."""

from __future__ import annotations

import zlib

_ANY_WRAPPING = 32 + zlib.MAX_WBITS
"""zlib's ``wbits`` for a gzip or zlib header, whichever comes."""
MAX_CONTENT = 8 * 1024 * 1024
"""Octets of a file; one that is larger when unpacked is not kept."""
_PLAIN = frozenset({"", "identity"})
_DEFLATED = frozenset({"gzip", "x-gzip", "deflate"})


def decode_content(body: bytes, encoding: str) -> bytes | None:
    """The file itself; None where the encoding is unknown, broken, or the file too large to keep.

    ``deflate`` is read with zlib's wrapping and, as some servers send it, without.
    """
    if encoding in _PLAIN:
        return body
    if encoding not in _DEFLATED:
        return None
    content = _inflate(body, _ANY_WRAPPING)
    if content is None and encoding == "deflate":
        content = _inflate(body, -zlib.MAX_WBITS)
    return content


def _inflate(body: bytes, wrapping: int) -> bytes | None:
    inflater = zlib.decompressobj(wrapping)
    try:
        content = inflater.decompress(body, MAX_CONTENT)
    except zlib.error:
        return None
    return content if inflater.eof else None
