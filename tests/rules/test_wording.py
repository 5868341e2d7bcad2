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
    assert notes == ["request for ITLFile.tlv", "sent again", "the last packet of the transfer"]
