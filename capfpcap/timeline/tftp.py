"""TFTP transfers of one client port, followed across the server's change of port.

Rows belong together by the client's address and port: the server answers a request from a port of
its own choice (RFC 1350, section 4), and a host with several addresses even from another address.
"""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors import tftp

from capfpcap.flows.table import FlowView
from capfpcap.services import Service
from capfpcap.timeline.files import (
    CONTENT_LIMIT,
    TOO_LARGE,
    FileKind,
    FileTransfer,
    TransferState,
    file_kind,
)
from capfpcap.timeline.tftp_error import SERVER_ANSWERED, describe_error, state_after
from capfpcap.timeline.tftp_plain import read_download, read_refusal

_BLOCK_MASK = 0xFFFF
_AHEAD = 0x8000


def read_transfers(view: FlowView, *, one_file: bool = False) -> list[FileTransfer]:
    """Every read request of one client port with what became of it.

    ``one_file`` tells that the view is one of :func:`plain_downloads`.
    """
    plain = read_plain(view, one_file=one_file)
    return walk(view) if plain is None else [plain]


def read_plain(view: FlowView, *, one_file: bool) -> FileTransfer | None:
    """The transfer of a plain conversation; None where its packets are to be walked."""
    if view.stop - view.start == 2:
        return read_refusal(view)
    return read_download(view) if one_file else None


def walk(view: FlowView) -> list[FileTransfer]:
    """Every read request with what became of it, packet by packet."""
    columns, rows = view.table.columns, view.rows
    walker = _Walker(view)
    for packet in zip(
        range(view.start, view.stop),
        view.directions(),
        columns.source[rows].tolist(),
        columns.source_port[rows].tolist(),
        columns.destination[rows].tolist(),
        columns.payload_length[rows].tolist(),
        view.payloads(),
        strict=True,
    ):
        walker.take(*packet)
    return [transfer.finished() for transfer in walker.transfers]


class _Walker:
    """Hands the packets of one client port to the transfer that they belong to."""

    def __init__(self, view: FlowView) -> None:
        self.view = view
        self.transfers: list[_Transfer] = []
        self.current: _Transfer | None = None

    def take(
        self,
        row: int,
        from_client: bool,
        source: int,
        source_port: int,
        destination: int,
        wire_length: int,
        payload: bytes,
    ) -> None:
        packet = tftp.dissect(payload)
        if isinstance(packet, tftp.ReadRequest):
            if from_client:
                self._request(row, destination, packet)
        elif isinstance(packet, tftp.WriteRequest):
            self.current = None
        elif self.current is not None:
            if from_client:
                self.current.from_client(row, packet)
            else:
                whole = len(payload) == wire_length
                self.current.from_server(row, (source, source_port), packet, whole)

    def _request(self, row: int, server: int, request: tftp.ReadRequest) -> None:
        current = self.current
        if current is not None and current.repeats(server, request):
            current.again(row)
            return
        self.current = _Transfer(self.view, row, server, request)
        self.transfers.append(self.current)


