"""Reads configurations that differ in text only, and reads their elements once.

A busy capture holds thousands of configurations, and those of one model of phone have the same
elements in the same order. The elements alone, each text left out, are the file's *skeleton*. The
full reader reads a skeleton once, with the number of its place as every text, and so tells at which
places the values stand; of further files with this skeleton only those places are read.

A file is read here only where that cannot change what it says: without references, comments, CDATA
sections and control characters, a text is free to be any other, and the file is well-formed if its
skeleton is. All others are left to the full reader.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from capf_dissectors.configuration.model import PhoneConfiguration
from capf_dissectors.configuration.reader import read_values
from capf_dissectors.configuration.values import (
    Entry,
    Servers,
    Values,
    configuration,
    servers,
)
from capf_dissectors.results import Malformed

MAX_LENGTH = 32 * 1024
"""Octets of a file that is read here; it bounds what is remembered, too."""
_REMEMBERED = 256
"""Skeletons and combinations of servers that are remembered; a cluster has a few of each."""
_HARMLESS = bytes(octet for octet in range(0x20, 0x100) if octet not in b"<>&\x7f") + b"\t\n\r"
_NON_CHARACTERS = ("\ufffe", "\uffff")
"""What UTF-8 can encode and XML does not allow (XML 1.0, section 2.2), surrogates aside."""
_BLANKS = " \t\n"
_DECLARATION = "?xml"
_UTF_8 = re.compile(r"""encoding\s*=\s*["']utf-8["']""", re.IGNORECASE)
_ATTRIBUTE_VALUE = re.compile(r'="[^"]*"')
_Slots = tuple[int, ...]
"""The places of the texts that together are one value."""


class _Template(Struct, frozen=True, eq=False):
    """Where in all files with one skeleton the values stand."""

    scalars: tuple[tuple[str, _Slots], ...]
    lists: dict[str, list[tuple[str, dict[str, _Slots]]]]
    """The priority of each entry, and its fields."""
    in_lists: _Slots
    """All places of texts in ``lists``."""
    slots: _Slots
    """All places of texts that matter."""


def read_by_template(xml: bytes) -> PhoneConfiguration | None:
    """The configuration that is all of ``xml``; None for the full reader to tell."""
    pieces = _pieces(xml)
    if pieces is None:
        return None
    tags, texts = pieces[1::2], pieces[2::2]
    root = 0
    if tags[0].startswith(_DECLARATION):
        if texts[0].strip(_BLANKS) or len(tags) == 1:
            return None
        root = 1
    if "'" not in tags[root]:
        tags[root] = _ATTRIBUTE_VALUE.sub('=""', tags[root])
    template = _template("><".join(tags))
    return None if template is None else _fill(template, texts)


def _pieces(xml: bytes) -> list[str] | None:
    """An empty text, then tags and texts by turns; None for an unusual file."""
    angles = xml.translate(None, _HARMLESS)
    if len(xml) > MAX_LENGTH or not angles or angles != b"<>" * (len(angles) // 2):
        return None
    if not (xml.startswith(b"<") and xml.endswith(b">")):
        return None
    try:
        text = xml.decode()
    except UnicodeDecodeError:
        return None
    if not text.isascii() and any(character in text for character in _NON_CHARACTERS):
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("<", ">").split(">")


def _fill(template: _Template, texts: list[str]) -> PhoneConfiguration:
    return _configuration(template, tuple([texts[slot] for slot in template.slots]))


@lru_cache(_REMEMBERED)
def _configuration(template: _Template, texts: tuple[str, ...]) -> PhoneConfiguration:
    """The configuration, where ``texts`` stand in the places of values."""
    at = dict(zip(template.slots, texts, strict=True))
    scalars = {name: _joined(at, slots).strip() for name, slots in template.scalars}
    return configuration(
        scalars, _servers(template, tuple([at[slot] for slot in template.in_lists]))
    )


def _joined(texts: dict[int, str], slots: _Slots) -> str:
    return "".join([texts[slot] for slot in slots])


@lru_cache(_REMEMBERED)
def _servers(template: _Template, texts: tuple[str, ...]) -> Servers:
    """The servers, where ``texts`` stand in the places of lists."""
    at = dict(zip(template.in_lists, texts, strict=True))
    return servers(
        {
            name: [
                Entry(priority, {key: _joined(at, slots).strip() for key, slots in fields.items()})
                for priority, fields in entries
            ]
            for name, entries in template.lists.items()
        }
    )


@lru_cache(_REMEMBERED)
def _template(skeleton: str) -> _Template | None:
    """The template of a skeleton; None where it has none."""
    first, *others = skeleton.split("><")
    declared = first.startswith(_DECLARATION)
    if declared and "encoding" in first and not _UTF_8.search(first):
        return None
    if first.startswith("!") or any(tag.startswith(("!", "?")) for tag in others):
        return None
    marks = ["" if declared and slot == 0 else f"{slot};" for slot in range(len(others))]
    marked = "".join(f">{mark}<{tag}" for mark, tag in zip(marks, others, strict=True))
    values = read_values(f"<{first}{marked}>".encode())
    return None if isinstance(values, Malformed) else _template_of(values)


def _template_of(marked: Values) -> _Template:
    """The template that a skeleton's values are, each text there being the number of its place."""
    lists = {
        name: [
            (entry.priority, {key: _slots(marks) for key, marks in entry.fields.items()})
            for entry in entries
        ]
        for name, entries in marked.lists.items()
    }
    in_lists = [
        slot
        for entries in lists.values()
        for _, fields in entries
        for slots in fields.values()
        for slot in slots
    ]
    scalars = tuple((name, _slots(marks)) for name, marks in marked.scalars.items())
    all_slots = [slot for _, slots in scalars for slot in slots] + in_lists
    return _Template(scalars, lists, tuple(in_lists), tuple(all_slots))


def _slots(marks: str) -> _Slots:
    """The places that the reader found in one value."""
    return tuple(int(mark) for mark in marks.split(";")[:-1])
