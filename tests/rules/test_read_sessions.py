"""Findings on CAPF sessions of which keys reveal all, a part, or one of several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, Options, analyze
from capfpcap.flows.keys import keys_from
from capfpcap.report import Certainty, Finding, Report, Severity
from tests.capture.builder import pcap
from tests.dissectors.framed import builders
from tests.scenarios.expectations import CAPTURES
from tests.timeline.decrypted_capf import (
    ANSWER,
    ANSWER_STRING,
    ASK,
    ASK_STRING,
    FETCH,
    INSTALL,
    KEY,
    LATER,
    NAME,
    NO_KEY,
    NOT_STORED,
    WANT_KEY,
    Message,
    Recorded,
    end,
    phone,
    server,
)
from tests.timeline.decrypted_capf import DECLINED as REASON

NOT_OF_THIS = frozenset({"capf-certificate-not-yet-valid"})
"""The certificate of the tests is younger than their packets."""


def report_on(folder: Path, recorded: Recorded) -> Report:
    capture = folder / "made.pcap"
    capture.write_bytes(pcap([one.recorded(at) for at, one in enumerate(recorded.packets)]))
    return judged([capture], recorded.key_log)


def judged(captures: Sequence[Path], key_log: bytes) -> Report:
    keys = keys_from([("keys", key_log)], [])
    inputs = [CaptureInput((str(capture),)) for capture in captures]
    return analyze(inputs, Options(secrets=keys, ignore=NOT_OF_THIS)).report


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def finding(report: Report, code: str) -> Finding:
    (found,) = (one for one in report.findings if one.code == code)
    return found


@pytest.mark.parametrize(
    ("messages", "code", "outcome"),
    [
        ([ASK, ANSWER, end(7)], "capf-authentication-rejected", "refused"),
        ([ASK, ANSWER, end(9)], "capf-unknown-device", "refused"),
        ([ASK, ANSWER, end(0)], "capf-no-operation", "refused"),
        ([ASK, ANSWER, LATER], "capf-retry-later", "refused"),
        ([ASK, ANSWER, end(5)], "capf-session-refused", "refused"),
        ([ASK, ANSWER, end(None)], "capf-session-refused", "refused"),
        ([ASK, ANSWER, WANT_KEY, KEY, end(7)], "capf-session-refused", "refused"),
        ([*INSTALL, end(7)], "capf-session-refused", "refused"),
        ([ASK, ANSWER, WANT_KEY, NO_KEY, end()], "capf-session-aborted", "failed"),
        ([*INSTALL[:-1], NOT_STORED, end()], "capf-session-aborted", "failed"),
        ([*INSTALL, end()], "lsc-installed", "succeeded"),
        ([ASK, ANSWER, FETCH, phone(12, REASON), end()], "capf-session-complete", "succeeded"),
    ],
)
def test_one_proven_finding_says_how_a_session_ended(
    tmp_path: Path, messages: list[Message], code: str, outcome: str
) -> None:
    report = report_on(tmp_path, Recorded(messages))
    assert codes(report) == {code}
    assert finding(report, code).certainty is Certainty.PROVEN
    (judged_phone,) = report.phones
    assert (judged_phone.name, judged_phone.outcome.value) == (NAME, outcome)


def test_a_device_that_capf_does_not_let_speak_goes_by_its_address(tmp_path: Path) -> None:
    report = report_on(tmp_path, Recorded([ASK, end(9)]))
    assert codes(report) == {"capf-unknown-device"}
    assert report.phones[0].name == report.phones[0].addresses[0]


def test_the_place_and_the_reason_of_a_refusal_stand_in_its_title(tmp_path: Path) -> None:
    found = finding(report_on(tmp_path, Recorded([*INSTALL, end(7)])), "capf-session-refused")
    title = "CAPF ends the session after STORE_CERT_RESPONSE with the reason declined (7)"
    assert found.title == title
    assert "visible" not in found.detail


def test_what_the_phone_denies_stands_in_the_title(tmp_path: Path) -> None:
    report = report_on(tmp_path, Recorded([*INSTALL[:-1], NOT_STORED, end()]))
    found = finding(report, "capf-session-aborted")
    assert "STORE_CERT_RESPONSE has the reason declined (7)" in found.title
    assert "the phone did not confirm that it stored it" in found.detail


def test_a_wrong_string_gets_its_own_remedy_and_stands_nowhere(tmp_path: Path) -> None:
    report = report_on(tmp_path, Recorded([ASK_STRING, ANSWER_STRING, end(7)]))
    found = finding(report, "capf-authentication-rejected")
    assert "authentication string" in found.title
    assert "type it again" in found.remedy
    assert "48291" not in str(report)


def test_what_is_not_capf_is_the_cause_of_what_follows(tmp_path: Path) -> None:
    bad = (False, WANT_KEY[1][:-1] + b"\0\0")
    report = report_on(tmp_path, Recorded([ASK, ANSWER, bad, server(99)]))
    found = finding(report, "capf-malformed")
    assert found.severity is Severity.CRITICAL
    assert report.phones[0].root_cause == "capf-malformed"


KEYS = (CAPTURES / "retry-later" / "keylog.txt").read_bytes().splitlines(keepends=True)


def retried(lines: Sequence[bytes]) -> Report:
    return judged([CAPTURES / "retry-later" / "phone.pcap"], b"".join(lines))


def test_the_keys_of_one_session_of_several_are_enough_to_say_why() -> None:
    report = retried(KEYS[-1:])
    told = [flow.capf for flow in report.flows if flow.capf is not None]
    assert [capf.decrypted for capf in told] == [False, False, True]
    assert codes(report) == {"capf-retry-later"}
    assert finding(report, "capf-retry-later").certainty is Certainty.PROVEN


def test_without_a_key_of_them_the_guess_is_told() -> None:
    other = (CAPTURES / "wrong-string" / "keylog.txt").read_bytes()
    assert codes(retried([other])) == {"capf-session-refused"}


def test_a_certificate_of_another_capf_is_named_as_what_is_wrong() -> None:
    folder = CAPTURES / "lsc-not-accepted"
    report = judged([folder / "phone.pcap"], (folder / "keylog.txt").read_bytes())
    found = finding(report, "capf-authentication-rejected")
    assert "CAPF-857736f7 issued that certificate" in found.detail
    assert "certificate with which the phone" in found.title


def test_another_protocol_on_capfs_port_is_named(tmp_path: Path) -> None:
    said = [(True, b"GET / HTTP/1.1\r\n\r\n"), (False, b"HTTP/1.1 200 OK\r\n\r\n")]
    report = report_on(tmp_path, Recorded(said))
    assert report.phones[0].root_cause == "capf-malformed"


def test_a_second_session_on_a_connection_has_nothing_left_to_do(tmp_path: Path) -> None:
    report = report_on(tmp_path, Recorded([*INSTALL, end(), ASK, ANSWER, end(0)]))
    assert codes(report) == {"lsc-installed"}
    assert report.phones[0].outcome.value == "succeeded"


def test_a_second_session_that_capf_refuses_stays_refused(tmp_path: Path) -> None:
    report = report_on(tmp_path, Recorded([*INSTALL, end(), ASK, ANSWER, end(7)]))
    assert "capf-authentication-rejected" in codes(report)


@pytest.mark.parametrize("messages", [[end(9)], [ASK, end(9)], [LATER]])
def test_a_phone_that_said_nothing_did_not_authenticate_itself(
    tmp_path: Path, messages: list[Message]
) -> None:
    (found,) = report_on(tmp_path, Recorded(messages)).findings
    assert "said nothing before that" in found.detail
    assert "the phone" not in found.title or found.code == "capf-retry-later"


@pytest.mark.parametrize("from_client", [True, False])
def test_who_aborts_an_operation_is_named(tmp_path: Path, from_client: bool) -> None:
    abort, aborted = (phone, server) if from_client else (server, phone)
    said = [ASK, ANSWER, WANT_KEY, abort(20), aborted(21), end()]
    found = finding(report_on(tmp_path, Recorded(said)), "capf-session-aborted")
    assert found.title == f"{'The phone' if from_client else 'CAPF'} aborts the operation"
    assert "after END_SESSION" not in found.title


@pytest.mark.parametrize(
    ("subject", "own_key", "wrong"),
    [
        ("SEP999999999999", True, "names another device"),
        (NAME, False, "is not for the key"),
        (NAME, True, ""),
        ("CP-8861-" + NAME.lower(), True, ""),
    ],
)
def test_an_lsc_that_the_phone_cannot_use_is_a_warning(
    tmp_path: Path, subject: str, own_key: bool, wrong: str
) -> None:
    issued = builders.certificate(subject)
    key = builders.key_of(issued) if own_key else builders.public_key("ec-256")
    made, store = phone(4, (9, key)), server(9, (4, builders.nested(issued)))
    said = [*INSTALL[:4], made, store, INSTALL[-1], end()]
    found = finding(report_on(tmp_path, Recorded(said)), "lsc-installed")
    assert wrong in found.title
    assert found.severity is (Severity.WARNING if wrong else Severity.INFO)
