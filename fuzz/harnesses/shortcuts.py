"""What is read of many plain flows at once, against the same read packet by packet."""

from __future__ import annotations

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.capture.columns import CaptureError
from capfpcap.flows import sides
from capfpcap.formats.timeline import json_pieces
from capfpcap.report import Report
from capfpcap.timeline import conversation, lookup, tftp
from fuzz.harness import Harness
from fuzz.harnesses.check import seeds
from fuzz.memory_file import memory_file
from fuzz.mutation import mutate_capture
from fuzz.replaced import replaced


def judge(data: bytes) -> None:
    """Without the shortcuts, the report and every event are the same."""
    with memory_file(data) as path:
        try:
            short = _told(path)
        except CaptureError:
            return
        with (
            replaced(conversation, plain_sessions=lambda _table, _views: {}),
            replaced(lookup, _plain=lambda *_: None),
            replaced(tftp, read_plain=lambda _view, **_: None),
            replaced(sides, _take_in_order=lambda *_: False),
        ):
            assert _told(path) == short


def _told(path: str) -> tuple[Report, list[bytes]]:
    analysis = analyze([CaptureInput((path,))])
    return analysis.report, list(json_pieces(analysis.timeline()))


HARNESS = Harness(judge, seeds, seconds=5.0, longest=1 << 15, mutate=mutate_capture)
