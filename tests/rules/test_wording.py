"""What a finding calls a server, and what it says to do, fits the service."""

from __future__ import annotations

import pytest

from capfpcap.analysis import CaptureInput, check
from capfpcap.report import Finding
from tests.rules.records import CAPTURES


def found(scenario: str, code: str, *points: str) -> Finding:
    paths = [CAPTURES / scenario / f"{point}.pcap" for point in points or ("phone",)]
    report = check([CaptureInput((str(path),)) for path in paths])
    (finding,) = [each for each in report.findings if each.code == code]
    return finding


@pytest.mark.parametrize(
    ("scenario", "code", "server", "command"),
    [
        (
            "service-stopped",
            "connection-refused",
            "CAPF at 10.122.138.102:3804",
            "start Cisco Certificate Authority Proxy Function",
        ),
        (
            "tvs-stopped",
            "connection-refused",
            "TVS at 10.122.138.102:2445",
            "start Cisco Trust Verification Service",
        ),
        (
            "frozen-server",
            "server-silent",
            "CAPF at 10.122.138.102:3804",
            "restart Cisco Certificate Authority Proxy Function",
        ),
        (
            "tvs-frozen",
            "server-silent",
            "TVS at 10.122.138.102:2445",
            "restart Cisco Trust Verification Service",
        ),
    ],
)
def test_a_service_is_named_and_the_command_is_its_own(
    scenario: str, code: str, server: str, command: str
) -> None:
    finding = found(scenario, code)
    assert finding.title.startswith(server)
    assert f"'utils service {command}'" in finding.remedy


def test_octets_that_are_text_are_quoted_as_text() -> None:
    assert "begins with '220 print spooler ready'" in found("not-tls", "tls-not-spoken").detail


@pytest.mark.parametrize(
    ("scenario", "code", "command"),
    [
        ("host-drops-connections", "one-way-traffic", "'show open ports regexp 3804'"),
        ("closed-mid-session", "connection-lost", "'file list activelog cm/trace/capf/sdi'"),
    ],
)
def test_what_two_captures_prove_has_a_remedy_of_its_own(
    scenario: str, code: str, command: str
) -> None:
    assert command in found(scenario, code, "phone", "publisher").remedy


def test_frames_of_a_stalled_transfer_say_what_they_are() -> None:
    notes = [each.note for each in found("transfer-stalled", "transfer-stalled").evidence]
    assert notes == ["request for ITLFile.tlv", "retransmitted", "the last packet of the transfer"]


def test_a_phone_that_wants_a_newer_version_is_not_told_to_be_upgraded() -> None:
    remedy = found("phone-requires-tls12", "tls-version-mismatch").remedy
    assert "Upgrade CUCM" in remedy
    assert "lower the minimum" not in remedy
    assert "lower the minimum" in found("server-requires-tls12", "tls-version-mismatch").remedy


def test_an_icmp_error_is_told_by_what_it_means_for_the_service() -> None:
    title = found("icmp-rejected", "icmp-unreachable").title
    assert title.startswith("192.168.77.1 reports by ICMP that CAPF at 10.122.138.102:3804")


def test_a_refused_session_says_where_its_reason_stands() -> None:
    refused = found("session-refused", "capf-session-refused")
    assert "'Certificate Operation Status'" in refused.remedy


def test_a_certificate_not_yet_valid_is_shown_with_its_first_day() -> None:
    (first, *_) = found("certificate-not-yet-valid", "capf-certificate-not-yet-valid").evidence
    assert "valid from 20" in first.note
