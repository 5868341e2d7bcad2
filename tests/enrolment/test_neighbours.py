"""What is said of phones behind one address, of whose connections nobody knows whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, analyze, check
from capfpcap.ladder.build import ladder_of
from capfpcap.report import Operation, Outcome, Report, Severity, VerdictSeverity
from tests.rules.records import CAPTURES, RECORD_HEADER, records_of

ONE_REFUSED, BOTH_ENROL = (
    CAPTURES / scenario / "publisher.pcap"
    for scenario in ("neighbours-behind-nat", "neighbours-enrol-behind-nat")
)
ETHERNET_AND_IP = 34
"""Bytes of the headers before TCP's ports."""


def report_on(path: Path) -> Report:
    return check([CaptureInput((str(path),))])


def calls(report: Report) -> dict[str, int]:
    """The client's port of each connection to CAPF, by how it ended."""
    return {
        flow.capf.outcome.value: flow.client.port for flow in report.flows if flow.capf is not None
    }


def without(path: Path, port: int, folder: Path) -> Path:
    """The capture without one client's port."""
    header, records = records_of(path)
    place = RECORD_HEADER + ETHERNET_AND_IP
    ports = port.to_bytes(2, "big")
    kept = [record for record in records if ports not in (record[place:][:2], record[place:][2:4])]
    assert len(kept) < len(records)
    left = folder / "left.pcap"
    left.write_bytes(header + b"".join(kept))
    return left


def test_what_one_of_two_was_refused_is_a_finding_of_neither_and_there_is_no_third() -> None:
    report = report_on(ONE_REFUSED)
    assert len(report.phones) == 2
    assert {phone.outcome for phone in report.phones} == {Outcome.UNKNOWN}
    found = {finding.code: finding for finding in report.findings}
    refused = found["capf-session-refused"]
    assert (refused.phone, refused.severity) == (None, Severity.CRITICAL)
    assert "an operation was completed once" in refused.detail
    assert all(phone.name in refused.detail for phone in report.phones)
    assert found["capf-session-complete"].phone is None
    assert {flow.phone for flow in report.flows if flow.service == "capf"} == {None}


def test_an_enrolment_for_each_of_them_is_one_of_each() -> None:
    report = report_on(BOTH_ENROL)
    assert report.verdict.severity is VerdictSeverity.OK
    for phone in report.phones:
        assert (phone.outcome, phone.operation) == (Outcome.SUCCEEDED, Operation.INSTALL)


@pytest.mark.parametrize(("path", "ended"), [(ONE_REFUSED, "refused"), (BOTH_ENROL, "complete")])
def test_one_enrolment_for_two_leaves_open_whose_it_is(
    path: Path, ended: str, tmp_path: Path
) -> None:
    report = report_on(without(path, calls(report_on(path))[ended], tmp_path))
    assert {phone.outcome for phone in report.phones} == {Outcome.UNKNOWN}
    assert report.verdict.severity is VerdictSeverity.UNKNOWN
    assert "on the phones' side of the NAT" in report.verdict.summary
    assert "no connection to CAPF" not in report.verdict.summary


def test_the_ladder_of_the_address_shows_their_connections_and_is_no_phones() -> None:
    analysis = analyze([CaptureInput((str(ONE_REFUSED),))])
    (address,) = {flow.client.address for flow in analysis.report.flows}
    ladder = ladder_of(analysis, phone=address)
    assert ladder.phone is None
    assert [flow.service for flow in ladder.flows] == ["capf", "capf"]
