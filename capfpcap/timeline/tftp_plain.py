"""The two commonest TFTP conversations, read without walking their packets.

Nearly every conversation is one request without options and either a file whose blocks are
acknowledged one by one, or an error. The former are told apart from all others by a look at all of
a capture's rows at once; both ways of reading give the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from capf_dissectors import tftp
from capf_dissectors.text import decode_text

from capfpcap.flows.table import FlowTable, FlowView, rows_of
from capfpcap.services import Service
from capfpcap.timeline.files import FileKind, FileTransfer, TransferState, file_kind
from capfpcap.timeline.tftp_error import SERVER_ANSWERED, describe_error, state_after

_HEAD = 4
"""Octets of opcode and block number (RFC 1350, section 5)."""
_FULL = tftp.DEFAULT_BLOCK_SIZE + _HEAD
_LONGEST = 2 * 4096
"""Rows of a conversation that is still read here."""
_NAME_AT = 2
_READ_REQUEST = b"\0\1"
_OCTET_MODE = b"\0octet\0"
_REMEMBERED_ERRORS = 1024
_REMEMBERED_LENGTH = 256
"""Octets of an error that is remembered; servers have few texts, and most are short."""


def plain_downloads(table: FlowTable, flows: Sequence[FlowView]) -> frozenset[int]:
    """Where those of some flows begin that are one whole file, block by block."""
    views = [
        view
        for view in flows
        if view.service is Service.TFTP and 3 <= view.stop - view.start < _LONGEST
    ]
    if not views:
        return frozenset()
    starts = np.array([view.start for view in views])
    lengths = np.array([view.stop for view in views]) - starts
    rows = rows_of(views)
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
    octets = table.capture.payloads.heads(columns, rows, _HEAD)
    heads: npt.NDArray[np.int64] = octets.view(">u4").ravel().astype(np.int64)
    heads[columns.captured_length[rows] < _HEAD] = -1
    return heads


def _requested(payload: bytes) -> str | None:
    """The file name of a read request without options; None for anything else."""
    end = payload.find(b"\0", _NAME_AT, _NAME_AT + tftp.MAX_TEXT + 1)
    if payload.startswith(_READ_REQUEST) and end > 0 and payload[end:] == _OCTET_MODE:
        return decode_text(payload[_NAME_AT:end])
    request = tftp.dissect(payload)
    if isinstance(request, tftp.ReadRequest) and not request.options:
        return request.file_name
    return None


def read_download(view: FlowView) -> FileTransfer | None:
    """A whole file of a view among :func:`plain_downloads`; None if its request has options."""
    payloads = view.payloads()
    name = _requested(payloads[0])
    if name is None:
        return None
    content = b"".join([payload[_HEAD:] for payload in payloads[1::2]])
    start, stop = view.start, view.stop
    return FileTransfer(
        view=view,
        via=Service.TFTP,
        name=name,
        server=int(view.table.columns.destination[start]),
        state=TransferState.COMPLETE,
        answered_from=_other_address(view),
        request_rows=[start],
        first_row=start,
        last_row=stop - 1,
        answer_row=start + 1,
        end_row=stop - 2,
        content=content if file_kind(name) is not FileKind.OTHER else None,
        size=len(content),
        last_new_row=stop - 1,
        accepted_row=stop - 1,
    )


def read_refusal(view: FlowView) -> FileTransfer | None:
    """The transfer of a view of two rows, if they are a request and an error from the server."""
    if view.directions() != [True, False]:
        return None
    request, answer = view.payloads()
    name, error = _requested(request), _error(answer)
    if name is None or error is None:
        return None
    state, text = error
    start = view.start
    return FileTransfer(
        view=view,
        via=Service.TFTP,
        name=name,
        server=int(view.table.columns.destination[start]),
        state=state,
        answered_from=_other_address(view),
        request_rows=[start],
        first_row=start,
        last_row=start + 1,
        answer_row=start + 1,
        end_row=start + 1,
        error=text,
    )


def _other_address(view: FlowView) -> int | None:
    """The address code of the first answer's sender, where the request went to another one."""
    columns, request = view.table.columns, view.start
    answered = int(columns.source[request + 1])
    return None if answered == int(columns.destination[request]) else answered


_Error = tuple[TransferState, str]


def _error(payload: bytes) -> _Error | None:
    """What an error packet does to the transfer, and says; None for another packet."""
    return (_read_error if len(payload) > _REMEMBERED_LENGTH else _remembered_error)(payload)


def _read_error(payload: bytes) -> _Error | None:
    packet = tftp.dissect(payload)
    if not isinstance(packet, tftp.Error):
        return None
    return state_after(packet), describe_error(SERVER_ANSWERED, packet)


_remembered_error = lru_cache(_REMEMBERED_ERRORS)(_read_error)
