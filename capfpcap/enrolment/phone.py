"""A phone: everything that one device did, and what it knew at each moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from capf_dissectors.configuration import PhoneConfiguration
from capfpcap.enrolment.loaded import LoadedConfiguration, LoadedTrustList, load
from capfpcap.flows.service import Service
from capfpcap.timeline.files import FileKind, FileTransfer
from capfpcap.timeline.lookup import Lookup
from capfpcap.timeline.session import Session
from capfpcap.vantage.flow import Flow, Sighting


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A file transfer of a phone, with the flow and sighting that show it."""

    flow: Flow
    sighting: Sighting
    transfer: FileTransfer


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """A DNS lookup of a phone, with the flow and sighting that show it."""

    flow: Flow
    sighting: Sighting
    lookup: Lookup


@dataclass(eq=False)
class Phone:
    """One device: a MAC address, a device name, its addresses."""

    name: str
    """Device name, or the address where no packet tells the name."""
    mac: str | None
    addresses: tuple[str, ...]
    flows: list[Flow] = field(default_factory=list)
    """In the order of their first packets."""

    @cached_property
    def files(self) -> list[Asked]:
        """Every file that the phone asked for, in order."""
        asked = [
            Asked(flow, flow.best, transfer)
            for flow in self.flows
            if flow.service in (Service.TFTP, Service.HTTP)
            for transfer in flow.best.conversation.transfers
        ]
        return sorted(asked, key=lambda item: item.transfer.started)

    @cached_property
    def lookups(self) -> list[Resolved]:
        """Every name that the phone asked for, in order."""
        return [
            Resolved(flow, flow.best, lookup)
            for flow in self.flows
            if flow.service is Service.DNS
            for lookup in flow.best.conversation.lookups
        ]

    @cached_property
    def loaded(self) -> list[LoadedTrustList | LoadedConfiguration]:
        """Trust lists and configurations that arrived whole, in the order of their arrival."""
        found = [load(item.flow, item.sighting, item.transfer) for item in self.files]
        return sorted((item for item in found if item is not None), key=lambda item: item.time)

    @cached_property
    def trust_lists(self) -> list[LoadedTrustList]:
        """The trust lists among :attr:`loaded`."""
        return [item for item in self.loaded if isinstance(item, LoadedTrustList)]

    @cached_property
    def configurations(self) -> list[LoadedConfiguration]:
        """The configurations among :attr:`loaded`."""
        return [item for item in self.loaded if isinstance(item, LoadedConfiguration)]

    @property
    def configuration(self) -> PhoneConfiguration | None:
        """The readable configuration that the phone loaded last."""
        for item in reversed(self.configurations):
            if item.configuration is not None:
                return item.configuration
        return None

    def trusted_at(self, time: int) -> list[LoadedTrustList]:
        """What the phone trusts at ``time``: the last ITL and the last CTL loaded before it."""
        latest: dict[FileKind, LoadedTrustList] = {}
        for item in self.trust_lists:
            if item.time <= time:
                latest[item.kind] = item
        return list(latest.values())

    def connections(self, service: Service) -> Iterator[Flow]:
        """The phone's flows to one service, in order."""
        return (flow for flow in self.flows if flow.service is service)

    @cached_property
    def attempts(self) -> list[Flow]:
        """The connections to CAPF that the phone began."""
        return list(self.connections(Service.CAPF))

    def session(self, flow: Flow) -> Session | None:
        """The TLS session of a flow, from the sighting in which the least is missing."""
        return flow.best.conversation.session
