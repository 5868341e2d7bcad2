"""A ladder as one JSON document: the model as it is, times as text like the report's."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.formats.harmless_report import harmless_document
from capfpcap.formats.page import Page
from capfpcap.formats.timeline import stamp
from capfpcap.ladder.model import Ladder, Moment


def render(ladder: Ladder, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - as all formats
    """``ladder`` as compact JSON in UTF-8 and a newline; ``page`` changes nothing."""
    yield harmless_document(ladder, _written) + b"\n"


def _written(value: object) -> object:
    if isinstance(value, Moment):
        return stamp(value)
    raise NotImplementedError(type(value))
