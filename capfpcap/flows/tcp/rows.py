"""Packets of a whole capture by what their TCP headers say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import IpProtocol, TcpFlag
from capfpcap.flows.table import FlowTable


def rows_longer_than(table: FlowTable, octets: int) -> npt.NDArray[np.int64]:
    """Rows with more payload than so many bytes."""
    columns = table.columns
    return np.flatnonzero((columns.protocol == IpProtocol.TCP) & (columns.payload_length > octets))


def acknowledging_rows(table: FlowTable) -> npt.NDArray[np.int64]:
    """Rows that acknowledge something."""
    columns = table.columns
    return np.flatnonzero((columns.protocol == IpProtocol.TCP) & (columns.flags & TcpFlag.ACK != 0))
