"""What is counted over all packets of a file."""

from __future__ import annotations

from msgspec import Struct, field

from capfpcap.capture.distinct import distinct
from capfpcap.capture.headers import linktypes
from capfpcap.capture.records import Records


class Totals(Struct):
    """Counts, the times of the earliest and the latest packet, and the link types met."""

    packets: int = 0
    relevant: int = 0
    first: int | None = None
    last: int | None = None
    link_types: set[int] = field(default_factory=set)

    def count(self, records: Records, relevant: int) -> None:
        """Adds one batch."""
        times = records.times()
        self._stretch(int(times.min()), int(times.max()))
        self.packets += len(records)
        self.relevant += relevant
        types = distinct(records.link_types)
        self.link_types.update(kind for kind in types if kind < linktypes.UNDESCRIBED)

    def add(self, others: Totals) -> None:
        """Adds what was counted elsewhere in the same file."""
        if others.first is not None and others.last is not None:
            self._stretch(others.first, others.last)
        self.packets += others.packets
        self.relevant += others.relevant
        self.link_types |= others.link_types

    def _stretch(self, first: int, last: int) -> None:
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)
