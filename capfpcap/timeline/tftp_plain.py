"""The two commonest TFTP conversations, told by a look at all of a capture's rows at once.

Nearly every conversation is one request without options and either a file whose blocks are
acknowledged one by one, or an error. Those are told apart from all others with NumPy, and read
without walking their packets; both ways of reading give the same.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from capf_dissectors import tftp
from capfpcap.flows.service import Service
from capfpcap.flows.table import FlowTable, FlowView
from capfpcap.timeline.files import FileKind, FileTransfer, TransferState, file_kind

_HEAD = 4
"""Octets of opcode and block number (RFC 1350, section 5)."""
_FULL = tftp.DEFAULT_BLOCK_SIZE + _HEAD
_LONGEST = 2 * 4096
"""Rows of a conversation that is still read here."""


def plain_downloads(table: FlowTable) -> frozenset[int]:
    """Where the conversations begin that are one whole file, block by block."""
    views = [
        view
        for view in table.views
        if view.service is Service.TFTP and 3 <= view.stop - view.start < _LONGEST
    ]
    if not views:
        return frozenset()
    starts = np.array([view.start for view in views])
    lengths = np.array([view.stop for view in views]) - starts
    rows = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    rows += np.arange(len(rows))
    first = np.repeat(starts, lengths)
    fits = _fits(table, rows, rows - first, np.repeat(lengths, lengths), first)
    plain = np.logical_and.reduceat(fits, np.concatenate(([0], np.cumsum(lengths)[:-1])))
    return frozenset(starts[plain & (lengths % 2 == 1)].tolist())


def _fits(
    table: FlowTable,
    rows: npt.NDArray[np.int64],
    turn: npt.NDArray[np.int64],
    length: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Whether each row is what a plain conversation has at its turn."""
    columns = table.columns
    up = turn % 2 == 0
    octets = columns.payload_length[rows]
    opcode = np.where(up, tftp.Opcode.ACK, tftp.Opcode.DATA)
    expected = (opcode << 16) | ((turn + 1) // 2)
    is_head = (_heads(table, rows) == expected) | (turn == 0)
    last_data = turn == length - 2
    right_length = np.where(last_data, octets < _FULL, octets == _FULL) | up
    same_server = up | (
        (columns.source[rows] == columns.source[first + 1])
        & (columns.source_port[rows] == columns.source_port[first + 1])
    )
    whole = columns.captured_length[rows] == octets
    fits: npt.NDArray[np.bool_] = (
        is_head & right_length & same_server & whole & (table.to_server[rows] == up)
    )
    return fits


def _heads(table: FlowTable, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The first four payload octets of each row as a number; -1 where there are fewer."""
    columns = table.columns
    heads = np.full(len(rows), -1, np.int64)
    chunk_of = columns.chunk[rows]
    long_enough = columns.captured_length[rows] >= _HEAD
    for chunk in np.unique(chunk_of[long_enough]).tolist():
        here = np.flatnonzero(long_enough & (chunk_of == chunk))
        octets = np.frombuffer(table.capture.payloads.chunks[chunk], np.uint8)
        at = columns.payload_at[rows[here]].astype(np.int64)
        value = np.zeros(len(here), np.int64)
        for offset in range(_HEAD):
            value = (value << 8) | octets[at + offset]
        heads[here] = value
    return heads


@lru_cache(65_536)
def _requested(payload: bytes) -> str | None:
    """The file name of a read request without options; None for anything else."""
    request = tftp.dissect(payload)
    if isinstance(request, tftp.ReadRequest) and not request.options:
        return request.file_name
    return None


def read_plain(view: FlowView, payloads: list[bytes]) -> FileTransfer | None:
    """A whole file of a view among :func:`plain_downloads`; None if its request has options."""
    name = _requested(payloads[0])
    if name is None:
        return None
    blocks = [payload[_HEAD:] for payload in payloads[1::2]]
    content = b"".join(blocks)
    start, stop = view.start, view.stop
    return FileTransfer(
        view=view,
        via=Service.TFTP,
        name=name,
        server=int(view.table.columns.destination[start]),
        state=TransferState.COMPLETE,
        request_rows=[start],
        first_row=start,
        last_row=stop - 1,
        answer_row=start + 1,
        end_row=stop - 2,
        content=content if file_kind(name) is not FileKind.OTHER else None,
        size=len(content),
        last_new_row=stop - 1,
    )
