"""The services of an enrolment, and which TCP or UDP port leads to which."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt

from capfpcap.capture import ports as port
from capfpcap.capture.ports import PortSelection


class Service(Enum):
    """A service that a phone uses on its way to a certificate; the value is its report name."""

    CAPF = "capf"
    TVS = "tvs"
    HTTP = "http"
    SIP_TLS = "sip-tls"
    SCCP_TLS = "sccp-tls"
    DNS = "dns"
    TFTP = "tftp"
    OTHER = "other"
    """A protocol that a dissector of another distribution reads."""

    __hash__ = object.__hash__
    """By identity: the hash that enumerations have is written in Python, and flows ask often."""


BY_RANK = tuple(Service)
"""Services by precedence: where both ports of a packet are some service's, the earlier wins."""

_TCP_PORTS = {
    Service.TVS: port.TVS,
    Service.HTTP: port.HTTP_CONFIGURATION,
    Service.SIP_TLS: port.SIP_TLS,
    Service.SCCP_TLS: port.SCCP_TLS,
    Service.DNS: port.DNS,
}

NO_SERVICE = 255
"""Rank of a port that no service uses."""


def tcp_ranks(ports: PortSelection) -> npt.NDArray[np.uint8]:
    """For each TCP port the index into :data:`BY_RANK`, or :data:`NO_SERVICE`."""
    ranks = np.full(65536, NO_SERVICE, np.uint8)
    ranks[list(ports.other)] = BY_RANK.index(Service.OTHER)
    for service, number in _TCP_PORTS.items():
        ranks[number] = BY_RANK.index(service)
    ranks[list(ports.capf)] = BY_RANK.index(Service.CAPF)
    return ranks
