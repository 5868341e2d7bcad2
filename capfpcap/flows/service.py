"""Which TCP port leads to which service."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.ports import PortSelection
from capfpcap.services import Service

BY_RANK = tuple(Service)
"""Services by precedence: where both ports of a packet are some service's, the earlier wins."""

NO_SERVICE = 255
"""Rank of a port that no service uses."""


def tcp_ranks(ports: PortSelection) -> npt.NDArray[np.uint8]:
    """For each TCP port the index into :data:`BY_RANK`, or :data:`NO_SERVICE`."""
    ranks = np.full(65536, NO_SERVICE, np.uint8)
    ranks[list(ports.other)] = BY_RANK.index(Service.OTHER)
    for rank, service in enumerate(BY_RANK):
        if service.facts.tcp is not None and service is not Service.CAPF:
            ranks[service.facts.tcp] = rank
    ranks[list(ports.capf)] = BY_RANK.index(Service.CAPF)
    return ranks
