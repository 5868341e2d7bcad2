"""Clients that ask more often than any phone, or than all phones behind one address.

Each file that is asked for and each connection is known for as long as its phone is judged. What an
address does behind the last of them that is looked at is left out, and said.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.columns import IpProtocol, PacketColumns
from capfpcap.capture.keys import address_of
from capfpcap.capture.ports import TFTP
from capfpcap.flows.orientation import Orientation
from capfpcap.flows.service import BY_RANK
from capfpcap.services import Service

MOST_ASKED = 1 << 15
"""Files by TFTP and TCP connections of one address: a phone that fails once a minute asks for as
many in a day, and so do a thousand phones behind an address that start."""

_TFTP = BY_RANK.index(Service.TFTP)
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class Busy(Struct, frozen=True):
    """A client of which not all is looked at."""

    address: int
    until: int
    """Time of the last beginning that is looked at, nanoseconds since 1970 UTC."""


def busy_clients(
    columns: PacketColumns, orientation: Orientation, starts: Rows
) -> tuple[Mask, tuple[Busy, ...]] | None:
    """Which rows are to be left out, and of whom; None where no client asks so often.

    ``columns`` and ``orientation`` are sorted by flow, ``starts`` says where each flow begins. What
    began before is looked at to its end.
    """
    tcp = columns.protocol == IpProtocol.TCP
    begins = orientation.to_server & ~tcp & (columns.destination_port == TFTP)
    begins[starts[tcp[starts]]] = True
    rows = np.flatnonzero(begins)
    if len(rows) <= MOST_ASKED:
        return None
    clients, counts = np.unique(address_of(orientation.client[rows]), return_counts=True)
    begins[starts] = True
    begun = columns.time[np.maximum.accumulate(np.where(begins, np.arange(len(columns)), 0))]
    counted = tcp | (orientation.rank == _TFTP)
    out = np.zeros(len(columns), np.bool_)
    busy = []
    for client in clients[counts > MOST_ASKED].tolist():
        theirs = rows[address_of(orientation.client[rows]) == client]
        until = int(np.partition(columns.time[theirs], MOST_ASKED - 1)[MOST_ASKED - 1])
        busy.append(Busy(client, until))
        out |= counted & (begun > until) & (address_of(orientation.client) == client)
    return (out, tuple(busy)) if out.any() else None
