"""The configuration file of a phone (``SEP….cnf.xml``), as far as enrolment depends on it.

Phones take any order of elements and pass over what they do not know, and so does this. A document
type, which no TFTP service writes, makes a file malformed, so that no entity is ever expanded.
"""

from __future__ import annotations

from capf_dissectors.configuration.model import (
    CallManager,
    CapfServer,
    PhoneConfiguration,
    TvsServer,
)
from capf_dissectors.configuration.reader import read_values
from capf_dissectors.configuration.template import read_by_template
from capf_dissectors.configuration.values import configuration, servers
from capf_dissectors.results import Malformed

__all__ = [
    "MAX_LENGTH",
    "CallManager",
    "CapfServer",
    "PhoneConfiguration",
    "TvsServer",
    "dissect",
]

MAX_LENGTH = 256 * 1024
"""Octets of a configuration; real ones have 1,000 to 30,000. It bounds the depth of nesting too."""
_BLANKS = b" \t\r\n"
_UTF16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def dissect(xml: bytes) -> PhoneConfiguration | Malformed:
    """The configuration that is all of ``xml``, in the encoding that it declares.

    Blanks around it and NULs behind it, which phones pass over, are no fault.
    """
    if len(xml) > MAX_LENGTH:
        return Malformed(MAX_LENGTH, f"longer than {MAX_LENGTH} bytes")
    if xml.startswith(_UTF16_STARTS):
        return _read_fully(xml)
    text = xml.lstrip(_BLANKS)
    content = text.rstrip(b"\0" + _BLANKS)
    result = read_by_template(content) or _read_fully(content)
    if isinstance(result, Malformed):
        return Malformed(result.offset + len(xml) - len(text), result.reason)
    return result


def _read_fully(xml: bytes) -> PhoneConfiguration | Malformed:
    values = read_values(xml)
    if isinstance(values, Malformed):
        return values
    return configuration(values.scalars, servers(values.lists))
