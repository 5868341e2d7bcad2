"""The ports whose packets matter for an enrolment."""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

DNS = 53
TFTP = 69
TVS = 2445
CAPF = 3804
SCCP_TLS = 2443
SIP_TLS = 5061
HTTP_CONFIGURATION = 6970
SIP = 5060
"""In the clear; of it nothing is read but the alarms of phones, whatever a selection says."""


class PortSelection(Struct, frozen=True):
    """Which transport ports are read; each matches as source or as destination.

    ``capf`` grows when a phone's configuration names another CAPF port (``phonePort``).
    """

    capf: frozenset[int] = frozenset({CAPF})
    tcp: frozenset[int] = field(
        default=frozenset({DNS, TVS, SCCP_TLS, SIP_TLS, HTTP_CONFIGURATION})
    )
    other: frozenset[int] = frozenset()
    """TCP ports of protocols that dissectors of other distributions read."""
    udp: frozenset[int] = field(default=frozenset({DNS, TFTP}))

    @property
    def all_tcp(self) -> frozenset[int]:
        """Every TCP port that is read."""
        return self.tcp | self.capf | self.other

    def with_capf(self, ports: frozenset[int]) -> PortSelection:
        """The same with more CAPF ports; those of other services stay theirs."""
        return replace(self, capf=self.capf | (ports - self.tcp))
