"""Which flows of several captures are the same flow.

A flow is known by what its packets say (see :mod:`capfpcap.vantage.keys`), never by clocks or
addresses alone, and never across phones that name themselves differently. Where several flows say
the same, as twenty thousand phones do that ask for one file, those that lie nearest in time belong
together, once surer flows have told how far the clocks are apart and which client is which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

from capfpcap.timeline.conversation import Conversation, read_conversations
from capfpcap.vantage.device_names import DeviceNames
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint
from capfpcap.vantage.keys import TIERS, KeysOf, Tier

_CLOSE = 100_000_000
"""Nanoseconds that the first packets of one flow lie apart, clocks compared, at the most."""
_TOGETHER = 3_000_000_000
"""The same where one capture lacks the original and has its first retransmission (RFC 6298)."""


def join_flows(points: Iterable[VantagePoint]) -> list[Flow]:
    """The flows of all captures, each once, with sightings in the order of ``points``."""
    flows: list[Flow] = []
    names = DeviceNames()
    for point in points:
        conversations = read_conversations(point.table, point.table.views)
        sightings = [Sighting(point, conversation) for conversation in conversations]
        names.add(sightings)
        left = _Join(flows, sightings, names).left_over() if flows else sightings
        flows += [
            Flow([sighting], sighting.conversation.view.service, sighting.first_time)
            for sighting in left
        ]
    return flows


class _Join:
    """Gives the sightings of one more vantage point to the flows that are known."""

    def __init__(self, known: Sequence[Flow], new: Sequence[Sighting], names: DeviceNames) -> None:
        self._known = list(known)
        self._new = list(new)
        self._names = names
        self._clients: dict[int, set[int]] = defaultdict(set)
        """The addresses that clients of known flows have at the new vantage point."""
        self._apart: dict[str, list[int]] = defaultdict(list)
        """By the name of a known vantage point, how far flows' first packets lie apart."""
        self._offsets: dict[str, int] = {}

    def left_over(self) -> list[Sighting]:
        """Tries one way after the other; returns the sightings that belong to no known flow."""
        for tier in TIERS:
            if not self._new:
                break
            if tier.crowded is None or len(self._known) * len(self._new) <= tier.crowded:
                self._try(tier)
        return self._new

    def _try(self, tier: Tier) -> None:
        new = _by_key(tier.keys, ([sighting.conversation] for sighting in self._new))
        if not new:
            return
        known = _by_key(
            tier.keys, ([seen.conversation for seen in flow.sightings] for flow in self._known)
        )
        pairs: dict[int, int] = {}
        taken: set[int] = set()
        shared = []
        for key, others in new.items():
            flows = known.get(key)
            if flows is None:
                continue
            if len(flows) > 1 or len(others) > 1:
                shared.append((flows, others))
            elif self._pair(tier, flows[0], others[0], pairs, taken) and tier.surely:
                self._note(flows[0], others[0])
        self._settle_offsets()
        for flows, others in shared:
            for one, other in self._nearest(tier, flows, others):
                self._pair(tier, one, other, pairs, taken)
        self._tie(pairs, taken)

    def _pair(
        self, tier: Tier, one: int, other: int, pairs: dict[int, int], taken: set[int]
    ) -> bool:
        """Pairs a known flow with a sighting, unless one of them has a partner already."""
        if other in pairs or one in taken or not self._agree(tier, one, other):
            return False
        pairs[other] = one
        taken.add(one)
        return True

    def _agree(self, tier: Tier, one: int, other: int) -> bool:
        flow, sighting = self._known[one], self._new[other]
        if not tier.surely and not self._lie_together(flow, sighting, self._between(one, other)):
            return False
        return any(
            self._names.allow(seen, sighting, surely=tier.surely)
            and (tier.agrees is None or tier.agrees(seen.conversation, sighting.conversation))
            for seen in flow.sightings
        )

    def _lie_together(self, flow: Flow, sighting: Sighting, apart: int) -> bool:
        """Whether the client is the same one, and the time as well, as surer flows tell."""
        offset = self._offsets.get(flow.first.at.name)
        if offset is None or abs(apart - offset) > _TOGETHER:
            return False
        client = sighting.conversation.view.client
        known = {seen.conversation.view.client for seen in flow.sightings}
        return client in known or any(client in self._clients[address] for address in known)

    def _between(self, one: int, other: int) -> int:
        return self._new[other].first_time - self._known[one].first.first_time

    def _note(self, one: int, other: int) -> None:
        self._apart[self._known[one].first.at.name].append(self._between(one, other))

    def _settle_offsets(self) -> None:
        for name, apart in self._apart.items():
            self._offsets[name] = sorted(apart)[(len(apart) - 1) // 2]

    def _nearest(
        self, tier: Tier, flows: list[int], others: list[int]
    ) -> Iterator[tuple[int, int]]:
        """Of flows with one key the pairs that lie together in time; linear but for sorting.

        Where nothing tells how far the clocks are apart, equal numbers are paired in order, if the
        key is a sure one.
        """
        by_point: dict[str, list[int]] = defaultdict(list)
        for flow in flows:
            by_point[self._known[flow].first.at.name].append(flow)
        others = sorted(others, key=lambda other: self._new[other].first_time)
        for name, group in by_point.items():
            group.sort(key=lambda flow: self._known[flow].first.first_time)
            offset = self._offsets.get(name)
            if offset is not None:
                yield from self._merge(group, others, offset, _CLOSE)
                yield from self._merge(group, others, offset, _TOGETHER)
            elif tier.surely and len(group) == len(others):
                yield from zip(group, others, strict=True)

    def _merge(
        self, flows: list[int], others: list[int], offset: int, limit: int
    ) -> Iterator[tuple[int, int]]:
        """Walks two lists in order of time and pairs what lies together."""
        one = other = 0
        while one < len(flows) and other < len(others):
            apart = self._between(flows[one], others[other]) - offset
            if abs(apart) <= limit:
                yield flows[one], others[other]
                one += 1
                other += 1
            elif apart > 0:
                one += 1
            else:
                other += 1

    def _tie(self, pairs: dict[int, int], taken: set[int]) -> None:
        """Adds the sightings that were paired, and leaves the rest for the next way."""
        for other, one in pairs.items():
            client = self._new[other].conversation.view.client
            for seen in self._known[one].sightings:
                self._clients[seen.conversation.view.client].add(client)
            self._known[one].sightings.append(self._new[other])
        self._known = [flow for index, flow in enumerate(self._known) if index not in taken]
        self._new = [sighting for index, sighting in enumerate(self._new) if index not in pairs]


def _by_key(keys: KeysOf, items: Iterable[list[Conversation]]) -> dict[Hashable, list[int]]:
    """The indices of the items that have each key."""
    found: dict[Hashable, list[int]] = {}
    for index, conversations in enumerate(items):
        for conversation in conversations:
            for key in keys(conversation):
                indices = found.setdefault(key, [])
                if not indices or indices[-1] != index:
                    indices.append(index)
    return found
