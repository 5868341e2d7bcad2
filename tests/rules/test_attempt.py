"""That no connection to CAPF is seen counts only where one would have been seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Certainty, Finding, Outcome, Severity, VerdictSeverity
from capfpcap.vantage.role import Role
from tests.vantage.records import CAPTURES, SECOND, TCP, UDP, Packet, joined, read

CAPF, DNS = 3804, 53


def files_only(scenario: str) -> list[Packet]:
    """What passes a server that serves the files and is not CAPF's, nor the phones' DNS."""
    packets = read(CAPTURES / scenario / "publisher.pcap")
    left = [
        packet
        for packet in packets
        if not (packet.protocol in (TCP, UDP) and {CAPF, DNS} & set(packet.ports))
    ]
    return [*left, left[0].later(60 * SECOND)]


def finding(folder: Path, packets: list[Packet], role: Role | None = None) -> Finding:
    report = joined(folder, packets, roles=(role,)).report
    (only,) = report.findings
    assert only.code == "capf-not-attempted"
    warned = report.verdict.severity is VerdictSeverity.WARNING
    assert warned == (only.severity is Severity.WARNING)
    return only


def test_a_name_that_no_packet_resolves_may_be_another_servers(tmp_path: Path) -> None:
    only = finding(tmp_path, files_only("success-by-name"))
    assert (only.severity, only.certainty) == (Severity.INFO, Certainty.POSSIBLE)
    assert "A capture at the phone tells" in only.detail


def test_a_subscriber_is_not_where_connections_to_a_name_pass(tmp_path: Path) -> None:
    only = finding(tmp_path, files_only("success-by-name"), Role.SUBSCRIBER)
    assert only.severity is Severity.INFO


def test_beside_the_publisher_a_missing_connection_is_told(tmp_path: Path) -> None:
    only = finding(tmp_path, files_only("success-by-name"), Role.PUBLISHER)
    assert (only.severity, only.certainty) == (Severity.WARNING, Certainty.LIKELY)


def test_beside_the_server_whose_address_is_configured_it_is_told(tmp_path: Path) -> None:
    only = finding(tmp_path, files_only("success-by-address"))
    assert only.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("with_dns", "severity"), [(False, Severity.INFO), (True, Severity.WARNING)]
)
def test_a_place_on_the_way_to_several_servers_would_show_a_connection(
    tmp_path: Path, with_dns: bool, severity: Severity
) -> None:
    packets = files_only("success-by-name")
    if with_dns:
        phone = read(CAPTURES / "success-by-name" / "phone.pcap")
        query = next(one for one in phone if one.protocol == UDP and DNS in one.ports)
        packets.append(query.patched(query.payload_at + 13, b"time-"))
    only = finding(tmp_path, packets, Role.OTHER)
    assert only.severity is severity


@pytest.mark.parametrize(
    ("scenario", "role", "outcome"),
    [
        ("success-by-name", None, Outcome.UNKNOWN),
        ("success-by-name", Role.DNS, Outcome.UNKNOWN),
        ("success-by-name", Role.OTHER, Outcome.UNKNOWN),
        ("success-by-name", Role.PUBLISHER, Outcome.NOT_ATTEMPTED),
        ("nothing-pending", Role.SUBSCRIBER, Outcome.NOT_ATTEMPTED),
        ("config-not-found", Role.SUBSCRIBER, Outcome.NOT_ATTEMPTED),
    ],
)
def test_what_would_not_be_seen_is_not_said_to_be_left_undone(
    scenario: str, role: Role | None, outcome: Outcome, tmp_path: Path
) -> None:
    (phone,) = joined(tmp_path, files_only(scenario), roles=(role,)).report.phones
    assert phone.outcome is outcome


@pytest.mark.parametrize("moved", [False, True], ids=["here", "elsewhere"])
def test_another_phones_session_tells_where_capf_is(tmp_path: Path, moved: bool) -> None:
    packets = files_only("dns-nxdomain")
    session = [
        packet
        for packet in read(CAPTURES / "success-by-address" / "publisher.pcap")
        if packet.protocol == TCP and CAPF in packet.ports
    ]
    begin = packets[0].time + SECOND - session[0].time
    session = [(_elsewhere(packet) if moved else packet).later(begin) for packet in session]
    report = joined(tmp_path, [*packets, *session]).report
    told = [item.code for item in report.findings if item.severity is Severity.WARNING]
    assert told == ([] if moved else ["capf-not-attempted"])


def _elsewhere(packet: Packet) -> Packet:
    """The packet with another server in place of the publisher."""
    source_at, destination_at = 26, 30
    return packet.patched(
        destination_at if packet.ports[1] == CAPF else source_at, bytes([10, 9, 9, 9])
    )


def test_a_nameless_client_of_the_other_ip_version_may_be_the_same_phone(tmp_path: Path) -> None:
    both = read(CAPTURES / "success-ipv6" / "publisher.pcap")
    others = read(CAPTURES / "ipv6-falls-back" / "publisher.pcap")
    behind = [packet.later(both[-1].time - others[0].time + SECOND) for packet in others]
    report = joined(tmp_path, [*both, *behind]).report
    assert {phone.mac is None for phone in report.phones} == {False, True}
    assert report.verdict.severity is VerdictSeverity.OK
