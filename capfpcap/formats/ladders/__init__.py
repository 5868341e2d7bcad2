"""The ladder rendered: one model, one module a format, each loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capfpcap.formats.page import Page
    from capfpcap.ladder.model import Ladder

FORMATS = {
    "text": "capfpcap.formats.ladders.text",
    "svg": "capfpcap.formats.ladders.svg",
    "mermaid": "capfpcap.formats.ladders.mermaid",
    "json": "capfpcap.formats.ladders.document",
}
"""The module of each format by the name that ``--format`` takes; PNG is a plot."""


def render(ladder: Ladder, name: str, page: Page) -> Iterator[bytes]:
    """``ladder`` in the format called ``name``, in pieces; text from packets is harmless in it."""
    rendering: Callable[[Ladder, Page], Iterator[bytes]] = import_module(FORMATS[name]).render
    return rendering(ladder, page)
