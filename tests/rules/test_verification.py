"""A refusal by TVS told by its size, and what is none."""

from __future__ import annotations

import struct
from pathlib import Path

from capfpcap.report import Outcome, Severity
from capfpcap.vantage.role import Role
from tests.vantage.records import CAPTURES, SECOND, TCP, Packet, codes, joined, read

TVS, CAPF = 2445, 3804
APPLICATION_DATA = 23
REFUSAL_IN_GCM = 8 + 14 + 16
"""Explicit nonce, answer, tag."""


def refused() -> list[Packet]:
    return read(CAPTURES / "tvs-says-no" / "phone.pcap")


def answer_of(packets: list[Packet]) -> int:
    """Where TVS answers the phone's question."""
    (at,) = [
        number
        for number, one in enumerate(packets)
        if one.protocol == TCP and one.ports[0] == TVS and one.payload[:1] == b"\x17"
    ]
    return at


def resized(packets: list[Packet], octets: int) -> list[Packet]:
    """With another number of octets in the answer, and nothing of the session behind it."""
    at = answer_of(packets)
    answer = packets[at]
    record = struct.pack(">BHH", APPLICATION_DATA, 0x0303, octets) + bytes(octets)
    behind = [one for one in packets[at + 1 :] if one.protocol != TCP or TVS not in one.ports]
    return [*packets[:at], answer.with_payload(record), *behind]


def test_a_refusal_is_why_the_phone_does_not_enrol(tmp_path: Path) -> None:
    packets = refused()
    report = joined(tmp_path, packets).report
    (only,), (phone,) = report.findings, report.phones
    assert (only.code, only.severity) == ("tvs-not-trusted", Severity.CRITICAL)
    assert answer_of(packets) + 1 in [item.frame for item in only.evidence]
    assert phone.outcome is Outcome.FAILED
    assert phone.status_message == "Operation Pending"


def test_a_bare_refusal_has_fourteen_octets(tmp_path: Path) -> None:
    assert codes(joined(tmp_path, resized(refused(), REFUSAL_IN_GCM))) == {"tvs-not-trusted"}


def test_a_refusal_at_the_end_of_a_capture_is_told_and_decides_nothing(tmp_path: Path) -> None:
    packets = refused()
    report = joined(tmp_path, packets[: answer_of(packets) + 1]).report
    (only,), (phone,) = report.findings, report.phones
    assert (only.code, only.severity) == ("tvs-not-trusted", Severity.INFO)
    assert phone.outcome is Outcome.UNKNOWN


def test_a_refusal_in_two_records_is_one(tmp_path: Path) -> None:
    packets, header = refused(), 10
    at = answer_of(packets)
    parts = [
        struct.pack(">BHH", APPLICATION_DATA, 0x0303, 24 + octets) + bytes(24 + octets)
        for octets in (header, 14 - header)
    ]
    told = resized(packets, REFUSAL_IN_GCM)
    told[at] = told[at].with_payload(b"".join(parts))
    assert codes(joined(tmp_path, told)) == {"tvs-not-trusted"}


def test_an_answer_with_roles_is_no_refusal(tmp_path: Path) -> None:
    with_one_role = REFUSAL_IN_GCM + 11
    assert codes(joined(tmp_path, resized(refused(), with_one_role))) == {"capf-not-attempted"}


def test_a_phone_that_enrols_asked_about_something_else(tmp_path: Path) -> None:
    asked = [one for one in refused() if one.protocol == TCP and TVS in one.ports]
    enrolled = read(CAPTURES / "success-by-address" / "phone.pcap")
    own = next(one.source for one in enrolled if one.protocol == TCP and one.ports[1] == CAPF)
    begin = enrolled[0].time - SECOND - asked[0].time
    moved = [one.patched(30 if one.ports[0] == TVS else 26, own).later(begin) for one in asked]
    assert codes(joined(tmp_path, [*moved, *enrolled])) == {"capf-session-complete"}


def test_beside_a_subscriber_a_refusal_alone_is_no_failure(tmp_path: Path) -> None:
    asked = [one for one in refused() if one.protocol == TCP and TVS in one.ports]
    seen = [*asked, asked[-1].later(60 * SECOND)]
    report = joined(tmp_path, seen, roles=(Role.SUBSCRIBER,)).report
    assert [(item.code, item.severity) for item in report.findings] == [
        ("tvs-not-trusted", Severity.INFO)
    ]


def test_a_refusal_explains_why_the_phone_refuses_capf(tmp_path: Path) -> None:
    asked = [one for one in refused() if one.protocol == TCP and TVS in one.ports]
    rejected = read(CAPTURES / "itl-mismatch" / "phone.pcap")
    session = [one for one in rejected if one.protocol == TCP and CAPF in one.ports]
    own = session[0].source
    begin = session[0].time - SECOND - asked[0].time
    moved = [one.patched(30 if one.ports[0] == TVS else 26, own).later(begin) for one in asked]
    report = joined(tmp_path, [*moved, *session]).report
    assert report.phones[0].root_cause == "tvs-not-trusted"
    (symptom,) = [item for item in report.findings if item.code == "tls-certificate-rejected"]
    assert symptom.caused_by == "tvs-not-trusted"
