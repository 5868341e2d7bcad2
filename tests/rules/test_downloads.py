"""What becomes of files by HTTP where a server, a proxy or a portal does not deliver them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from capfpcap.report import Finding, Outcome, Report
from tests.rules.made import (
    CONFIGURATION,
    LISTS,
    SECOND,
    Timed,
    at,
    by_http,
    by_tftp,
    faults,
    from_port,
    report_on,
)
from tests.timeline.wire import ACK, Datagram, answer, connection

LIST = "ITLFile.tlv"
LOGIN = "http://portal.example/login"


def answered(step: int, name: str, head: str, body: bytes = b"") -> list[Timed]:
    """A question for a file, its answer, and the server closes."""
    turns = [
        (True, f"GET /{name} HTTP/1.1\r\nHost: pub\r\n\r\n".encode()),
        (False, f"HTTP/1.1 {head}\r\n\r\n".encode() + body),
    ]
    return at(step, from_port(connection(6970, turns, closed_by_server=True), 10000 + step))


def own_lists() -> list[Timed]:
    return [
        one for number, name in enumerate(LISTS[:2]) for one in by_http(100 * number, name, 404)
    ]


def cut_short(step: int) -> list[Timed]:
    return answered(step, LIST, "200 OK\r\nContent-Length: 5000", bytes(2000))


def finding(report: Report, code: str) -> Finding:
    (found,) = [item for item in report.findings if item.code == code]
    return found


def test_a_server_that_closes_in_the_midst_of_a_file_did_not_deliver_it(tmp_path: Path) -> None:
    packets = [*own_lists(), *cut_short(SECOND), *cut_short(5 * SECOND)]
    stalled = finding(report_on(tmp_path, packets), "transfer-stalled")
    assert stalled.title == "The transfer of ITLFile.tlv stopped after 2000 bytes"
    assert "then the server closed the connection" in stalled.detail
    assert stalled.evidence[-1].note == "the connection is closed"


def test_a_file_that_tftp_brings_makes_up_for_it(tmp_path: Path) -> None:
    packets = [*own_lists(), *cut_short(SECOND), *by_tftp(2 * SECOND, LIST, bytes(100))]
    report = report_on(tmp_path, [*packets, *by_tftp(6 * SECOND, CONFIGURATION, b"<device/>")])
    assert "transfer-stalled" not in {item.code for item in report.findings}


def test_a_capture_that_ends_with_it_decides_nothing(tmp_path: Path) -> None:
    report = report_on(tmp_path, [*own_lists(), *cut_short(SECOND)])
    assert not faults(report)
    assert report.phones[0].outcome is Outcome.UNKNOWN


def test_a_redirection_is_the_work_of_something_else(tmp_path: Path) -> None:
    head = f"302 Found\r\nLocation: {LOGIN}\r\nContent-Length: 0"
    packets = [*answered(SECOND, LIST, head), *answered(5 * SECOND, LIST, head)]
    failed = finding(report_on(tmp_path, packets), "transfer-failed")
    assert f"HTTP 302 Found (to {LOGIN})" in failed.detail
    assert "something else answers in its place" in failed.detail
    assert "reset nothing there" in failed.remedy


def test_a_file_that_the_phone_has_already_is_no_failure(tmp_path: Path) -> None:
    packets = [*answered(SECOND, LIST, "304 Not Modified"), *by_http(5 * SECOND, "x.xml", 404)]
    assert not faults(report_on(tmp_path, packets))


def unanswered(step: int, name: str) -> list[Timed]:
    """A request for a file that the server acknowledges and does not answer."""
    request = (True, f"GET /{name} HTTP/1.1\r\nHost: pub\r\n\r\n".encode())
    packets = connection(6970, [request])
    last = packets[-1]
    heard = replace(
        answer(last, b""), flags=ACK, sequence=last.acknowledgement, acknowledgement=ends(last)
    )
    return at(step, from_port([*packets, heard], 10000 + step))


def ends(packet: Datagram) -> int:
    return packet.sequence + len(packet.payload)


def test_a_web_server_that_answers_nothing_is_silent(tmp_path: Path) -> None:
    packets = [
        one for number, name in enumerate(LISTS) for one in unanswered(number * SECOND, name)
    ]
    report = report_on(tmp_path, [*packets, *unanswered(6 * SECOND, CONFIGURATION)])
    silent = finding(report, "server-silent")
    assert report.phones[0].root_cause == "server-silent"
    assert "TFTP" in silent.title or "6970" in silent.title
    assert "sent no answer" in silent.detail


def test_a_phone_that_turns_to_tftp_needs_no_web_server(tmp_path: Path) -> None:
    packets = [*unanswered(0, LISTS[0]), *by_tftp(5 * SECOND, LISTS[0])]
    report = report_on(tmp_path, [*packets, *by_tftp(6 * SECOND, "ringlist.xml")])
    assert "server-silent" not in {item.code for item in report.findings}
