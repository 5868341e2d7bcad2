"""A session that a phone leaves without a word, and what looks like one at the publisher."""

from __future__ import annotations

import struct
from pathlib import Path

from capfpcap.report import Certainty, Finding, Outcome, Severity
from tests.vantage.records import CAPTURES, SECOND, TCP, Packet, codes, joined, read

CAPF = 3804


def making_its_key() -> list[Packet]:
    """A publisher's capture that ends in key generation."""
    return read(CAPTURES / "capture-ends-in-key-generation" / "publisher.pcap")


def of_capf(packets: list[Packet]) -> list[Packet]:
    return [one for one in packets if one.protocol == TCP and CAPF in one.ports]


def again(packets: list[Packet], seconds: float) -> list[Packet]:
    """The same connection once more, from another port, so many seconds behind its last packet."""
    begin = packets[-1].time - packets[0].time + int(seconds * SECOND)
    return [_from_port(one, 61234).later(begin) for one in packets]


def _from_port(packet: Packet, port: int) -> Packet:
    client_at = 36 if packet.ports[0] == CAPF else 34
    return packet.patched(client_at, struct.pack(">H", port))


def lost(folder: Path, packets: list[Packet]) -> Finding:
    report = joined(folder, packets).report
    (only,) = [item for item in report.findings if item.code == "connection-lost"]
    return only


def test_a_phone_that_connects_again_has_left_its_session(tmp_path: Path) -> None:
    packets = making_its_key()
    session = of_capf(packets)
    report = joined(tmp_path, [*packets, *again(session, 30)]).report
    (phone,) = report.phones
    assert phone.outcome is Outcome.FAILED
    (only,) = report.findings
    assert (only.code, only.severity) == ("connection-lost", Severity.CRITICAL)
    assert only.certainty is Certainty.LIKELY
    assert [item.frame for item in only.evidence] == [len(packets), len(packets) + 1]


def test_a_later_session_that_succeeds_overcomes_it(tmp_path: Path) -> None:
    packets = read(CAPTURES / "success-by-address" / "publisher.pcap")
    session = of_capf(packets)
    before_the_key = 16
    begun = [_from_port(one, 61234).later(-40 * SECOND) for one in session[:before_the_key]]
    files = [one.later(-60 * SECOND) for one in packets if one not in session]
    analysis = joined(tmp_path, [*files, *begun, *session])
    (phone,) = analysis.report.phones
    assert phone.outcome is Outcome.RECOVERED
    assert all(item.resolved for item in analysis.report.findings if item.code == "connection-lost")
    assert "connection-lost" in codes(analysis)


def test_two_sessions_that_both_go_on_are_two_phones_behind_a_nat(tmp_path: Path) -> None:
    packets = read(CAPTURES / "slow-key-generation" / "publisher.pcap")
    session = of_capf(packets)
    begin = int(10 * SECOND)
    beside = [_from_port(one, 61234).later(begin) for one in session]
    assert codes(joined(tmp_path, [*packets, *beside])) == {"capf-session-complete"}


def test_a_client_without_a_name_may_be_another_phone(tmp_path: Path) -> None:
    session = of_capf(making_its_key())
    only = lost(tmp_path, [*session, *again(session, 30)])
    assert (only.severity, only.certainty) == (Severity.WARNING, Certainty.POSSIBLE)
    assert "another one behind its address" in only.detail


def test_a_connection_without_a_word_replaces_no_session(tmp_path: Path) -> None:
    packets = making_its_key()
    probe = [one for one in again(of_capf(packets), 30) if not one.payload]
    assert "connection-lost" not in codes(joined(tmp_path, [*packets, *probe]))


def test_a_session_of_its_own_before_the_key_is_due_is_none(tmp_path: Path) -> None:
    packets = making_its_key()
    beside = again(of_capf(packets), 1)
    assert "connection-lost" not in codes(joined(tmp_path, [*packets, *beside]))
