"""Every packet of a capture taken apart, with the certificates and lists that it brings."""

from __future__ import annotations

from capf_dissectors.outline import Node

from capfpcap.analysis import Analysis, CaptureInput, analyze
from capfpcap.capture.columns import CaptureError
from capfpcap.inspection.captures import capture_details
from capfpcap.inspection.inspector import Inspector
from capfpcap.inspection.model import Inspection
from capfpcap.inspection.presented import comparisons_at
from capfpcap.inspection.trust_lists import describe_list, loads_of
from fuzz.harness import Harness
from fuzz.harnesses.check import seeds
from fuzz.memory_file import memory_file
from fuzz.mutation import mutate_capture

MOST_PACKETS = 150
"""Packets of one input that are taken apart."""


def judge(data: bytes) -> None:
    """Packets are taken apart into fields that lie in their bytes."""
    with memory_file(data) as path:
        try:
            analysis = analyze([CaptureInput((path,))])
        except CaptureError:
            return
        _take_apart(analysis)


def _take_apart(analysis: Analysis) -> None:
    scene = analysis.scene
    inspector = Inspector(scene)
    for number, point in enumerate(scene.points):
        for row in range(min(len(point.table.columns), MOST_PACKETS)):
            _check(inspector.packet(number, row))
            flow, sighting = inspector.sighting(number, row)
            comparisons_at(scene, flow, sighting, row)
        for row in range(min(len(point.table.others), MOST_PACKETS)):
            _check(inspector.packet(number, row, among_others=True))
    for phone in scene.phones:
        loads_of(phone, scene.addresses)
        for item in phone.trust_lists:
            describe_list(item.read, item.kind)
    capture_details(scene.points)


def _check(inspection: Inspection) -> None:
    assert not inspection.remarks, inspection.remarks
    assert 0 <= inspection.focus < len(inspection.fields)
    for node in inspection.fields:
        check_places(node, 0, len(inspection.views[node.view].data))


def check_places(node: Node, start: int, end: int) -> None:
    """A field lies in the one that holds it."""
    assert start <= node.start <= node.end <= end, node
    for child in node.children:
        assert child.view == node.view
        check_places(child, node.start, node.end)


HARNESS = Harness(judge, seeds, seconds=5.0, longest=1 << 15, mutate=mutate_capture)
