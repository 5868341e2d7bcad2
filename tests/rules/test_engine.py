"""The rules as a whole: nothing is missed by looking first, and one that fails costs no other."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import msgspec
import pytest

from capfpcap import analysis, batches
from capfpcap.analysis import CaptureInput, Options, analyze, check
from capfpcap.capture.files.pcap import FILE_HEADER
from capfpcap.capture.files.pcap_records import RECORD_HEADER
from capfpcap.capture.ports import CAPF
from capfpcap.report import Report, Severity, Stage
from capfpcap.rules import catalogue, engine
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.sight import Sight

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
SHIPPED = sorted(path for path in CAPTURES.glob("*/*.pcap*"))
EVERYTHING = ~Sight.NOTHING


def encoded(report: Report) -> bytes:
    return msgspec.json.encode(report)


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_a_rule_that_is_left_out_would_have_found_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = [CaptureInput((str(path),))]
    looked = analyze(inputs).report
    monkeypatch.setattr(engine, "look", lambda case: EVERYTHING)
    assert encoded(analyze(inputs).report) == encoded(looked)


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_batches_make_the_report_of_the_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 30)
    inputs = [CaptureInput((str(path),))]
    assert encoded(check(inputs)) == encoded(analyze(inputs).report)


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_make_the_report_of_one(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 100)
    monkeypatch.setattr(batches, "WORTH_SHARING", 0)
    (burst,) = CAPTURES.glob("burst/publisher.pcap*")
    inputs = [CaptureInput((str(burst),))]
    shared = check(inputs, Options(workers=workers))
    assert encoded(shared) == encoded(analyze(inputs).report)
    assert len(shared.phones) == 60


def test_a_rule_that_fails_is_named_and_costs_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faulty = Code(
        code="always-fails",
        family=Family.TLS,
        severity=Severity.CRITICAL,
        stage=Stage.TLS,
        screen=None,
        meaning="",
        told_by="",
        not_this="",
        remedy="",
    )

    @faulty.by_phone
    def fail(case: Case) -> Iterator[Draft]:
        raise ZeroDivisionError(case.phone.name)
        yield

    inputs = [CaptureInput((str(CAPTURES / "itl-mismatch" / "phone.pcap"),))]
    before = analyze(inputs).report
    monkeypatch.setitem(catalogue.CATALOGUE, faulty.code, faulty)
    engine._in_sight.cache_clear()
    report = analyze(inputs).report
    engine._in_sight.cache_clear()
    assert [finding.code for finding in report.findings] == [
        finding.code for finding in before.findings
    ]
    assert report.notes == (
        f"the rule for always-fails failed: ZeroDivisionError: {before.phones[0].name}",
    )


def test_an_ignored_code_is_not_reported_and_explains_nothing() -> None:
    inputs = [CaptureInput((str(CAPTURES / "itl-mismatch" / "phone.pcap"),))]
    options = Options(ignore=frozenset({"itl-capf-mismatch"}))
    findings = analyze(inputs, options).report.findings
    assert [finding.code for finding in findings] == ["tls-certificate-rejected"]
    assert findings[0].caused_by is None


def test_a_cause_comes_before_its_symptom_and_is_named_by_it() -> None:
    inputs = [CaptureInput((str(CAPTURES / "itl-mismatch" / "phone.pcap"),))]
    cause, symptom = analyze(inputs).report.findings
    assert (cause.code, symptom.code) == ("itl-capf-mismatch", "tls-certificate-rejected")
    assert cause.caused_by is None
    assert symptom.caused_by == cause.code


def test_a_failure_that_a_later_attempt_overcame_counts_as_a_warning() -> None:
    inputs = [CaptureInput((str(CAPTURES / "recovered" / "phone.pcap"),))]
    report = analyze(inputs).report
    overcome = [finding for finding in report.findings if finding.resolved]
    assert overcome
    assert {finding.severity for finding in overcome} == {Severity.WARNING}
    assert report.verdict.severity.value == "warning"


def test_workers_share_out_the_phones_of_joined_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "WORTH_SHARING", 0)
    captures = sorted((CAPTURES / "accept-queue-full").glob("*.pcap*"))
    inputs = [CaptureInput((str(capture),)) for capture in captures]
    shared = check(inputs, Options(workers=3))
    assert encoded(shared) == encoded(analyze(inputs).report)
    assert len(inputs) == 2


def without_capf(capture: Path, server: str) -> bytes:
    """A capture without the packets of one CAPF server; all are IPv4 over Ethernet."""
    content = capture.read_bytes()
    address, port = IPv4Address(server).packed, CAPF.to_bytes(2)
    kept, at = content[:FILE_HEADER], FILE_HEADER
    while at < len(content):
        end = at + RECORD_HEADER + int.from_bytes(content[at + 8 : at + 12], "little")
        packet = content[at + RECORD_HEADER : end]
        if address not in packet[26:34] or port not in (packet[34:36], packet[36:38]):
            kept += content[at:end]
        at = end
    return kept


def test_what_other_phones_show_counts_across_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    misled = without_capf(CAPTURES / "name-leads-to-subscriber" / "phone.pcap", "10.122.138.102")
    healthy = (CAPTURES / "success-by-http" / "phone.pcap").read_bytes()
    both = tmp_path / "both.pcap"
    both.write_bytes(misled + healthy[FILE_HEADER:])
    inputs = [CaptureInput((str(both),))]
    whole = analyze(inputs).report
    (wrong,) = [finding for finding in whole.findings if finding.code == "dns-wrong-address"]
    assert "CAPF answers at" in wrong.detail
    monkeypatch.setattr(batches, "BATCH_ROWS", 1)
    monkeypatch.setattr(analysis, "must_be_whole", lambda parts: False)
    assert encoded(check(inputs)) == encoded(whole)
