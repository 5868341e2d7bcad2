"""The report rendered: one model, one module a format, each loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from capfpcap.compose.kept_flows import KeptFlows
    from capfpcap.formats.page import Page
    from capfpcap.report import Report

FORMATS = {
    "text": "capfpcap.formats.text",
    "json": "capfpcap.formats.json_document",
    "jsonl": "capfpcap.formats.json_lines",
    "csv": "capfpcap.formats.comma_separated",
}
"""The module of each format by the name that ``--format`` takes."""


class Rendering(Protocol):
    """What a format module offers as ``render``; text from packets is harmless in it."""

    def __call__(self, report: Report, page: Page) -> Iterator[bytes]:
        """The rendering in pieces, encoded and ending with a newline."""
        ...


def flows_kept_for(name: str) -> type[KeptFlows]:
    """How a large report is to keep its flows for the format called ``name``."""
    from capfpcap.compose.kept_flows import PackedFlows  # noqa: PLC0415 - loads NumPy

    kept: type[KeptFlows] = getattr(import_module(FORMATS[name]), "FLOWS", PackedFlows)
    return kept


def render(report: Report, name: str, page: Page) -> Iterator[bytes]:
    """``report`` in the format called ``name``, in pieces: it may have a hundred megabytes."""
    rendering: Rendering = import_module(FORMATS[name]).render
    return rendering(report, page)
