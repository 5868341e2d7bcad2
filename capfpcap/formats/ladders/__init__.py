"""The ladder rendered: one model, one module a format, each loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from capfpcap.formats.ladders.words import Times

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


class Rendering(Protocol):
    """What a format module offers as ``render``."""

    def __call__(self, ladder: Ladder, page: Page, times: Times) -> Iterator[bytes]:
        """The rendering in pieces; text from packets is harmless in it."""
        ...


def render(ladder: Ladder, name: str, page: Page, times: Times = Times.CLOCK) -> Iterator[bytes]:
    """``ladder`` in the format called ``name``, in pieces."""
    rendering: Rendering = import_module(FORMATS[name]).render
    return rendering(ladder, page, times)
