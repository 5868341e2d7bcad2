"""A ladder as one JSON document: the model as it is, times as text like the report's."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.formats.harmless_report import harmless_document
from capfpcap.formats.ladders.words import Times
from capfpcap.formats.page import Page
from capfpcap.formats.timeline import stamp
from capfpcap.ladder.model import Ladder, Moment


def render(ladder: Ladder, page: Page, times: Times) -> Iterator[bytes]:  # noqa: ARG001 - as all
    """``ladder`` as compact JSON in UTF-8 and a newline; ``page`` and ``times`` change nothing."""
    yield harmless_document(ladder, _written) + b"\n"


def _written(value: object) -> object:
    if isinstance(value, Moment):
        return stamp(value)
    raise NotImplementedError(type(value))
