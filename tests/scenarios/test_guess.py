"""What is guessed of CAPF sessions in shipped captures, against what their scenarios had done."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.report import (
    Authentication,
    Capf,
    CapfOutcome,
    Certainty,
    Operation,
    Report,
)
from captures.lab import scenario
from captures.lab.scenario import Record
from tests.scenarios.expectations import CAPTURES, Expectation, expectations, report_on

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "captures" / "examples"
RECORDED = [
    expected
    for expected in expectations()
    if "record" in tomllib.loads((CAPTURES / expected.scenario / "scenario.toml").read_text())
    and not any(one.holds_secrets for one in scenario.load(expected.scenario).captures)
]
CURVES = {256: "EC secp256r1", 384: "EC secp384r1", 521: "EC secp521r1"}
WAYS = {
    1: Authentication.STRING,
    2: Authentication.NULL_STRING,
    3: Authentication.CERTIFICATE,
}
LAST_ANSWERS = ("STORE_CERT_RESPONSE", "FETCH_RESPONSE", "DELETE_RESPONSE")
INSTALLATION = [
    "AUTH_REQUEST",
    "AUTH_RESPONSE",
    "KEYGEN_REQUEST",
    "REQUEST_IN_PROGRESS",
    "KEYGEN_RESPONSE",
    "STORE_CERT_REQUEST",
    "STORE_CERT_RESPONSE",
    "END_SESSION",
]


def sessions(report: Report) -> list[Capf]:
    return [flow.capf for flow in report.flows if flow.capf is not None]


def key_of(record: Record) -> str:
    size = record.capf.key_size
    return CURVES[size] if record.capf.key == "ec" else f"RSA {size}"


@pytest.mark.parametrize("expected", RECORDED, ids=str)
def test_the_guess_is_what_the_scenario_had_done(expected: Expectation) -> None:
    record, report = scenario.load(expected.scenario), report_on(expected.files)
    captures = {capture.id: capture.packets for capture in report.captures}
    for capf in sessions(report):
        assert not capf.decrypted
        operation_right = capf.operation.value in (record.capf.operation, "unknown")
        assert operation_right or capf.certainty is Certainty.POSSIBLE
        assert capf.key in (None, key_of(record))
        assert capf.authentication in (WAYS[record.files.capf_auth_mode], Authentication.UNKNOWN)
        if capf.outcome is CapfOutcome.COMPLETE and capf.certainty is Certainty.LIKELY:
            assert capf.operation.value == record.capf.operation
        for message in capf.messages:
            assert message.frames
            assert all(1 <= at <= captures[where] for where, at in message.frames.items())
    told = [one for phone in report.phones for one in phone.operations]
    assert {(one.flow, one.operation, one.outcome) for one in told} == {
        (flow.id, flow.capf.operation, of_operation(flow.capf))
        for flow in report.flows
        if flow.capf is not None and flow.phone is not None and is_told(flow.capf)
    }


def of_operation(capf: Capf) -> CapfOutcome:
    """An operation whose last answer came is complete, though its session lacks END_SESSION."""
    last = capf.messages[-1].command if capf.messages else ""
    lacks_only_the_end = capf.outcome is CapfOutcome.ABORTED and last in LAST_ANSWERS
    return CapfOutcome.COMPLETE if lacks_only_the_end else capf.outcome


def is_told(capf: Capf) -> bool:
    return (capf.operation, capf.outcome) != (Operation.UNKNOWN, CapfOutcome.UNKNOWN)


def test_the_configuration_tells_how_the_phone_authenticates_where_sizes_do_not() -> None:
    (capf,) = sessions(report_on((CAPTURES / "success-by-name" / "phone.pcap",)))
    assert capf.authentication is Authentication.NULL_STRING
    (capf,) = sessions(report_on((CAPTURES / "success-old-server" / "phone.pcap",)))
    assert capf.authentication is Authentication.NULL_STRING


def test_an_installation_is_told_message_by_message_from_both_sides() -> None:
    folder = EXAMPLES / "ok-install-tls12-keylog"
    stems = ("phone", "publisher")
    report = analyze([CaptureInput((str(folder / f"{stem}.pcap"),)) for stem in stems]).report
    (capf,) = sessions(report)
    assert (capf.operation, capf.outcome) == (Operation.INSTALL, CapfOutcome.COMPLETE)
    assert (capf.key, capf.authentication) == ("RSA 3072", Authentication.NULL_STRING)
    assert capf.certainty is Certainty.LIKELY
    assert [message.command for message in capf.messages] == INSTALLATION
    assert [message.sender for message in capf.messages[:3]] == ["server", "phone", "server"]
    assert capf.messages[0].frames == {"phone": 71, "publisher": 71}
    assert {message.certainty for message in capf.messages} == {Certainty.LIKELY}
