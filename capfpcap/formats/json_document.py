"""The report as one JSON document: the contract that other programs rely on."""

from __future__ import annotations

from capfpcap.formats.harmless_report import harmless_json, json_of
from capfpcap.formats.page import Page
from capfpcap.report import Report


def render(report: Report, page: Page) -> bytes:  # noqa: ARG001 - one signature for all formats
    """``report`` as compact JSON in UTF-8 and a newline; ``page`` changes nothing."""
    return harmless_json(report, json_of) + b"\n"
