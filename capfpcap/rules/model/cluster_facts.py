"""What the phones of a capture together show of the servers, beside what each phone shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from capfpcap.rules.model.progress import is_complete
from capfpcap.services import Service
from capfpcap.timeline.files import FileKind
from capfpcap.timeline.lookup import ADDRESS_TYPES
from capfpcap.vantage.flow import Flow, VantagePoint
from capfpcap.vantage.held import has_alarms
from capfpcap.vantage.role import Role


class Around(Struct, frozen=True):
    """Servers as some phones see them, or all."""

    capf_servers: frozenset[int] = frozenset()
    """Addresses at which a CAPF service speaks TLS."""
    answers: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    """Names that were asked for with the addresses of each different answer."""
    publishers: frozenset[int] = frozenset()
    """Addresses that serve files where a capture was taken at the publisher."""
    enrolled_with: frozenset[bytes] = frozenset()
    """Certificates of CAPF, in DER, with which a phone completed an operation."""
    lists: frozenset[bytes] = frozenset()
    """Trust lists that were served whole, where phones say which ones they hold."""

    def other_answer(self, name: str, address: str) -> str | None:
        """An address that an answer for a name has in place of this one."""
        others = [
            addresses
            for asked, addresses in self.answers
            if asked == name and addresses and address not in addresses
        ]
        return min(others)[0] if others else None


def look_around(points: Iterable[VantagePoint], flows: Iterable[Flow]) -> Around:
    """What these flows show."""
    points = list(points)
    publishers = [point for point in points if point.role is Role.PUBLISHER]
    compared = any(map(has_alarms, points))
    lists: set[bytes] = set()
    capf_servers: set[int] = set()
    answers: set[tuple[str, tuple[str, ...]]] = set()
    serving: set[int] = set()
    enrolled_with: set[bytes] = set()
    for flow in flows:
        if flow.service is Service.CAPF:
            enrolled_with.update(_enrolled_with(flow))
            if _speaks_tls(flow):
                capf_servers.add(flow.first.conversation.view.server)
        elif flow.service is Service.DNS and flow.phone is not None:
            answers.update(_answers(flow))
        elif compared and flow.service in (Service.TFTP, Service.HTTP):
            lists.update(_lists(flow))
        for point in publishers:
            serving.update(_serving(flow, point))
    return Around(
        frozenset(capf_servers),
        frozenset(answers),
        frozenset(serving),
        frozenset(enrolled_with),
        frozenset(lists),
    )


def joined(parts: Iterable[Around]) -> Around:
    """What several parts of the phones show together."""
    parts = list(parts)
    return Around(
        frozenset().union(*(part.capf_servers for part in parts)),
        frozenset().union(*(part.answers for part in parts)),
        frozenset().union(*(part.publishers for part in parts)),
        frozenset().union(*(part.enrolled_with for part in parts)),
        frozenset().union(*(part.lists for part in parts)),
    )


def _speaks_tls(flow: Flow) -> bool:
    """Whether any capture shows a ServerHello."""
    return any(
        sighting.conversation.session is not None
        and sighting.conversation.session.version is not None
        for sighting in flow.sightings
    )


def _enrolled_with(flow: Flow) -> Iterator[bytes]:
    """CAPF's certificate in a session that went its whole way."""
    session = flow.best.conversation.session
    if session is not None and session.server_leaf is not None and is_complete(session):
        yield session.server_leaf


def _lists(flow: Flow) -> Iterator[bytes]:
    for transfer in flow.best.conversation.transfers:
        if transfer.kind in (FileKind.ITL, FileKind.CTL) and transfer.content is not None:
            yield transfer.content


def _answers(flow: Flow) -> Iterator[tuple[str, tuple[str, ...]]]:
    for lookup in flow.best.conversation.lookups:
        if lookup.type in ADDRESS_TYPES and lookup.addresses:
            yield lookup.name, lookup.addresses


def _serving(flow: Flow, point: VantagePoint) -> Iterator[int]:
    sighting = flow.seen_at(point)
    for transfer in sighting.conversation.transfers if sighting is not None else ():
        if transfer.answer_row is not None:
            yield transfer.server
