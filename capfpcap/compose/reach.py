"""Which services each phone reaches, each way, from the flows of all captures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from capfpcap import __version__, report
from capfpcap.compose.flows import server_of
from capfpcap.compose.path_segments import describe_path_segments
from capfpcap.compose.remarks import remarks_on_left_out
from capfpcap.compose.verdict import NOT_ALL_JUDGED
from capfpcap.compose.whole import describe_captures
from capfpcap.enrolment.phone import Phone
from capfpcap.report import Reach, Unjudged, VerdictSeverity
from capfpcap.report.reach import (
    SCHEMA_VERSION,
    Between,
    PhoneReach,
    ReachReport,
    ServiceReach,
    Way,
)
from capfpcap.rules.model.case import Scene
from capfpcap.services import UNTIL_ENROLMENT, Purpose, Service, used_for
from capfpcap.trust.certificate import NANOSECONDS
from capfpcap.vantage.fate import FEWEST_LOST, Fate, Leg
from capfpcap.vantage.flow import Flow, Sighting
from capfpcap.vantage.reachability import Reachability, drops, fewest_lost, reachability
from capfpcap.vantage.role import SERVERS_OWN, Role

_FILES = used_for(Purpose.FILES)
_NOT_USED = "not used while the captures ran"


def build_reach(scene: Scene, notes: Sequence[str], remarks: Sequence[str] = ()) -> ReachReport:
    """The matrix of the phones; ``remarks`` change no verdict."""
    phones = tuple(
        describe_reach(phone, scene) for phone in scene.chosen.phones if not phone.is_several
    )
    return ReachReport(
        schema_version=SCHEMA_VERSION,
        tool=report.Tool(name="capfpcap", version=__version__),
        verdict=_verdict(phones, undecided=bool(notes)),
        captures=describe_captures(scene.points).captures,
        phones=phones,
        notes=(*notes, *remarks, *remarks_on_left_out(scene.points)),
    )


def _verdict(phones: Sequence[PhoneReach], *, undecided: bool) -> report.Verdict:
    """The worst that any phone meets; unknown where there is none, or not all could be read."""
    counts = {state: sum(phone.state is state for phone in phones) for state in Reach}
    many = "1 phone" if len(phones) == 1 else f"{len(phones)} phones"
    if counts[Reach.DROPPED]:
        summary = f"{counts[Reach.DROPPED]} of {many}: a service that is needed is dropped"
        return _told(VerdictSeverity.CRITICAL, summary)
    if counts[Reach.UNKNOWN] or not phones:
        summary = f"{counts[Reach.UNKNOWN]} of {many}: the captures cannot tell"
        if phones:
            return _told(VerdictSeverity.UNKNOWN, summary, Unjudged.OUTCOMES)
        summary = "nothing to judge: no phone enrols in these captures"
        return _told(VerdictSeverity.UNKNOWN, summary, Unjudged.EVERYTHING)
    summary = f"{many}: all services that are needed pass both ways"
    if undecided:
        return _told(VerdictSeverity.UNKNOWN, summary + NOT_ALL_JUDGED, Unjudged.PART)
    return _told(VerdictSeverity.OK, summary)


def _told(
    severity: VerdictSeverity, summary: str, unjudged: Unjudged | None = None
) -> report.Verdict:
    return report.Verdict(severity=severity, summary=summary, unjudged=unjudged)


def describe_reach(phone: Phone, scene: Scene) -> PhoneReach:
    """What one phone reaches; what only its address is known to reach may be its doing."""
    groups: dict[tuple[Service, int, int], list[Flow]] = defaultdict(list)
    shared = scene.phones_by_name.get(phone.shared_with or "")
    for flow in chain(phone.flows, shared.flows if shared is not None else ()):
        groups[flow.service, server_of(flow), flow.first.conversation.view.server_port].append(flow)
    rows = []
    for service in UNTIL_ENROLMENT:
        used = [(key, flows) for key, flows in groups.items() if key[0] is service]
        rows += [_row(service, flows, scene, key[1], key[2]) for key, flows in used]
        if not used:
            rows.append(_unused(service))
    return PhoneReach(
        name=phone.name, addresses=phone.addresses, state=_state(rows), services=tuple(rows)
    )


def _state(rows: Sequence[ServiceReach]) -> Reach:
    """Whether each need is met by some server: names, files by either protocol, TVS, CAPF."""
    needs: dict[str, list[Reach]] = defaultdict(list)
    files = {service.value for service in _FILES}
    for row in rows:
        if row.needed:
            needs["files" if row.service in files else row.service].append(_both(row))
    met = [_best(states) for states in needs.values()]
    if Reach.DROPPED in met:
        return Reach.DROPPED
    return Reach.UNKNOWN if Reach.UNKNOWN in met else Reach.PASSES


def _both(row: ServiceReach) -> Reach:
    states = {row.to_server.state, row.to_client.state}
    if Reach.DROPPED in states:
        return Reach.DROPPED
    return Reach.UNKNOWN if Reach.UNKNOWN in states else Reach.PASSES


def _best(states: Iterable[Reach]) -> Reach:
    found = set(states)
    if Reach.PASSES in found:
        return Reach.PASSES
    return Reach.DROPPED if Reach.DROPPED in found else Reach.UNKNOWN


def _unused(service: Service) -> ServiceReach:
    way = Way(
        state=Reach.UNKNOWN,
        sent=None,
        lost=None,
        largest_payload=None,
        dropped_between=None,
        hint=_NOT_USED,
    )
    return ServiceReach(
        service=service.value,
        server=None,
        needed=service.facts.needed,
        flows=0,
        to_server=way,
        to_client=way,
        round_trip_s=None,
        path_segments=(),
    )


def _row(service: Service, flows: list[Flow], scene: Scene, server: int, port: int) -> ServiceReach:
    trips = [trip for flow in flows if (trip := _round_trip(flow.first)) is not None]
    described = (describe_path_segments(flow, scene.addresses) for flow in reversed(flows))
    return ServiceReach(
        service=service.value,
        server=report.Endpoint(address=scene.addresses.text(server), port=port),
        needed=True,
        flows=len(flows),
        to_server=_way(flows, scene, to_server=True),
        to_client=_way(flows, scene, to_server=False),
        round_trip_s=min(trips) / NANOSECONDS if trips else None,
        path_segments=next(filter(None, described), ()),
    )


def _way(flows: list[Flow], scene: Scene, *, to_server: bool) -> Way:
    """One direction of all flows with one server; the last that tells decides."""
    sent, lost, largest = 0, 0, 0
    state, between, compared = Reachability.UNKNOWN, None, False
    silent: list[Leg] = []
    for flow in flows:
        legs = scene.legs(flow)
        told = reachability(flow, legs)[0 if to_server else 1]
        state = state if told is Reachability.UNKNOWN else told
        own = [leg for leg in legs if leg.to_server == to_server]
        if told is Reachability.DROPPED:
            dropping = (leg for leg in own if drops(leg, fewest_lost(legs)))
            between = next(map(_between, dropping), between)
        elif told is Reachability.UNKNOWN:
            silent += [leg for leg in own if leg.blocked]
        largest = max(largest, _largest(flow, own, to_server))
        if len(flow.sightings) > 1 or flow.unseen_at:
            compared = True
            counted = _counted(own) if legs else (_packets(flow.first, to_server), 0)
            sent, lost = sent + counted[0], lost + counted[1]
    if state is Reachability.UNKNOWN and sum(len(leg.lost) for leg in silent) >= FEWEST_LOST:
        state, between = Reachability.DROPPED, _between(silent[0])
    reach = Reach(state.value)
    return Way(
        state=reach,
        sent=sent if compared else None,
        lost=lost if compared else None,
        largest_payload=largest if reach is not Reach.UNKNOWN else None,
        dropped_between=between if reach is Reach.DROPPED else None,
        hint=_hint(flows, to_server) if reach is Reach.UNKNOWN else None,
    )


def _between(leg: Leg) -> Between:
    return Between(origin=leg.origin.name, goal=leg.goal.name)


def _counted(legs: list[Leg]) -> tuple[int, int]:
    """Packets of one direction of a flow that left, and how many of them vanished on any leg."""
    lost = sum(map(_vanished, legs))
    sent = [len(leg.of(Fate.PASSED, Fate.MISSED, Fate.LOST, Fate.UNSEEN)) for leg in legs]
    return max(max(sent, default=0), lost), lost


def _vanished(leg: Leg) -> int:
    """Packets lost on a leg; none where the capture at its goal misses all that did arrive."""
    if leg.of(Fate.MISSED) and not leg.of(Fate.PASSED):
        return 0
    return len(leg.lost if leg.blocked else leg.of(Fate.LOST))


def _packets(sighting: Sighting, to_server: bool) -> int:
    view = sighting.conversation.view
    return int(np.count_nonzero(view.table.to_server[view.rows] == to_server))


def _largest(flow: Flow, legs: list[Leg], to_server: bool) -> int:
    """Octets of the largest payload that arrived, as the capture nearest the receiver has it."""
    if legs:
        return max(
            (passage.octets for leg in legs[-1:] for passage in leg.of(Fate.PASSED)), default=0
        )
    view = (flow.last if to_server else flow.first).conversation.view
    lengths = view.table.columns.payload_length[view.rows]
    return int(lengths[view.table.to_server[view.rows] == to_server].max(initial=0))


def _hint(flows: list[Flow], to_server: bool) -> str:
    """Which capture would tell whether a direction passes."""
    unshown = [point.name for flow in flows for point in flow.unshown_at]
    if unshown:
        return f"answered, and {unshown[0]} shows nothing of it: by a proxy or firewall on the way?"
    roles = {sighting.at.role for flow in flows for sighting in flow.sightings}
    if not roles & SERVERS_OWN:
        return "a capture at the server at the same time would tell"
    if Role.PHONE not in roles:
        return "a capture at the phone at the same time would tell"
    sightings = [sighting for flow in flows for sighting in flow.sightings]
    if not any(_packets(sighting, to_server) for sighting in sightings):
        return "nothing was sent"
    blind = [one for one in sightings if one.at.table.one_sided and not _packets(one, to_server)]
    if blind:
        return f"the capture {blind[0].at.name} lacks this direction: one of both ways would tell"
    return "captures that overlap longer would tell"


def _round_trip(sighting: Sighting) -> int | None:
    """Nanoseconds from a request that was sent once to its answer, where both were captured."""
    conversation = sighting.conversation
    times = conversation.view.table.columns.time
    connection = conversation.connection
    pairs: list[tuple[int, int]] = []
    if connection is not None:
        syns, answers = connection.client.syns, connection.server.syns
        if len(syns) == len(answers) == 1 and connection.established_row is not None:
            pairs.append((syns[0], connection.established_row))
    asked = [(lookup.query_rows, lookup.answer_row) for lookup in conversation.lookups]
    asked += [(item.request_rows, item.answer_row) for item in conversation.transfers]
    pairs += [(rows[0], answer) for rows, answer in asked if len(rows) == 1 and answer is not None]
    return min((int(times[end] - times[begin]) for begin, end in pairs), default=None)
