"""The sentence that a report opens with names the cause, whatever the outcome."""

from __future__ import annotations

from typing import Any

import pytest

from capfpcap.compose.verdict import verdict_on
from capfpcap.report import Certainty, Finding, Outcome, Phone, Severity, Unjudged, VerdictSeverity
from tests.formats import samples

EXPIRING = {
    "code": "capf-certificate-expiring",
    "severity": Severity.WARNING,
    "title": "CAPF's certificate expires in 12 days",
}


def summary(phones: list[Phone], findings: list[Finding], packets: int = 88) -> str:
    return verdict_on(phones, findings, packets=packets, undecided=False).summary


def failed(name: str, code: str) -> tuple[Phone, Finding]:
    title = f"what {code} means"
    return samples.phone(name=name, root_cause=code), samples.finding(
        phone=name, code=code, title=title
    )


def test_the_commonest_cause_of_failures_leads_and_the_others_are_counted() -> None:
    codes = ["server-silent", "itl-empty", "itl-empty", "dns-nxdomain"]
    told = [failed(f"SEP00000000000{at}", code) for at, code in enumerate(codes)]
    phones, findings = [phone for phone, _ in told], [finding for _, finding in told]
    assert summary([*phones, samples.healthy_phone()], findings) == (
        "4 of 5 phones failed: SEP000000000001: what itl-empty means (and 2 other causes)"
    )


def test_a_failure_that_no_finding_explains_says_so() -> None:
    phone = samples.phone(root_cause=None)
    assert summary([phone], []) == f"1 of 1 phone failed: {phone.name}: the cause is not visible"


def test_what_is_wrong_with_a_phone_that_did_not_fail_is_named() -> None:
    phone = samples.healthy_phone()
    finding = samples.finding(phone=phone.name, **EXPIRING)
    assert summary([phone], [samples.fact(), finding]) == (
        f"1 phone, 1 succeeded: {phone.name}: CAPF's certificate expires in 12 days"
    )


def test_the_gravest_finding_is_named_before_warnings() -> None:
    phone = samples.phone(outcome=Outcome.NOT_ATTEMPTED)
    findings = [samples.finding(**EXPIRING), samples.finding(phone=None, title="All is lost")]
    assert summary([phone], findings) == "1 phone, 1 not attempted: All is lost"


def test_what_is_not_proven_is_hedged() -> None:
    phone = samples.phone(root_cause="server-silent")
    likely = samples.finding(
        code="server-silent", title="CAPF says nothing", certainty=Certainty.LIKELY
    )
    assert summary([phone], [likely]).endswith(f"{phone.name}: likely: CAPF says nothing")


def test_facts_alone_leave_the_outcomes() -> None:
    phones = [samples.healthy_phone(), samples.healthy_phone("SEP00163E000002")]
    assert summary(phones, [samples.fact()]) == "2 phones, 2 succeeded"


@pytest.mark.parametrize(
    ("packets", "words"),
    [(0, "the captures hold no packet"), (7, "no phone enrols in these 7 packets")],
)
def test_without_a_phone_there_is_nothing_to_judge(packets: int, words: str) -> None:
    verdict = verdict_on([], [], packets=packets, undecided=False)
    assert verdict.severity is VerdictSeverity.UNKNOWN
    assert verdict.unjudged is Unjudged.EVERYTHING
    assert verdict.summary == f"nothing to judge: {words}"


@pytest.mark.parametrize(
    ("severity", "undecided", "verdict", "unjudged"),
    [
        (Severity.CRITICAL, True, VerdictSeverity.CRITICAL, None),
        (Severity.WARNING, True, VerdictSeverity.UNKNOWN, Unjudged.PART),
        (Severity.WARNING, False, VerdictSeverity.WARNING, None),
        (Severity.INFO, False, VerdictSeverity.OK, None),
    ],
)
def test_what_was_not_seen_outweighs_all_but_a_critical_finding(
    severity: Severity, undecided: bool, verdict: VerdictSeverity, unjudged: Unjudged | None
) -> None:
    findings = [samples.finding(severity=severity)]
    judged = verdict_on([samples.phone()], findings, packets=1, undecided=undecided)
    assert judged.severity is verdict
    assert judged.unjudged is unjudged


@pytest.mark.parametrize("outcome", Outcome)
def test_where_no_phone_came_to_an_outcome_nothing_is_ok(outcome: Outcome) -> None:
    open_ = outcome in (Outcome.UNKNOWN, Outcome.IN_PROGRESS)
    phone = samples.phone(outcome=outcome)
    alone = verdict_on([phone, phone], [], packets=1, undecided=False)
    assert alone.severity is (VerdictSeverity.UNKNOWN if open_ else VerdictSeverity.OK)
    assert alone.unjudged is (Unjudged.OUTCOMES if open_ else None)
    assert ("what would tell" in alone.summary) is open_
    beside = verdict_on([phone, samples.healthy_phone()], [], packets=1, undecided=False)
    assert beside.severity is VerdictSeverity.OK


@pytest.mark.parametrize(
    ("phone", "told"),
    [
        (
            {"outcome": Outcome.IN_PROGRESS},
            "what would tell: a capture that goes on until CAPF's last message",
        ),
        (
            {"outcome": Outcome.UNKNOWN, "attempts": 0},
            "no connection to CAPF is seen; what would tell: a capture at the phone, of both "
            "directions and from its start on, until it has tried",
        ),
        (
            {"outcome": Outcome.UNKNOWN, "attempts": 1},
            "what would tell: a capture at the phone, of both directions and from its start on",
        ),
    ],
)
def test_an_unknown_verdict_says_what_capture_would_decide(
    phone: dict[str, Any], told: str
) -> None:
    assert summary([samples.phone(**phone)], []).endswith(f"; {told}")


def test_files_alone_say_once_what_capture_would_decide() -> None:
    phone = samples.phone(outcome=Outcome.UNKNOWN, attempts=0)
    verdict = verdict_on([phone], [], packets=0, undecided=False, files=1)
    assert verdict.summary.count("what would tell") == 1
