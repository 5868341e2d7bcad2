"""What stands in place of a trust list or configuration where something else answered for it.

Proxies, captive portals and web filters answer a request for any file with a page of their own.
A damaged trust list or configuration is none of these: it has the right beginning, or no sense.
"""

from __future__ import annotations

import re
from enum import Enum

_READ = 1024
"""Bytes at the beginning that are looked at; a page says in its first ones what it is."""
_BOM = b"\xef\xbb\xbf"
_HTML = re.compile(
    rb"(?>(?:<\?xml[^>]*>|<!--.*?-->|\s)*)<(?:!doctype\s+html|html|head|body|title|script|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON = re.compile(rb"\s*[{\[]\s*[\"\]}{\[]")
_TEXT = bytes({*b"\t\n\r\f", *range(0x20, 0x7F)})
_FEWEST = 4
"""Bytes of text that are more than chance."""


class ForeignContent(Enum):
    """Content that no TFTP service of CUCM makes; the value is what a sentence calls it."""

    WEB_PAGE = "a web page (HTML)"
    JSON = "a JSON document"
    TEXT = "a text"


def in_place_of_list(content: bytes) -> ForeignContent | None:
    """What came in place of a trust list, which is binary; None where it may be a damaged one."""
    head = content[:_READ].removeprefix(_BOM)
    if _HTML.match(head):
        return ForeignContent.WEB_PAGE
    if _JSON.match(head):
        return ForeignContent.JSON
    is_text = len(head) >= _FEWEST and not head.translate(None, _TEXT)
    return ForeignContent.TEXT if is_text else None


def in_place_of_configuration(content: bytes) -> ForeignContent | None:
    """What came in place of a configuration, which is XML and perhaps signed; None else."""
    head = content[:_READ].removeprefix(_BOM)
    if _HTML.match(head):
        return ForeignContent.WEB_PAGE
    return ForeignContent.JSON if _JSON.match(head) else None
