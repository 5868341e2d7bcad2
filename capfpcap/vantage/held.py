"""Which trust lists phones say that they hold, each saying at the place that shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import SIP
from capfpcap.vantage.flow import VantagePoint

if TYPE_CHECKING:
    from capf_dissectors.sip_alarm import TrustListAlarm


class Held(Struct, frozen=True, eq=False):
    """An alarm of a phone about its trust lists."""

    at: VantagePoint
    row: int
    """Row of :attr:`FlowTable.others`."""
    time: int
    """Nanoseconds since 1970 UTC, by the common clock."""
    said: TrustListAlarm


def held_lists(
    points: Iterable[VantagePoint], addresses: AddressTable
) -> dict[str, Sequence[Held]]:
    """The alarms of each device, by its name in capitals or else its address, in order of time."""
    found: defaultdict[str, list[Held]] = defaultdict(list)
    for point in points:
        if not has_alarms(point):
            continue
        from capfpcap.timeline.alarms import read_alarms  # noqa: PLC0415 - few captures have any

        for alarm in read_alarms(point.table):
            name = alarm.said.device.upper() or addresses.text(alarm.source)
            found[name].append(Held(point, alarm.row, alarm.time, alarm.said))
    return {name: sorted(items, key=lambda held: held.time) for name, items in found.items()}


def has_alarms(point: VantagePoint) -> bool:
    """Whether a capture holds any packet of such an alarm."""
    return bool((point.table.others.destination_port == SIP).any())
