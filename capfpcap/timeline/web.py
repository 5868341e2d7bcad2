"""Files that a phone loads by HTTP on port 6970."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors import http
from capf_dissectors.http import BodyState, HttpConversation, HttpRequest, HttpResponse
from capf_dissectors.streams import Piece

from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import Stream, assemble
from capfpcap.flows.sides import Side
from capfpcap.flows.table import FlowView
from capfpcap.services import Service
from capfpcap.timeline.files import FileTransfer, TransferState

_NOT_FOUND = frozenset({404, 410})
_UNCHANGED = 304
_FROM_ELSEWHERE = frozenset({300, 301, 302, 303, 307, 308, 407, 511})
"""Redirections, and what proxies and portals ask for (RFC 9110, section 15; RFC 6585)."""
_OK = range(200, 300)
_PARTIAL = 206


def read_downloads(view: FlowView, connection: Connection) -> list[FileTransfer]:
    """Every request for a file on one connection with what became of it."""
    requests = assemble(connection.client.segments)
    responses = assemble(connection.server.segments)
    if not requests.pieces:
        return []
    server_closed = connection.server.fin_row is not None or bool(connection.server.reset_rows)
    said = _with_its_end(responses, connection.server)
    conversation = http.dissect(requests.pieces, said, server_closed)
    in_order = requests.whole and responses.whole and not connection.mid_session
    exchanges = (
        ((exchange.request, exchange.response) for exchange in conversation.exchanges)
        if in_order
        else _paired(conversation, requests, responses)
    )
    transfers = [
        _transfer(view, connection, request, response, requests, responses)
        for request, response in exchanges
        if request is not None
    ]
    return [transfer for transfer in transfers if transfer is not None]


def _with_its_end(stream: Stream, sender: Side) -> list[Piece]:
    """What was captured, and a hole behind it where a snap length cut off the last bytes."""
    if stream.pieces and stream.length < sender.sent:
        return [*stream.pieces, Piece(sender.sent, b"")]
    return stream.pieces


def _paired(
    conversation: HttpConversation, requests: Stream, responses: Stream
) -> Iterator[tuple[HttpRequest | None, HttpResponse | None]]:
    """Requests with their responses where the capture lacks some of either.

    A response answers none that was sent later. Where responses are missing, it answers the last
    request before it: phones do not ask again before they have the answer.
    """
    open_: list[HttpRequest] = []
    asked = [
        (requests.row_completing(item.offset, item.end), item)
        for item in (exchange.request for exchange in conversation.exchanges)
        if item is not None
    ]
    for response in (exchange.response for exchange in conversation.exchanges):
        if response is None:
            continue
        row = responses.row_beginning(response.offset)
        while asked and asked[0][0] < row:
            open_.append(asked.pop(0)[1])
        while len(open_) > 1 and len(responses.pieces) > 1:
            yield open_.pop(0), None
        if open_:
            yield open_.pop(0), response
    for request in [*open_, *(item for _, item in asked)]:
        yield request, None


def _transfer(
    view: FlowView,
    connection: Connection,
    request: HttpRequest,
    response: HttpResponse | None,
    requests: Stream,
    responses: Stream,
) -> FileTransfer | None:
    if request.method != "GET" or not request.file_name:
        return None
    row = requests.row_completing(request.offset, request.end)
    transfer = FileTransfer(
        view=view,
        via=Service.HTTP,
        name=request.file_name,
        server=view.server,
        state=TransferState.NO_ANSWER,
        request_rows=[row],
        first_row=row,
        last_row=row,
    )
    if response is not None:
        _take_response(transfer, response, responses)
        if response.body_state is BodyState.LIMIT and transfer.error is None:
            _take_large_body(transfer, response, connection.server)
        if responses.length < connection.server.sent and _was_cut_short(
            response, connection.server
        ):
            transfer.state = TransferState.STALLED
        transfer.repeated_rows = [
            row for row in connection.server.repeated if row > transfer.first_row
        ]
    return transfer


def _take_response(transfer: FileTransfer, response: HttpResponse, responses: Stream) -> None:
    transfer.answer_row = responses.row_beginning(response.offset)
    transfer.last_row = responses.row_completing(response.offset, response.end)
    transfer.last_new_row = transfer.last_row
    transfer.size = len(response.body)
    transfer.media_type = response.content_type
    if response.status in _NOT_FOUND:
        transfer.state = TransferState.NOT_FOUND
    elif response.status == _UNCHANGED:
        transfer.state = TransferState.COMPLETE
        transfer.end_row = transfer.last_row
        transfer.incomplete_reason = "the phone has it already"
        return
    elif response.status not in _OK:
        transfer.state = TransferState.FAILED
        transfer.diverted = response.status in _FROM_ELSEWHERE
    else:
        _take_body(transfer, response)
        return
    transfer.error = f"HTTP {response.status} {response.reason}".strip()
    if response.location:
        transfer.error += f" (to {response.location})"
    transfer.end_row = transfer.last_row


def _take_body(transfer: FileTransfer, response: HttpResponse) -> None:
    """A good answer's content, as far as it came and the capture holds it."""
    if response.body_state is BodyState.COMPLETE:
        transfer.state = TransferState.COMPLETE
        transfer.end_row = transfer.last_row
        _take_content(transfer, response)
    elif response.body_state is BodyState.GAP:
        transfer.state = TransferState.COMPLETE
        transfer.end_row = transfer.last_row
        transfer.incomplete_reason = "the capture lacks bytes of it"
    else:
        transfer.state = TransferState.STALLED


def _take_large_body(transfer: FileTransfer, response: HttpResponse, server: Side) -> None:
    """Content of which only the beginning was read, while the server may have sent it whole.

    Where the header does not tell its length, it counts as whole.
    """
    length = response.content_length or len(response.body)
    transfer.size = min(length, server.sent - response.body_offset)
    if transfer.size == length:
        transfer.state = TransferState.COMPLETE
        transfer.end_row = transfer.last_row
        transfer.incomplete_reason = "only its beginning was read"
    elif server.last_row is not None:
        transfer.last_row = transfer.last_new_row = server.last_row


def _was_cut_short(response: HttpResponse, server: Side) -> bool:
    """Whether the server sent less of a good answer's content than its header says."""
    if response.status not in _OK or response.content_length is None:
        return False
    return server.sent < response.body_offset + response.content_length


def _take_content(transfer: FileTransfer, response: HttpResponse) -> None:
    """The file in a body that came whole, where the body is the file."""
    if response.status == _PARTIAL:
        transfer.incomplete_reason = "the phone asked for a part of it only"
        return
    transfer.content = http.decode_content(response.body, response.content_encoding)
    if transfer.content is None:
        transfer.incomplete_reason = f"its encoding {response.content_encoding} cannot be read"
    else:
        transfer.size = len(transfer.content)
