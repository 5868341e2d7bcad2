"""The text report leads with the cause and never grows into a wall."""

from __future__ import annotations

import time
from datetime import timedelta, timezone

import pytest

from capfpcap.formats import render
from capfpcap.formats.page import Page
from capfpcap.report import (
    CapfOutcome,
    Certainty,
    Operation,
    Outcome,
    PhoneOperation,
    Report,
    Role,
    Severity,
    Stage,
    Unjudged,
    Verdict,
    VerdictSeverity,
)

from . import samples


def text_of(report: Report, page: Page | None = None) -> str:
    return b"".join(render(report, "text", page or Page())).decode()


def test_the_verdict_is_the_first_line_and_failed_phones_come_before_healthy_ones() -> None:
    report = samples.report(phones=(samples.healthy_phone(), samples.phone()))
    text = text_of(report)
    assert text.startswith("CRITICAL  1 of 2 phones failed")
    assert text.index(samples.PHONE) < text.index(samples.HEALTHY_PHONE)


def test_the_cause_stands_before_the_remedy_the_steps_and_the_frames() -> None:
    text = text_of(samples.report())
    places = [text.index(word) for word in ("another certificate", "Do this", "✓ TCP", "phone:44")]
    assert places == sorted(places)


def test_a_symptom_is_a_line_under_its_cause_without_a_remedy_of_its_own() -> None:
    text = text_of(samples.report())
    assert text.index("Follows from it") < text.index("[tls-certificate-rejected]")
    assert text.count("Do this") == 1


def test_a_symptom_of_a_symptom_follows_from_the_cause_too() -> None:
    reset = samples.finding(
        code="connection-reset", title="A reset", caused_by="tls-certificate-rejected"
    )
    text = text_of(samples.report(findings=(reset, samples.symptom(), samples.finding())))
    assert text.index("Follows from it") < text.index("A reset")
    assert text.count("Do this") == 1


def test_findings_that_cause_each_other_do_not_go_round_for_ever() -> None:
    first = samples.finding(code="a", caused_by="b")
    second = samples.finding(code="b", caused_by="a")
    phone = samples.phone(root_cause=None)
    assert "[b]" in text_of(samples.report(phones=(phone,), findings=(first, second)))


def test_a_second_fault_of_its_own_has_its_remedy_too() -> None:
    other = samples.finding(code="capf-certificate-weak", severity=Severity.WARNING)
    text = text_of(samples.report(findings=(samples.finding(), other)))
    assert text.count("Do this") == 2


def test_what_is_not_proven_is_said_to_be_likely() -> None:
    findings = (samples.finding(certainty=Certainty.LIKELY),)
    assert "  Likely: CAPF presents" in text_of(samples.report(findings=findings))


def test_what_a_later_attempt_overcame_is_said_to_be_overcome() -> None:
    phone = samples.phone(outcome=Outcome.RECOVERED, root_cause=None)
    report = samples.report(phones=(phone,), findings=(samples.finding(resolved=True),))
    text = " ".join(text_of(report).split())
    assert "SEP2C31F694FAD9 recovered" in text
    assert "A later attempt overcame it." in text


def test_a_failed_phone_without_a_finding_still_shows_its_steps() -> None:
    report = samples.report(phones=(samples.phone(root_cause="gone"),), findings=())
    assert "✓ files" in text_of(report)


def test_faults_of_no_phone_are_told() -> None:
    finding = samples.finding(phone=None, title="The server is odd")
    assert "The server is odd" in text_of(samples.report(phones=(), findings=(finding,)))


def test_a_few_healthy_phones_have_a_line_each_and_many_are_counted() -> None:
    few = tuple(samples.healthy_phone(f"SEP{number:012X}") for number in range(20))
    assert text_of(samples.report(phones=few, findings=())).count("install succeeded") == 20
    many = tuple(samples.healthy_phone(f"SEP{number:012X}") for number in range(21))
    assert "21 phones: 21 succeeded" in text_of(samples.report(phones=many, findings=()))


def test_a_burst_of_failures_is_told_by_its_causes() -> None:
    text = text_of(samples.storm(60, 60))
    assert text.count("Do this") == 3
    assert "27 more phones with itl-capf-mismatch: SEP" in text
    assert len(text.splitlines()) < 120


