"""The device names that clients tell in the names of the files that they ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from capfpcap.timeline.files import device_name
from capfpcap.vantage.flow import Sighting

_Names = dict[int, frozenset[str]]


class DeviceNames:
    """By vantage point, and there by the client's address; read when somebody asks."""

    def __init__(self) -> None:
        self._sightings: dict[str, Sequence[Sighting]] = {}
        self._names: dict[str, _Names] = {}

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Takes all that one vantage point shows."""
        if sightings:
            self._sightings[sightings[0].at.name] = sightings

    def allow(self, one: Sighting, other: Sighting, *, surely: bool) -> bool:
        """Whether the clients of two flows may be the same phone, by the names they tell.

        An address with several names is that of a NAT: the phone may be one of which it tells no
        name in one of the captures, if what makes the flows the same is sure.
        """
        names, others = self._of(one), self._of(other)
        if not names or not others or not names.isdisjoint(others):
            return True
        return surely and (len(names) > 1 or len(others) > 1)

    def _of(self, sighting: Sighting) -> frozenset[str]:
        """The names that a flow's client tells at the same vantage point."""
        known = self._names.get(sighting.at.name)
        if known is None:
            known = self._names[sighting.at.name] = _read(self._sightings[sighting.at.name])
        return known.get(sighting.conversation.view.client, frozenset())


def _read(sightings: Sequence[Sighting]) -> _Names:
    names: dict[int, set[str]] = defaultdict(set)
    for sighting in sightings:
        for transfer in sighting.conversation.transfers:
            name = device_name(transfer.name)
            if name is not None:
                names[sighting.conversation.view.client].add(name.upper())
    return {client: frozenset(found) for client, found in names.items()}
