"""What became of the files that a phone asked for by TFTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows.table import FlowView, build_flows
from capfpcap.services import Service
from capfpcap.timeline.files import CONTENT_LIMIT, FileTransfer, TransferState
from capfpcap.timeline.tftp import read_plain, read_transfers, walk
from capfpcap.timeline.tftp_plain import plain_downloads
from tests.timeline.tftp_packets import (
    BLOCK,
    TID,
    ack,
    data,
    download,
    error,
    exchange,
    from_phone,
    from_server,
    oack,
    request,
)
from tests.timeline.wire import Datagram, flow

NAME = "SEP001122334455.cnf.xml"
CONTENT = bytes(range(256)) * 5
SHIPPED = sorted(Path(__file__).parents[2].glob("captures/*/*.pcap"))


def transfers_of(*packets: Datagram) -> list[FileTransfer]:
    view = flow(*packets)
    one_file = view.start in plain_downloads(view.table, [view])
    return read_transfers(view, one_file=one_file)


def transfer_of(*packets: Datagram) -> FileTransfer:
    (transfer,) = transfers_of(*packets)
    return transfer


def facts(transfer: FileTransfer) -> list[object]:
    return [getattr(transfer, field.name) for field in fields(transfer)]


def plainly(view: FlowView) -> FileTransfer | None:
    """The transfer as plain reading tells it, if it does."""
    one_file = view.start in plain_downloads(view.table, [view])
    return read_plain(view, one_file=one_file)


def same_both_ways(view: FlowView) -> bool:
    """Whether plain reading leaves the flow alone or says what walking it says."""
    plain = plainly(view)
    return plain is None or [facts(plain)] == [facts(one) for one in walk(view)]


def test_a_file_whose_blocks_are_acknowledged_one_by_one_is_complete() -> None:
    transfer = transfer_of(*download(NAME, CONTENT))
    assert (transfer.state, transfer.content, transfer.size) == (
        TransferState.COMPLETE,
        CONTENT,
        len(CONTENT),
    )
    assert (transfer.answer_row, transfer.end_row, transfer.last_row) == (1, 5, 6)


@pytest.mark.parametrize("length", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_plain_downloads_of_any_length_are_read_plainly(length: int) -> None:
    view = flow(*download(NAME, bytes(length)))
    plain = plainly(view)
    assert plain is not None
    assert plain.content == bytes(length)
    assert same_both_ways(view)


def test_refusals_are_read_plainly() -> None:
    view = flow(request(NAME), from_server(error(1, "File not found")))
    plain = plainly(view)
    assert plain is not None
    assert plain.state is TransferState.NOT_FOUND
    assert plain.error == "the server answered error 1 (file not found): File not found"
    assert same_both_ways(view)


@pytest.mark.parametrize("capture", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_both_ways_of_reading_agree_on_shipped_captures(capture: Path) -> None:
    ports = PortSelection()
    views = build_flows(read_capture((str(capture),), ports, AddressTable()), ports).views
    assert all(same_both_ways(view) for view in views if view.service is Service.TFTP)


def test_shipped_captures_have_conversations_of_both_kinds() -> None:
    read = {True: 0, False: 0}
    for capture in SHIPPED[:40]:
        ports = PortSelection()
        views = build_flows(read_capture((str(capture),), ports, AddressTable()), ports).views
        for view in views:
            if view.service is Service.TFTP:
                read[len(view.payloads()) > 2] += plainly(view) is not None
    assert all(read.values()), read


CONVERSATIONS = st.sampled_from(
    [
        download(NAME, CONTENT),
        download("ringlist.xml", bytes(BLOCK)),
        [request(NAME), from_server(error(1, "File not found"))],
        [request(NAME), from_server(error(0, "no such file"))],
        [request(NAME, "tsize", "0"), from_server(error(8, "no options"))],
        [request(NAME, "blksize", "100"), oack("blksize", "100"), ack(0), *exchange(CONTENT, 100)],
    ]
)


def drop(packets: list[Datagram], at: int, _: int) -> list[Datagram]:
    return packets[:at] + packets[at + 1 :]


def repeat(packets: list[Datagram], at: int, _: int) -> list[Datagram]:
    return [*packets[: at + 1], *packets[at:]]


def late(packets: list[Datagram], at: int, _: int) -> list[Datagram]:
    return [*packets[:at], *packets[at + 1 :], packets[at]]


def change(packets: list[Datagram], at: int, number: int) -> list[Datagram]:
    payload = bytearray(packets[at].payload)
    payload[number % 8 % len(payload)] = number >> 3 & 0xFF
    return [*packets[:at], replace(packets[at], payload=bytes(payload)), *packets[at + 1 :]]


def cut(packets: list[Datagram], at: int, number: int) -> list[Datagram]:
    kept = number % (len(packets[at].payload) + 1)
    return [*packets[:at], replace(packets[at], captured=kept), *packets[at + 1 :]]


def shorten(packets: list[Datagram], at: int, number: int) -> list[Datagram]:
    kept = packets[at].payload[: number % 600 or 1]
    return [*packets[:at], replace(packets[at], payload=kept), *packets[at + 1 :]]


def other_port(packets: list[Datagram], at: int, number: int) -> list[Datagram]:
    packet = packets[at]
    if packet.destination_port == 50000:
        packet = replace(packet, source_port=number % 3 + TID)
    return [*packets[:at], packet, *packets[at + 1 :]]


Change = Callable[[list[Datagram], int, int], list[Datagram]]
CHANGES = st.tuples(
    st.sampled_from([drop, repeat, late, change, cut, shorten, other_port]),
    st.integers(0, 100),
    st.integers(0, 2047),
)


@given(CONVERSATIONS, st.lists(CHANGES, max_size=3))
def test_both_ways_of_reading_agree_on_disturbed_conversations(
    packets: list[Datagram], changes: list[tuple[Change, int, int]]
) -> None:
    opening, rest = packets[0], packets[1:]
    for disturb, at, number in changes:
        if rest:
            rest = disturb(rest, at % len(rest), number)
    assert same_both_ways(flow(opening, *rest))


@given(st.binary(max_size=24))
def test_both_ways_of_reading_agree_on_any_request(octets: bytes) -> None:
    strange = replace(request(NAME), payload=octets)
    assert same_both_ways(flow(strange, from_server(error(1, "File not found"))))
    assert same_both_ways(flow(strange, *exchange(CONTENT)))


@pytest.mark.parametrize("first", [0, 1])
def test_block_numbers_go_on_from_zero_or_one_after_65535(first: int) -> None:
    content = bytes(8 * 65540 + 3)
    packets = [request(NAME, "blksize", "8"), oack("blksize", "8"), ack(0)]
    for number in range(1, 65542):
        sent = number if number < 65536 else number + first
        packets.append(data(sent, content[8 * (number - 1) : 8 * number]))
    transfer = transfer_of(*packets, ack(65541 + first))
    assert transfer.state is TransferState.COMPLETE
    assert transfer.content == content
    assert not transfer.repeated_rows


def test_a_block_that_the_capture_lacks_is_named() -> None:
    packets = download(NAME, CONTENT)
    del packets[3]
    transfer = transfer_of(*packets)
    assert transfer.state is TransferState.COMPLETE
    assert transfer.content is None
    assert transfer.incomplete_reason == "block 2 is not in the capture"


def test_a_block_cut_by_the_snap_length_costs_the_content_not_the_end() -> None:
    packets = download(NAME, CONTENT)
    packets[1] = replace(packets[1], captured=100)
    transfer = transfer_of(*packets)
    assert transfer.state is TransferState.COMPLETE
    assert transfer.content is None
    assert transfer.incomplete_reason == "the snap length of the capture cut its blocks"


def test_what_is_sent_again_is_noted_and_read_once() -> None:
    asked, one, heard, *rest = download(NAME, CONTENT)
    transfer = transfer_of(asked, one, heard, one, heard, *rest)
    assert transfer.content == CONTENT
    assert transfer.repeated_rows == [3, 4]


def test_a_request_that_is_repeated_is_one_transfer() -> None:
    transfer = transfer_of(request(NAME), request(NAME), request(NAME))
    assert (transfer.state, transfer.request_rows) == (TransferState.NO_ANSWER, [0, 1, 2])


def test_a_request_to_another_server_or_for_another_file_is_another_transfer() -> None:
    asked = transfers_of(request(NAME), request(NAME, server="10.9.8.8"), request("b.cnf.xml"))
    assert [transfer.name for transfer in asked] == [NAME, NAME, "b.cnf.xml"]
    assert asked[0].server + 1 == asked[1].server


def test_the_same_file_asked_for_after_an_answer_is_another_transfer() -> None:
    packets = download(NAME, CONTENT)
    assert [one.content for one in transfers_of(*packets, *packets)] == [CONTENT, CONTENT]


def test_the_block_size_that_the_server_accepts_counts() -> None:
    asked = request(NAME, "blksize", "1400", "tsize", "0")
    accepted = [oack("blksize", "1000"), ack(0)]
    assert transfer_of(asked, *accepted, *exchange(CONTENT, 1000)).content == CONTENT
    assert transfer_of(asked, *exchange(CONTENT)).content == CONTENT


def test_options_without_data_are_a_beginning_without_an_end() -> None:
    transfer = transfer_of(request(NAME, "tsize", "0"), oack("tsize", "1280"))
    assert (transfer.state, transfer.answer_row) == (TransferState.STALLED, 1)


@pytest.mark.parametrize("mode", ["netascii", "OCTET", "mail"])
def test_the_mode_does_not_change_the_content(mode: str) -> None:
    view = flow(request(NAME, mode=mode), *exchange(b"a\r\0b\r\n"))
    assert read_transfers(view)[0].content == b"a\r\0b\r\n"
    assert same_both_ways(view)


def test_an_error_from_the_phone_ends_the_transfer() -> None:
    asked, *rest = download(NAME, CONTENT)
    transfer = transfer_of(asked, *rest[:2], from_phone(error(3, "Disk full")))
    assert transfer.state is TransferState.FAILED
    assert transfer.error == "the phone gave up error 3 (disk full): Disk full"
    assert (transfer.end_row, transfer.content) == (3, None)


def test_an_error_after_the_last_block_takes_nothing_back() -> None:
    transfer = transfer_of(*download(NAME, CONTENT)[:-1], from_phone(error(0, "enough")))
    assert transfer.state is TransferState.COMPLETE


def test_the_server_that_answers_first_is_the_one_that_is_heard() -> None:
    asked, *rest = download(NAME, CONTENT)
    second = replace(from_server(error(1, "File not found")), source="10.9.8.8")
    refused = from_phone(error(5, "Unknown transfer ID"))
    transfer = transfer_of(asked, rest[0], second, refused, *rest[1:])
    assert (transfer.state, transfer.content) == (TransferState.COMPLETE, CONTENT)


def test_the_server_that_was_asked_counts_where_another_address_was_ignored() -> None:
    asked, *rest = download(NAME, CONTENT)
    other = replace(from_server(error(1, "File not found")), source="10.9.8.8")
    transfer = transfer_of(asked, other, *rest)
    assert (transfer.state, transfer.content) == (TransferState.COMPLETE, CONTENT)
    assert transfer.answered_from is None


def test_an_answer_from_another_address_is_noted() -> None:
    view = flow(request(NAME), replace(from_server(error(1, "File not found")), source="10.9.8.8"))
    (transfer,) = read_transfers(view)
    assert transfer.ignored_other_address
    assert same_both_ways(view)


def test_a_file_from_another_address_that_the_phone_acknowledges_has_arrived() -> None:
    asked, *rest = download(NAME, CONTENT)
    moved = [
        replace(packet, source="10.9.8.8")
        if packet.source == asked.destination
        else replace(packet, destination="10.9.8.8")
        for packet in rest
    ]
    transfer = transfer_of(asked, *moved)
    assert (transfer.state, transfer.content) == (TransferState.COMPLETE, CONTENT)
    assert transfer.answered_from is not None
    assert not transfer.ignored_other_address


def test_a_block_from_another_address_that_nobody_acknowledges_has_not_arrived() -> None:
    asked, first, *_ = download(NAME, b"short")
    transfer = transfer_of(asked, replace(first, source="10.9.8.8"))
    assert (transfer.state, transfer.content) == (TransferState.STALLED, None)
    assert transfer.ignored_other_address


@pytest.mark.parametrize(
    ("code", "text", "state"),
    [
        (1, "", TransferState.NOT_FOUND),
        (0, "File Not Found", TransferState.NOT_FOUND),
        (0, "No such file or directory", TransferState.NOT_FOUND),
        (0, "busy", TransferState.FAILED),
        (2, "not found", TransferState.FAILED),
        (99, "", TransferState.FAILED),
    ],
)
def test_not_found_is_told_from_other_failures(code: int, text: str, state: TransferState) -> None:
    view = flow(request(NAME), from_server(error(code, text)))
    assert read_transfers(view)[0].state is state
    assert same_both_ways(view)


def test_a_last_block_repeated_without_acknowledgement_has_not_arrived() -> None:
    packets = download(NAME, b"short")
    assert transfer_of(packets[0], *[packets[1]] * 3).state is TransferState.STALLED
    assert transfer_of(packets[0], *[packets[1]] * 2).state is TransferState.COMPLETE


def test_a_transfer_whose_end_is_missing_is_stalled() -> None:
    transfer = transfer_of(*download(NAME, CONTENT)[:-2])
    assert (transfer.state, transfer.end_row) == (TransferState.STALLED, None)
    assert transfer.size == 2 * BLOCK


def test_what_a_phone_writes_is_no_download() -> None:
    writing = replace(request(NAME), payload=request(NAME).payload.replace(b"\0\1", b"\0\2", 1))
    assert transfers_of(writing, from_server(b"\0\4\0\0"), from_phone(b"\0\3\0\1x")) == []


def test_of_other_files_only_the_size_is_kept() -> None:
    transfer = transfer_of(*download("ringlist.xml", CONTENT))
    assert (transfer.content, transfer.size) == (None, len(CONTENT))


def test_content_over_the_limit_is_not_kept() -> None:
    size = 65464
    content = bytes(CONTENT_LIMIT + size)
    packets = [request(NAME, "blksize", str(size)), oack("blksize", str(size)), ack(0)]
    transfer = transfer_of(*packets, *exchange(content, size))
    assert transfer.size == len(content)
    assert transfer.content is None
    assert transfer.incomplete_reason == f"it is larger than {CONTENT_LIMIT} bytes"
