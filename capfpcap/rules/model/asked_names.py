"""The names that a phone asked for, found by a host's name or by that of the host in any domain."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from capfpcap.enrolment.phone import Resolved
from capfpcap.timeline.lookup import ADDRESS_TYPES

_BEHIND_A_DOT = chr(ord(".") + 1)


class AskedNames:
    """The phone's questions for addresses; a search by name takes no longer where they are many."""

    def __init__(self, lookups: Iterable[Resolved]) -> None:
        self._numbered: dict[str, list[tuple[int, Resolved]]] = defaultdict(list)
        for number, item in enumerate(lookups):
            if item.lookup.type in ADDRESS_TYPES:
                self._numbered[item.lookup.name].append((number, item))
        self._sorted = sorted(self._numbered)

    def of(self, host: str) -> list[Resolved]:
        """Those for a host, names completed by a search list included, in their order."""
        first = bisect_left(self._sorted, f"{host}.")
        last = bisect_left(self._sorted, f"{host}{_BEHIND_A_DOT}")
        names = self._sorted[first:last]
        if host in self._numbered:
            names.append(host)
        found = [item for name in names for item in self._numbered[name]]
        return [item for _, item in sorted(found, key=lambda numbered: numbered[0])]
