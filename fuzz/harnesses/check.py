"""All of ``check`` on one capture, to its renderings."""

from __future__ import annotations

import msgspec

from capfpcap import batches
from capfpcap.analysis import Analysis, CaptureInput, analyze, check
from capfpcap.capture.columns import CaptureError
from capfpcap.compose.reach import build_reach
from capfpcap.formats import FORMATS, flow_table, reach, render
from capfpcap.formats.page import Page
from capfpcap.formats.timeline import json_pieces, text_lines
from capfpcap.report import Report
from fuzz.harness import Harness
from fuzz.memory_file import memory_file
from fuzz.mutation import mutate_capture
from fuzz.packets import without_transfers
from fuzz.replaced import replaced
from fuzz.seeds import carried

_WHOLE = 4
"""One capture in so many is taken whole."""
_SMALL_BATCH = 20
"""Rows of a batch, so that a few phones are judged in several."""


def judge(data: bytes) -> None:
    """The capture is refused in a sentence or reported; in batches the report is the same."""
    with memory_file(data) as path:
        inputs = [CaptureInput((path,))]
        try:
            analysis = analyze(inputs)
        except CaptureError as error:
            assert "\n" not in str(error)
            return
        check_outputs(analysis)
        with replaced(batches, BATCH_ROWS=_SMALL_BATCH):
            assert check(inputs) == analysis.report


def check_outputs(analysis: Analysis) -> None:
    """No rule failed, and no rendering acts on a screen."""
    report = analysis.report
    assert not analysis.judged.errors, analysis.judged.errors
    page = Page()
    for name in FORMATS:
        rendered = b"".join(render(report, name, page))
        check_inert(rendered)
        if name == "json":
            msgspec.json.decode(rendered, type=Report)
    assert b"".join(render(report, "text", Page(encoding="ascii"))).isascii()
    check_inert(flow_table.render_table(report, page))
    matrix = build_reach(analysis.scene, analysis.notes)
    check_inert(reach.render_text(matrix, page) + reach.render_json(matrix))
    check_inert(b"".join(json_pieces(analysis.timeline())))
    check_inert(b"".join(text_lines(analysis.timeline(), page)))


def check_inert(rendered: bytes) -> None:
    """Lines of visible characters, and nothing else."""
    lines = rendered.decode().split("\n")
    active = [line for line in lines if not line.isprintable()]
    assert not active, active[0]


def seeds() -> list[bytes]:
    """Every capture without its file transfers, which are most of it, and some captures whole."""
    captures = carried().captures
    return [*dict.fromkeys(map(without_transfers, captures)), *captures[::_WHOLE]]


HARNESS = Harness(judge, seeds, seconds=5.0, longest=1 << 15, mutate=mutate_capture)