def test_facts_of_one_code_are_counted_after_the_first_few() -> None:
    findings = tuple(samples.fact(title=f"fact {number}") for number in range(9))
    text = text_of(samples.report(phones=(), findings=findings))
    assert "fact 2 " in text
    assert "fact 3 " not in text
    assert "and 6 more of capture-mid-session" in text


def test_a_session_that_went_its_whole_way_is_told_by_its_phone_alone() -> None:
    whole = samples.fact(
        code="capf-session-complete", stage=Stage.CAPF, phone=samples.HEALTHY_PHONE
    )
    text = text_of(samples.report(phones=(samples.healthy_phone(),), findings=(whole,)))
    assert f"{samples.HEALTHY_PHONE}  install succeeded" in text
    assert "capf-session-complete" not in text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.NOT_ATTEMPTED, "no connection to CAPF seen"),
        (Outcome.IN_PROGRESS, "install still enrolling when the captures end"),
        (Outcome.UNKNOWN, "outcome not seen"),
    ],
)
def test_a_phone_without_a_fault_says_how_far_it_was_seen(outcome: Outcome, words: str) -> None:
    installs = outcome is Outcome.IN_PROGRESS
    operation = Operation.INSTALL if installs else Operation.UNKNOWN
    phone = samples.phone(outcome=outcome, operation=operation, root_cause=None)
    text = text_of(samples.report(phones=(phone,), findings=()))
    assert f"No fault found\n  {phone.name}  {words}\n" in text


def test_a_capture_says_where_it_was_taken_and_how_that_is_known() -> None:
    captures = (
        samples.capture(role_given=True),
        samples.capture(id="b", role=Role.PUBLISHER),
        samples.capture(id="c", role=Role.OTHER, first=None, last=None),
        samples.capture(id="d", clock_offset_s=1.5, clock_offset_error_s=0.001),
        samples.capture(id="e", clock_offset_s=-0.0009, clock_offset_error_s=0.00001),
    )
    text = " ".join(text_of(samples.report(captures=captures)).split())
    assert "at the phone (given)" in text
    assert "at the publisher (inferred)" in text
    assert "where recorded is not known" in text
    assert "clock ahead by 1.500000 ±0.001000 s" in text
    assert "clock behind" not in text


def test_remarks_stand_at_the_top_where_they_say_why_nothing_was_judged() -> None:
    unknown = Verdict(
        severity=VerdictSeverity.UNKNOWN, summary="nothing to judge", unjudged=Unjudged.EVERYTHING
    )
    remark = "b.pcap is not a capture file"
    text = text_of(samples.report(verdict=unknown, notes=(remark,)))
    assert text.index(remark) < text.index(samples.PHONE)
    assert text_of(samples.report(notes=(remark,))).endswith(f"{remark}\n")


def test_times_are_shown_in_the_reader_s_zone_with_its_name() -> None:
    page = Page(zone=timezone(timedelta(hours=1), "CET"))
    text = text_of(samples.report(), page)
    assert "13:30:25.123456 CET" in text
    assert "UTC" not in text


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    text = text_of(samples.report(), Page(width=width))
    assert max(map(len, text.splitlines())) <= width


def test_a_storm_is_rendered_in_a_moment_and_stays_short() -> None:
    report = samples.storm(20_000, 100_000)
    begun = time.process_time()
    text = text_of(report)
    assert time.process_time() - begun < 1.5  # 0.2 s on an idle machine
    assert len(text) < 6_000


def test_several_operations_are_told_in_a_line_unless_all_are_the_same() -> None:
    refused, fetched = (
        PhoneOperation(flow="f1", operation=operation, outcome=outcome, certainty=Certainty.LIKELY)
        for operation, outcome in (
            (Operation.UNKNOWN, CapfOutcome.REFUSED),
            (Operation.FETCH, CapfOutcome.COMPLETE),
        )
    )
    phone = samples.phone(operations=(refused,) * 3)
    assert "operations" not in text_of(samples.report(phones=(phone,)))
    phone = samples.phone(operations=(refused, refused, fetched))
    told = " ".join(text_of(samples.report(phones=(phone,))).split())
    assert "operations (likely): refused 2 times, fetch complete" in told
    phone = samples.phone(operations=(refused, fetched) * 20)
    told = " ".join(text_of(samples.report(phones=(phone,))).split())
    assert "operations (likely): 35 more, fetch complete" in told
