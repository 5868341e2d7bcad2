"""Clients of CAPF that tell no name: which of them only look whether CAPF answers.

A phone that does not trust CAPF and a probe of the port end a session alike: TLS is set up, and the
client closes. They differ in who they are and in how they come back. A phone is some hops away from
the publisher, tries again within a minute, and gives up after a few times. A probe often stands in
the servers' own network, and comes as regularly as a clock for as long as it runs.
"""

from __future__ import annotations

from itertools import pairwise, takewhile

from capfpcap.rules.model.case import Case
from capfpcap.rules.model.progress import Progress, is_complete
from capfpcap.rules.model.timeouts import SECOND
from capfpcap.services import Service
from capfpcap.vantage.role import SERVERS_OWN

RETRY = 45 * SECOND
"""From the end of a session to the next one, as phones retry: 30 s, and what the attempt takes."""
_ENOUGH_FOR_A_CLOCK = 6
"""Sessions at even distances that are no phone's any more; a phone tries four times."""
_EVEN = 0.1
"""Share of their mean by which even distances differ."""
_FRESH = frozenset({32, 64, 128, 255})
"""TTLs with which hosts send; a packet that has one has passed no router."""


def since_success(case: Case) -> list[Progress]:
    """The sessions with CAPF behind the last that went its whole way, in order."""
    sessions = [item for item in case.progresses if item.flow.service is Service.CAPF]
    failed = takewhile(lambda item: not is_complete(item.session), reversed(sessions))
    return list(failed)[::-1]


def as_a_phone_retries(sessions: list[Progress]) -> list[Progress]:
    """Of one client's sessions the last that follow each other as a phone's attempts do.

    At least two, for whoever tries once may be anybody; none where the client is a probe.
    """
    if not sessions or _keeps_time(sessions) or _is_neighbour(sessions[-1]):
        return []
    following = [sessions[-1]]
    for earlier, later in reversed(list(pairwise(sessions))):
        if later.flow.started - earlier.session.view.last_time > RETRY:
            break
        following.append(earlier)
    return following[::-1] if len(following) > 1 else []


def _keeps_time(sessions: list[Progress]) -> bool:
    """Whether sessions begin at even distances, more often than a phone tries."""
    starts = [item.flow.started for item in sessions]
    distances = [later - earlier for earlier, later in pairwise(starts)]
    if len(starts) < _ENOUGH_FOR_A_CLOCK:
        return False
    return max(distances) - min(distances) <= _EVEN * sum(distances) / len(distances)


def _is_neighbour(item: Progress) -> bool:
    """Whether the client stands in the network of the server at which this was captured."""
    point, syns = item.sighting.at, item.session.connection.client.syns
    return (
        point.role in SERVERS_OWN and bool(syns) and int(point.table.columns.ttl[syns[0]]) in _FRESH
    )
