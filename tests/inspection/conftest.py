"""Shipped captures, analysed once, with what takes their packets apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import pytest

from capfpcap.analysis import Analysis, CaptureInput, analyze
from capfpcap.inspection.inspector import Inspector
from capfpcap.inspection.model import Inspection
from tests.scenarios.expectations import CAPTURES


class Opened(NamedTuple):
    """A scenario's captures under inspection."""

    analysis: Analysis
    inspector: Inspector

    def of_flows(self) -> Iterator[tuple[int, Inspection]]:
        """Every packet of a flow, with its frame's number."""
        for point, at in enumerate(self.analysis.scene.points):
            for row in range(len(at.table.columns)):
                yield int(at.table.columns.frame[row]), self.inspector.packet(point, row)

    def others(self) -> Iterator[tuple[int, Inspection]]:
        """Every other packet that was kept, with its frame's number."""
        for point, at in enumerate(self.analysis.scene.points):
            for row in range(len(at.table.others)):
                number = int(at.table.others.frame[row])
                yield number, self.inspector.packet(point, row, among_others=True)

    def frame(self, number: int, point: int = 0) -> Inspection:
        """The packet with that number in the first file of a vantage point."""
        (row,) = (self.analysis.scene.points[point].table.columns.frame == number).nonzero()[0]
        return self.inspector.packet(point, int(row))


@lru_cache(32)
def opened(*names: str) -> Opened:
    """Captures by their names below the shipped ones: ``itl-mismatch/phone.pcap``."""
    analysis = analyze([CaptureInput((str(CAPTURES / name),)) for name in names])
    return Opened(analysis, Inspector(analysis.scene))


@pytest.fixture
def scenario() -> Callable[..., Opened]:
    return opened
