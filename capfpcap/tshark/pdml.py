"""Reads PDML, the XML in which tshark writes trees (``doc/README.xml-output`` of Wireshark)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.tree import Branch, Tree

BEGIN, END = b"<packet>", b"</packet>"
"""Around a frame; of packets, tshark escapes both signs."""
MAX_PACKET = 16 << 20
"""Bytes of one frame's PDML; a trust list of a hundred records takes less than one of them."""
MAX_DEPTH = 200
"""Branches within branches; Wireshark itself stops at 500, in no frame of these services."""
_GENERAL = "geninfo"
"""A protocol of PDML alone, which repeats what the frame says."""
_WRAPPER = "fake-field-wrapper"
"""Stands around a field that belongs to no protocol."""
_NUMBER = "num"
_LUA_ERROR = "_ws.lua.error"
_CONTROLS = {code: f"\\x{code:02x}" for code in range(0x20) if chr(code) not in "\t\n\r"}
_NO_CHARACTERS = (*range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
_NO_TEXT = _CONTROLS | dict.fromkeys(_NO_CHARACTERS, "\N{REPLACEMENT CHARACTER}")
"""What XML cannot hold and older versions of tshark write all the same."""


def read_pdml(document: bytes) -> Iterator[Tree]:
    """The frames of a whole document.

    Raises:
        TsharkError: it is no PDML, or a plugin failed.
    """
    at = 0
    while (begin := document.find(BEGIN, at)) >= 0:
        at = document.find(END, begin) + len(END)
        if at < len(END):
            raise TsharkError("what tshark writes ends inside a frame")
        yield read_packet(document[begin:at])


def read_packet(text: bytes) -> Tree:
    """One frame, from ``<packet>`` to ``</packet>``.

    Raises:
        TsharkError: it is no PDML, or a plugin failed.
    """
    if len(text) > MAX_PACKET:
        raise TsharkError(f"Wireshark's tree of a frame is more than {MAX_PACKET >> 20} MiB")
    try:
        packet = fromstring(text.decode(errors="replace").translate(_NO_TEXT))
    except (ParseError, DefusedXmlException) as error:
        raise TsharkError(f"what tshark writes of a frame cannot be read: {error}") from error
    general = packet.find(f"proto[@name='{_GENERAL}']/field[@name='{_NUMBER}']")
    number = general.get("show", "") if general is not None else ""
    if not (number.isascii() and number.isdecimal()):
        raise TsharkError("tshark does not tell the number of a frame")
    protocols = (child for child in packet if child.get("name") != _GENERAL)
    tree = Tree(int(number), tuple(_branches(protocols, 0)))
    _refuse_lua_errors(tree)
    return tree


def _refuse_lua_errors(tree: Tree) -> None:
    for error in tree.find(_LUA_ERROR):
        raise TsharkError(f"a plugin of Wireshark failed at frame {tree.number}: {error.text}")


def _branches(elements: Iterator[Element], depth: int) -> Iterator[Branch]:
    if depth > MAX_DEPTH:
        raise TsharkError(f"a tree of Wireshark is more than {MAX_DEPTH} branches deep")
    for element in elements:
        if element.get("name") == _WRAPPER:
            yield from _branches(iter(element), depth)
        else:
            yield _branch(element, depth)


def _branch(element: Element, depth: int) -> Branch:
    name, show = element.get("name", ""), element.get("show", "")
    return Branch(
        name=name,
        text=element.get("showname") or show or f"{name} ({element.get('size')} bytes)",
        show=show,
        value=element.get("value", ""),
        offset=_number(element.get("pos", "")),
        length=_number(element.get("size", "")),
        hidden=element.get("hide") == "yes",
        children=tuple(_branches(iter(element), depth + 1)),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0
