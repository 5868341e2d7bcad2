"""What a rule is given: one phone's case, or the whole scene."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, field

from capfpcap.capture.addresses import AddressTable
from capfpcap.enrolment.choice import Chosen, PhoneChoice, choose
from capfpcap.enrolment.loaded import LoadedTrustList
from capfpcap.enrolment.period import Period
from capfpcap.enrolment.phone import Phone
from capfpcap.enrolment.shared import Sharing
from capfpcap.flows.icmp import IcmpError
from capfpcap.rules.model.asked_names import AskedNames
from capfpcap.rules.model.cluster_facts import Around, look_around
from capfpcap.rules.model.progress import Progress, only_probes
from capfpcap.services import Reader, Service, read_as
from capfpcap.timeline.capf import CapfSession
from capfpcap.timeline.session import Session
from capfpcap.vantage.fate import FEWEST_LOST, Leg
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint
from capfpcap.vantage.held import Held, held_lists
from capfpcap.vantage.match import tie_errors
from capfpcap.vantage.verdicts import read_legs

if TYPE_CHECKING:
    from capfpcap.evidence import Evidence
    from capfpcap.evidence.logs import Placed

SESSION_SERVICES = read_as(Reader.TLS)
"""Services that speak TLS, CAPF first."""


class Judgement(Struct, frozen=True):
    """What the user asked the rules to consider."""

    expiry_days: int = 30
    choice: PhoneChoice = PhoneChoice()
    """The phones to judge; the others still tell what they show of the servers."""
    period: Period = Period()
    """The time in which phones are judged; of what was before it, what they had loaded is known."""
    evidence: Evidence | None = None
    """What is known from elsewhere than the captures."""


class Unreachable(Struct, frozen=True, eq=False):
    """An ICMP error about a packet of a flow."""

    at: VantagePoint
    error: IcmpError


def unreachable_in(
    flows: list[Flow], errors: Iterable[tuple[VantagePoint, list[IcmpError]]]
) -> dict[str, list[Unreachable]]:
    """The ICMP errors of some captures by the id of the flow whose packet they quote."""
    found: dict[str, list[Unreachable]] = {}
    for point, theirs in errors:
        for flow, error in tie_errors(flows, point, theirs):
            found.setdefault(flow.id, []).append(Unreachable(point, error))
    return found


class Scene(Struct, eq=False, dict=True):
    """All captures together."""

    points: list[VantagePoint]
    flows: list[Flow]
    phones: list[Phone]
    addresses: AddressTable
    judgement: Judgement
    unreachable: dict[str, list[Unreachable]] = field(default_factory=dict)
    """ICMP errors by the id of the flow whose packet they quote."""
    known_around: Around | None = None
    """What :attr:`around` tells, where it is known already."""
    looked_around: bool = False
    """Whether a rule asked what :attr:`around` tells."""
    identified: list[str] = field(default_factory=list)
    """The names of all phones, those too that did nothing in the time that counts."""
    left_out: list[str] = field(default_factory=list)
    """What phones are not told apart, a sentence each."""
    lists_served: dict[tuple[str, int, int], LoadedTrustList] | None = None
    """The last trust list of each name from each server in each group of captures, once a rule has
    looked for them."""
    sharing: dict[str, Sharing] = field(default_factory=dict)
    """What phones did together, by the name of what stands for them, as far as it was asked for."""
    _legs: dict[str, list[Leg]] = field(default_factory=dict)

    @cached_property
    def phones_by_name(self) -> dict[str, Phone]:
        """All phones, and what stands for several."""
        return {phone.name: phone for phone in self.phones}

    @cached_property
    def nameless(self) -> list[Phone]:
        """Phones of which no packet tells the device name."""
        return [phone for phone in self.phones if not phone.is_named]

    @cached_property
    def held(self) -> dict[str, Sequence[Held]]:
        """Which trust lists devices say that they hold, by their names in capitals."""
        return held_lists(self.points, self.addresses)

    @property
    def around(self) -> Around:
        """What all phones show of the servers."""
        self.looked_around = True
        if self.known_around is None:
            self.known_around = look_around(self.points, self.flows)
        return self.known_around

    def legs(self, flow: Flow) -> list[Leg]:
        """What became of a flow's packets, where captures show it differently; else nothing."""
        if not flow.differs:
            return []
        if flow.id not in self._legs:
            self._legs[flow.id] = read_legs(flow)
        return self._legs[flow.id]

    @cached_property
    def chosen(self) -> Chosen:
        """The phones that are judged and shown."""
        return choose(self.phones, self.judgement.choice, self.addresses)

    @cached_property
    def shown_flows(self) -> list[Flow]:
        """The flows that are shown: all, or those of the phones that were asked for."""
        if not self.judgement.choice:
            return self.flows
        names = {phone.name for phone in self.chosen.phones}
        return [flow for flow in self.flows if flow.phone in names]

    @property
    def configured_ports(self) -> frozenset[int]:
        """The CAPF ports that the phones' configurations name."""
        return frozenset(
            server.port
            for phone in self.phones
            for loaded in phone.configurations
            if loaded.configuration is not None
            for server in loaded.configuration.capf_servers
            if server.port
        )