class _Transfer:
    """One transfer while its packets come in."""

    def __init__(self, view: FlowView, row: int, server: int, request: tftp.ReadRequest) -> None:
        self.request = request
        self.result = FileTransfer(
            view=view,
            via=Service.TFTP,
            name=request.file_name,
            server=server,
            state=TransferState.NO_ANSWER,
            request_rows=[row],
            first_row=row,
            last_row=row,
        )
        self.keep = file_kind(request.file_name) is not FileKind.OTHER
        self.block_size = tftp.DEFAULT_BLOCK_SIZE
        self.peer: tuple[int, int] | None = None
        self.blocks: dict[int, bytes] = {}
        self.expected = 1
        self.last_block: int | None = None
        self.acknowledged = -1
        self.cut = False

    def repeats(self, server: int, request: tftp.ReadRequest) -> bool:
        """Whether a request asks again for what this transfer has not begun to deliver."""
        return (
            self.result.answer_row is None
            and self.result.server == server
            and self.request.file_name == request.file_name
        )

    def again(self, row: int) -> None:
        self.result.request_rows.append(row)
        self.result.last_row = row

    def from_client(self, row: int, packet: object) -> None:
        result = self.result
        if isinstance(packet, tftp.Acknowledgement):
            result.last_row = row
            block = self._absolute(packet.block)
            if block <= self.acknowledged:
                result.repeated_rows.append(row)
            else:
                result.last_new_row = result.accepted_row = row
            self.acknowledged = max(self.acknowledged, block)
        elif isinstance(packet, tftp.Error) and self._ends_by(packet):
            self._fail(row, "the phone gave up", packet)

    def _ends_by(self, error: tftp.Error) -> bool:
        """Whether an error of the client ends this transfer, not one of another port's."""
        running = self.result.end_row is None and self.last_block is None
        return running and error.code != tftp.ErrorCode.UNKNOWN_TRANSFER_ID

    def from_server(self, row: int, peer: tuple[int, int], packet: object, whole: bool) -> None:
        result = self.result
        if self.peer is None or self._answers_after_all(peer):
            self._begin(row, peer)
        elif peer != self.peer:
            return
        result.last_row = row
        if isinstance(packet, tftp.Data):
            self._data(row, packet, whole)
        elif isinstance(packet, tftp.OptionAcknowledgement):
            self._options(row, packet)
        elif isinstance(packet, tftp.Error) and result.end_row is None:
            self._fail(row, SERVER_ANSWERED, packet)

    def _answers_after_all(self, peer: tuple[int, int]) -> bool:
        """Whether the server that was asked answers, after another address did and was ignored."""
        return self.result.ignored_other_address and peer[0] == self.result.server

    def _begin(self, row: int, peer: tuple[int, int]) -> None:
        """Take the transfer to be with this peer; blocks of another one count no more."""
        result = self.result
        self.peer = peer
        self.blocks, self.expected, self.last_block = {}, 1, None
        result.answer_row, result.end_row, result.error, result.size = row, None, None, 0
        result.state = TransferState.NO_ANSWER
        result.answered_from = None if peer[0] == result.server else peer[0]

    def _options(self, row: int, packet: tftp.OptionAcknowledgement) -> None:
        if self.result.state is not TransferState.NO_ANSWER:
            self.result.repeated_rows.append(row)
            return
        self.block_size = _block_size(packet)
        self.result.state = TransferState.STALLED

    def _fail(self, row: int, who: str, packet: tftp.Error) -> None:
        result = self.result
        result.error = describe_error(who, packet)
        result.state = state_after(packet)
        result.answer_row = row if result.answer_row is None else result.answer_row
        result.end_row = result.last_row = row

    def _data(self, row: int, packet: tftp.Data, whole: bool) -> None:
        result = self.result
        block = self._absolute(packet.block)
        if block in self.blocks:
            result.repeated_rows.append(row)
            return
        result.last_new_row = row
        result.state = TransferState.STALLED if self.last_block is None else result.state
        self.cut = self.cut or not whole
        keep = self.keep and result.size < CONTENT_LIMIT
        self.blocks[block] = packet.data if keep else b""
        result.size += len(packet.data)
        self.expected = max(self.expected, block + 1)
        if whole and len(packet.data) < self.block_size:
            self.last_block = block
            result.end_row = row
            result.state = TransferState.COMPLETE

    def _absolute(self, block: int) -> int:
        """The block's number counted on past 65535; after it comes 0, or with some servers 1."""
        distance = (block - self.expected) & _BLOCK_MASK
        if distance >= _AHEAD:
            distance -= _BLOCK_MASK + 1
        return self.expected + distance

    def finished(self) -> FileTransfer:
        """The transfer as far as it went."""
        result = self.result
        if result.state is not TransferState.COMPLETE or self.last_block is None:
            return result
        if result.ignored_other_address:
            result.state, result.end_row = TransferState.STALLED, None
            return result
        missing = next(self._missing(), None)
        if missing is not None:
            result.incomplete_reason = f"block {missing} is not in the capture"
            result.lacks_packets = True
        elif self.cut:
            result.incomplete_reason = "the snap length of the capture cut its blocks"
        elif result.size > CONTENT_LIMIT:
            result.incomplete_reason = TOO_LARGE
        elif self.keep:
            result.content = b"".join([data for _, data in sorted(self.blocks.items())])
        if self.acknowledged < self.last_block and _gave_up(result):
            result.state = TransferState.STALLED
        return result

    def _missing(self) -> Iterator[int]:
        """Blocks that should have come and are not there; 0 after a wrap need not come."""
        assert self.last_block is not None
        for block in range(1, self.last_block + 1):
            if block not in self.blocks and block & _BLOCK_MASK:
                yield block


def _gave_up(transfer: FileTransfer) -> bool:
    """Whether the server repeated the last block more than once without an acknowledgement."""
    assert transfer.end_row is not None
    return sum(row > transfer.end_row for row in transfer.repeated_rows) > 1


def _block_size(packet: tftp.OptionAcknowledgement) -> int:
    """The negotiated block size in octets (RFC 2348: 8 to 65464)."""
    for name, value in packet.options:
        if name == "blksize" and value.isascii() and value.isdigit() and len(value) < 6:
            return max(8, min(int(value), 65464))
    return tftp.DEFAULT_BLOCK_SIZE
