"""The ports whose packets matter for an enrolment."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from capfpcap.services import CAPF_PORT, DNS_PORT, TFTP_PORT, Service

DNS, TFTP, CAPF = DNS_PORT, TFTP_PORT, CAPF_PORT
SIP = 5060
"""In the clear; of it nothing is read but the alarms of phones, whatever a selection says."""
_CAPF = frozenset({CAPF})
_TCP = frozenset(one.facts.tcp for one in Service if one.facts.tcp is not None) - _CAPF
_UDP = frozenset(one.facts.udp for one in Service if one.facts.udp is not None)


class PortSelection(Struct, frozen=True):
    """Which transport ports are read; each matches as source or as destination.

    ``capf`` grows when a phone's configuration names another CAPF port (``phonePort``).
    """

    capf: frozenset[int] = _CAPF
    tcp: frozenset[int] = _TCP
    other: frozenset[int] = frozenset()
    """TCP ports of protocols that dissectors of other distributions read."""
    udp: frozenset[int] = _UDP

    @property
    def all_tcp(self) -> frozenset[int]:
        """Every TCP port that is read."""
        return self.tcp | self.capf | self.other

    def with_capf(self, ports: frozenset[int]) -> PortSelection:
        """The same with more CAPF ports; those of other services stay theirs."""
        return replace(self, capf=self.capf | (ports - self.tcp))