class Case:
    """One phone and what the captures show of it."""

    def __init__(self, phone: Phone, scene: Scene) -> None:
        self.phone = phone
        self.scene = scene
        self.progresses: list[Progress] = []
        for flow in phone.flows:
            sighting = flow.best
            session = sighting.conversation.session
            if session is not None and (phone.is_named or not only_probes(session)):
                self.progresses.append(Progress(flow, sighting, session))
        self.progresses.sort(key=lambda progress: SESSION_SERVICES.index(progress.flow.service))
        self.capf_sessions = self.sessions(Service.CAPF)

    @property
    def blind(self) -> bool:
        """Whether all captures of this phone recorded one direction only: nothing can be judged."""
        return any(point.table.one_sided for point in self.scene.points) and all(
            sighting.at.table.one_sided for flow in self.phone.flows for sighting in flow.sightings
        )

    @cached_property
    def asked_names(self) -> AskedNames:
        """What the phone asked for by name."""
        return AskedNames(self.phone.lookups)

    @property
    def judgement(self) -> Judgement:
        """What the user asked the rules to consider."""
        return self.scene.judgement

    @cached_property
    def logs(self) -> Sequence[Placed]:
        """The phone's own console logs, on the captures' clock."""
        evidence = self.judgement.evidence
        if evidence is None or not evidence.logs:
            return ()
        from capfpcap.rules.model.given_logs import logs_of  # noqa: PLC0415 - only with logs

        return logs_of(self)

    def sessions(self, service: Service) -> list[tuple[Flow, Sighting, Session]]:
        """The phone's connections to a service that speaks TLS, in order."""
        return [
            (progress.flow, progress.sighting, progress.session)
            for progress in self.progresses
            if progress.flow.service is service
        ]

    def session_read(self, progress: Progress) -> CapfSession | None:
        """What is known of a session with CAPF; None where nothing of it was decrypted."""
        if not progress.session.readable:
            return None
        known = self.phone.capf_session(progress.flow)
        return known if known is not None and known.decrypted else None

    def address(self, code: int) -> str:
        """An address as text."""
        return self.scene.addresses.text(code)

    def server(self, flow: Flow) -> str:
        """The server end of a flow as text, IPv6 in brackets."""
        view = flow.first.conversation.view
        address = self.address(view.server or view.asked)
        return (
            f"[{address}]:{view.server_port}" if ":" in address else f"{address}:{view.server_port}"
        )

    def hurt(self, flow: Flow) -> bool:
        """Whether two captures prove that something on the way harmed a flow for good."""
        return any(leg.harms for leg in self.scene.legs(flow))

    def whereabouts(self, flows: Iterable[Flow]) -> str:
        """A sentence on where packets vanish, as two captures prove it, or nothing."""
        legs = [leg for flow in flows for leg in self.scene.legs(flow) if leg.blocked or leg.harms]
        if not legs:
            return ""
        first = legs[0]
        end = "server" if first.to_server else "phone"
        alike = [leg for leg in legs if leg.origin is first.origin and leg.goal is first.goal]
        lost = sum(len(leg.lost) for leg in alike)
        if lost < FEWEST_LOST:
            return ""
        return (
            f" {lost} packets to the {end} left "
            f"{first.origin.name} and did not come to {first.goal.name}: they are lost between "
            "these two."
        )

    def unreachable(self, flow: Flow) -> list[Unreachable]:
        """ICMP errors that quote packets of a flow."""
        return self.scene.unreachable.get(flow.id, [])
