"""Wireshark's trees of frames, as text like that of ``tshark -V`` and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from capfpcap.formats.harmless import harmless
from capfpcap.formats.harmless_report import harmless_document
from capfpcap.formats.layout import Style, plain_ascii
from capfpcap.formats.page import Page
from capfpcap.tshark.tree import Branch
from capfpcap.tshark.view import View

_INDENT = "    "


def render_text(view: View, page: Page) -> bytes:
    """A line a field, indented below what it is part of, and an empty line behind each frame."""
    lines = (line for tree in view.trees for line in (*_lines(tree.layers, page), ""))
    text = "".join(f"{line}\n" for line in lines)
    return text.encode("utf-8" if page.unicode else "ascii", "backslashreplace")


def tree_lines(branches: tuple[Branch, ...], depth: int = 0) -> Iterator[tuple[int, str]]:
    """What Wireshark shows of the branches: how deep each line is, and the line, harmless."""
    for branch in branches:
        if not branch.hidden:
            yield depth, harmless(branch.text)
            yield from tree_lines(branch.children, depth + 1)


def _lines(branches: tuple[Branch, ...], page: Page) -> Iterator[str]:
    for depth, text in tree_lines(branches):
        shown = text if page.unicode else plain_ascii(text)
        if page.color and not depth:
            shown = f"\x1b[{Style.STRONG.value}m{shown}\x1b[0m"
        yield _INDENT * depth + shown


class _Field(Struct, frozen=True):
    name: str
    text: str
    value: str
    bytes: str
    offset: int
    length: int
    fields: tuple[_Field, ...]


class _Frame(Struct, frozen=True):
    frame: int
    layers: tuple[_Field, ...]


class _Document(Struct, frozen=True):
    capture: str
    program: str
    frames: tuple[_Frame, ...]
    notes: tuple[str, ...]


def render_json(view: View) -> bytes:
    """One document; a field has its name in display filters, its line, value and bytes."""
    frames = tuple(_Frame(tree.number, _fields(tree.layers)) for tree in view.trees)
    document = _Document(view.capture, view.program, frames, view.remarks)
    return harmless_document(document, str) + b"\n"


def _fields(branches: tuple[Branch, ...]) -> tuple[_Field, ...]:
    return tuple(
        _Field(
            branch.name,
            branch.text,
            branch.show,
            branch.value,
            branch.offset,
            branch.length,
            _fields(branch.children),
        )
        for branch in branches
        if not branch.hidden
    )
