"""What became of the files that a phone asked for by HTTP on port 6970."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest
from capf_dissectors.http.encoding import MAX_CONTENT

from capfpcap.flows.connection import read_connection
from capfpcap.services import Service
from capfpcap.timeline.files import FileKind, FileTransfer, TransferState
from capfpcap.timeline.web import read_downloads
from tests.timeline.wire import Datagram, connection, flow

NAME = "SEP001122334455.cnf.xml"
GET = f"GET /{NAME} HTTP/1.1\r\nHost: pub\r\n\r\n".encode()
BODY = b"<device/>"


def response(status: int, reason: str, body: bytes = b"", length: int | None = None) -> bytes:
    stated = len(body) if length is None else length
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: {stated}\r\n\r\n"
    return head.encode() + body


def downloads_of(*packets: Datagram) -> list[FileTransfer]:
    view = flow(*packets)
    return read_downloads(view, read_connection(view))


def download_of(*turns: tuple[bool, bytes], closed: bool = False) -> FileTransfer:
    (transfer,) = downloads_of(*connection(6970, turns, closed_by_server=closed))
    return transfer


def test_a_file_that_came_whole_is_complete() -> None:
    transfer = download_of((True, GET), (False, response(200, "OK", BODY)))
    assert (transfer.name, transfer.kind) == (NAME, FileKind.CONFIGURATION)
    assert (transfer.via, transfer.state) == (Service.HTTP, TransferState.COMPLETE)
    assert (transfer.content, transfer.size) == (BODY, len(BODY))
    assert (transfer.first_row, transfer.answer_row, transfer.end_row) == (3, 4, 4)


def test_a_file_in_several_segments_ends_with_the_last() -> None:
    whole = response(200, "OK", BODY)
    transfer = download_of(
        (True, GET), (False, whole[:20]), (False, whole[20:-2]), (False, whole[-2:])
    )
    assert (transfer.answer_row, transfer.end_row, transfer.content) == (4, 6, BODY)


@pytest.mark.parametrize(
    ("status", "reason", "state"),
    [
        (404, "Not Found", TransferState.NOT_FOUND),
        (410, "Gone", TransferState.NOT_FOUND),
        (403, "Forbidden", TransferState.FAILED),
        (503, "", TransferState.FAILED),
        (302, "Found", TransferState.FAILED),
    ],
)
def test_refusals_carry_the_servers_words(status: int, reason: str, state: TransferState) -> None:
    transfer = download_of((True, GET), (False, response(status, reason, b"no")))
    assert transfer.state is state
    assert transfer.error == f"HTTP {status} {reason}".strip()
    assert (transfer.content, transfer.end_row) == (None, 4)


def test_without_an_answer_there_is_only_the_request() -> None:
    transfer = download_of((True, GET))
    assert (transfer.state, transfer.answer_row) == (TransferState.NO_ANSWER, None)


def test_a_body_without_its_end_is_stalled() -> None:
    transfer = download_of((True, GET), (False, response(200, "OK", BODY, 5000)))
    assert (transfer.state, transfer.end_row) == (TransferState.STALLED, None)
    assert transfer.content is None


def test_a_segment_that_the_capture_lacks_costs_the_content_not_the_end() -> None:
    whole = response(200, "OK", bytes(3000))
    turns = [(True, GET), *((False, whole[at : at + 1000]) for at in range(0, len(whole), 1000))]
    packets = connection(6970, turns)
    del packets[5]
    (transfer,) = downloads_of(*packets)
    assert (transfer.state, transfer.content) == (TransferState.COMPLETE, None)
    assert transfer.incomplete_reason == "the capture lacks bytes of it"


def test_segments_sent_again_are_noted() -> None:
    packets = connection(6970, [(True, GET), (False, response(200, "OK", BODY))])
    (transfer,) = downloads_of(*packets, packets[-1])
    assert (transfer.repeated_rows, transfer.content) == ([5], BODY)


def test_files_of_one_connection_are_told_apart() -> None:
    second = GET.replace(NAME.encode(), b"ITLFile.tlv")
    turns = [(True, GET), (False, response(404, "Not Found"))]
    turns += [(True, second), (False, response(200, "OK", b"list"))]
    missing, found = downloads_of(*connection(6970, turns))
    assert (missing.name, missing.state) == (NAME, TransferState.NOT_FOUND)
    assert (found.name, found.content) == ("ITLFile.tlv", b"list")


def three_files() -> list[Datagram]:
    """CTLSEP and ITLSEP are missing, ITLFile.tlv is there; a turn is a packet, from index 3 on."""
    turns: list[tuple[bool, bytes]] = []
    for name, answer in (
        (b"CTLSEP001122334455.tlv", response(404, "Not Found")),
        (b"ITLSEP001122334455.tlv", response(404, "Not Found")),
        (b"ITLFile.tlv", response(200, "OK", b"list")),
    ):
        turns += [(True, GET.replace(NAME.encode(), name)), (False, answer)]
    return connection(6970, turns)


def test_an_answer_whose_request_came_before_the_capture_answers_no_later_request() -> None:
    missing, found = downloads_of(*three_files()[4:])
    assert (missing.name, missing.state) == ("ITLSEP001122334455.tlv", TransferState.NOT_FOUND)
    assert (found.name, found.state, found.content) == (
        "ITLFile.tlv",
        TransferState.COMPLETE,
        b"list",
    )


def test_a_request_that_the_capture_lacks_does_not_shift_the_answers() -> None:
    packets = three_files()
    del packets[5]
    first, last = downloads_of(*packets)
    assert (first.name, first.state) == ("CTLSEP001122334455.tlv", TransferState.NOT_FOUND)
    assert (last.name, last.content) == ("ITLFile.tlv", b"list")


def test_an_answer_that_the_capture_lacks_does_not_shift_the_others() -> None:
    packets = three_files()
    del packets[6]
    states = {transfer.name: transfer.state for transfer in downloads_of(*packets)}
    assert states == {
        "CTLSEP001122334455.tlv": TransferState.NOT_FOUND,
        "ITLSEP001122334455.tlv": TransferState.NO_ANSWER,
        "ITLFile.tlv": TransferState.COMPLETE,
    }


def test_a_body_ends_with_the_connection_where_nothing_else_ends_it() -> None:
    unframed = b"HTTP/1.0 200 OK\r\n\r\n" + BODY
    assert download_of((True, GET), (False, unframed), closed=True).content == BODY
    assert download_of((True, GET), (False, unframed)).state is TransferState.STALLED


@pytest.mark.parametrize("request_line", [b"POST /log HTTP/1.1", b"GET / HTTP/1.1"])
def test_requests_for_no_file_are_no_downloads(request_line: bytes) -> None:
    head = request_line + b"\r\nHost: pub\r\nContent-Length: 0\r\n\r\n"
    assert downloads_of(*connection(6970, [(True, head), (False, response(200, "OK"))])) == []


def test_a_server_that_speaks_alone_was_asked_for_nothing() -> None:
    assert downloads_of(*connection(6970, [(False, response(200, "OK", BODY))])) == []


def encoded(coding: str, body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(BODY)),
        ("X-GZIP", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]),
        ("identity", BODY),
    ],
)
def test_a_compressed_file_is_unpacked(coding: str, body: bytes) -> None:
    transfer = download_of((True, GET), (False, encoded(coding, body)))
    assert (transfer.state, transfer.content) == (TransferState.COMPLETE, BODY)
    assert transfer.size == len(BODY)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", b"\x0b\x02\x80<device/>\x03"),
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(BODY)[:-9]),
        ("gzip", gzip.compress(bytes(MAX_CONTENT + 1))),
    ],
)
def test_what_cannot_be_unpacked_is_delivered_and_not_judged(coding: str, body: bytes) -> None:
    transfer = download_of((True, GET), (False, encoded(coding, body)))
    assert (transfer.state, transfer.content) == (TransferState.COMPLETE, None)
    assert transfer.incomplete_reason == f"its encoding {coding} cannot be read"


def test_a_part_of_a_file_is_not_taken_for_the_file() -> None:
    transfer = download_of((True, GET), (False, response(206, "Partial Content", BODY)))
    assert (transfer.state, transfer.content) == (TransferState.COMPLETE, None)
    assert transfer.incomplete_reason == "the phone asked for a part of it only"


@pytest.mark.parametrize(
    ("length", "state"), [(len(BODY), TransferState.COMPLETE), (900, TransferState.STALLED)]
)
@pytest.mark.parametrize("closed", [True, False])
def test_last_bytes_that_a_snap_length_cut_off_came_all_the_same(
    length: int, state: TransferState, closed: bool
) -> None:
    answer = response(200, "OK", BODY, length)
    packets = connection(6970, [(True, GET), (False, answer)], closed_by_server=closed)
    cut = [
        replace(one, captured=len(answer) - 4) if one.payload == answer else one for one in packets
    ]
    (transfer,) = downloads_of(*cut)
    assert (transfer.state, transfer.content) == (state, None)
