"""A phone: everything that one device did, and what it knew at each moment."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from capf_dissectors.configuration import PhoneConfiguration
from msgspec import Struct, field

from capfpcap.enrolment.loaded import LoadedConfiguration, LoadedTrustList, load
from capfpcap.services import Service
from capfpcap.timeline.capf import NOTHING_KNOWN, Authentication, CapfSession, Hints, capf_session
from capfpcap.timeline.files import FileKind, FileTransfer, TransferState
from capfpcap.timeline.lookup import Lookup
from capfpcap.vantage.flow import Flow, Sighting
from capfpcap.vantage.heard import as_heard


class Asked(NamedTuple):
    """A file transfer of a phone, with the flow and sighting that show it."""

    flow: Flow
    sighting: Sighting
    transfer: FileTransfer


class Resolved(NamedTuple):
    """A DNS lookup of a phone, with the flow and sighting that show it."""

    flow: Flow
    sighting: Sighting
    lookup: Lookup


class Phone(Struct, eq=False):
    """One device: a MAC address, a device name, its addresses."""

    name: str
    """Device name, or the address where no packet tells the name."""
    mac: str | None
    addresses: tuple[str, ...]
    flows: list[Flow] = field(default_factory=list)
    """In the order of their first packets."""
    files: list[Asked] = field(default_factory=list)
    """Every file that the phone asked for, in order."""
    lookups: list[Resolved] = field(default_factory=list)
    """Every name that the phone asked for, in order."""
    attempts: list[Flow] = field(default_factory=list)
    """The connections to CAPF that the phone began."""
    trust_lists: list[LoadedTrustList] = field(default_factory=list)
    """Trust lists that arrived whole, in the order of their arrival."""
    unread: list[Asked] = field(default_factory=list)
    """Trust lists that arrived, or may have arrived, and that the captures do not hold whole."""
    configurations: list[LoadedConfiguration] = field(default_factory=list)
    """Configurations that arrived whole, in the order of their arrival."""
    shared_with: str | None = None
    """Name of what stands for connections to CAPF that may be its own or another phone's."""
    stands_for: tuple[str, ...] = ()
    """Names of the phones behind one address, of which nobody knows whose each connection is.

    It is no phone itself: it goes by that address and has those connections.
    """
    _capf: dict[str, CapfSession | None] = field(default_factory=dict)

    @property
    def is_named(self) -> bool:
        """Whether any packet tells its device name."""
        return not self.stands_for and self.name not in self.addresses

    @property
    def is_several(self) -> bool:
        """Whether it is no phone, but what several phones behind one address have done."""
        return bool(self.stands_for)

    @property
    def may_have_called(self) -> bool:
        """Whether connections to CAPF may be its own of which nobody knows whose they are."""
        return self.shared_with is not None

    @property
    def configuration(self) -> PhoneConfiguration | None:
        """The readable configuration that the phone loaded last."""
        for item in reversed(self.configurations):
            if item.configuration is not None:
                return item.configuration
        return None

    def trusted_at(self, time: int) -> list[LoadedTrustList]:
        """What the phone trusts at ``time``: the last ITL and the last CTL loaded before it.

        Without a list behind which the phone loaded one that cannot be read.
        """
        latest: dict[FileKind, LoadedTrustList] = {}
        for item in self.trust_lists:
            if item.time <= time:
                latest[item.kind] = item
        for unread in self.unread:
            replaced = latest.get(unread.transfer.kind)
            if replaced is not None and replaced.time < unread.transfer.ended <= time:
                del latest[replaced.kind]
        return list(latest.values())

    def capf_session(self, flow: Flow) -> CapfSession | None:
        """What is known of its session in one of its flows to CAPF, as the best sighting shows it.

        The row of each message is one of ``flow.best``. None where the flow is not TCP.
        """
        if flow.id not in self._capf:
            session, hints = flow.best.conversation.session, self._hints_at(flow.started)
            self._capf[flow.id] = None if session is None else capf_session(session, hints)
        return self._capf[flow.id]

    def _hints_at(self, time: int) -> Hints:
        """What its name and the configuration that it had at ``time`` tell of its authentication.

        Of several phones behind one address nothing is known.
        """
        if self.is_several:
            return NOTHING_KNOWN
        mode = None
        for item in self.configurations:
            if item.time <= time:
                mode = item.configuration.capf_auth_mode if item.configuration else None
        way = _AUTHENTICATION_MODES.get(mode, Authentication.UNKNOWN)
        return Hints(len(self.name) if self.is_named else None, way)

    def connections(self, service: Service) -> Iterator[Flow]:
        """The phone's flows to one service, in order."""
        return (flow for flow in self.flows if flow.service is service)


_AUTHENTICATION_MODES: dict[int | None, Authentication] = {
    1: Authentication.STRING,
    2: Authentication.NULL_STRING,
    3: Authentication.CERTIFICATE,
    4: Authentication.CERTIFICATE,
}
"""``capfAuthMode``; 3 and 4 say which of two certificates to try first."""
_ARRIVED = (TransferState.COMPLETE, TransferState.STALLED)
_LISTS = (FileKind.ITL, FileKind.CTL)
_BY_START = attrgetter("started")
_BY_REQUEST = attrgetter("transfer.started")
_BY_TIME = attrgetter("time")


def settle(phone: Phone) -> None:
    """Sort what a phone did, once all of its flows are known."""
    phone.flows.sort(key=_BY_START)
    in_order = True
    for flow in phone.flows:
        flow.phone = phone.name
        in_order &= _take(phone, flow)
    if not in_order:
        phone.files.sort(key=_BY_REQUEST)
    for item in phone.files:
        loaded = load(item.flow, item.sighting, item.transfer)
        if isinstance(loaded, LoadedTrustList):
            phone.trust_lists.append(loaded)
        elif loaded is not None:
            phone.configurations.append(loaded)
        elif item.transfer.state in _ARRIVED and item.transfer.kind in _LISTS:
            phone.unread.append(item)
    phone.trust_lists.sort(key=_BY_TIME)
    phone.configurations.sort(key=_BY_TIME)


def _take(phone: Phone, flow: Flow) -> bool:
    """Note the files, lookups and attempts of a flow, as the phone heard them.

    Returns whether files are certainly in the order of their requests: where flows are.
    """
    service = flow.service
    if service is Service.TFTP or service is Service.HTTP:
        sighting = as_heard(flow)
        transfers = sighting.conversation.transfers
        for transfer in transfers:
            phone.files.append(Asked(flow, sighting, transfer))
        if len(transfers) != 1 or len(flow.sightings) > 1:
            return False
        return transfers[0].first_row == sighting.conversation.view.start
    if service is Service.DNS:
        sighting = as_heard(flow)
        for lookup in sighting.conversation.lookups:
            phone.lookups.append(Resolved(flow, sighting, lookup))
    elif service is Service.CAPF:
        phone.attempts.append(flow)
    return True
