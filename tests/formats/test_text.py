"""The text report leads with the cause and never grows into a wall."""

from __future__ import annotations

import time
from datetime import timedelta, timezone

import msgspec
import pytest

from capfpcap.formats import render
from capfpcap.formats.page import Page
from capfpcap.formats.text import verdict_line
from capfpcap.report import (
    CapfOutcome,
    Certainty,
    Operation,
    Outcome,
    Phone,
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


def healthy_phones(count: int) -> tuple[Phone, ...]:
    return tuple(samples.healthy_phone(f"SEP{number:012X}") for number in range(count))


def table_of(report: Report) -> list[str]:
    """The lines of the table, its header first."""
    lines = text_of(report).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("  phone "))
    return lines[start : lines.index("", start)]


@pytest.mark.parametrize("count", [1, 3])
def test_a_few_phones_need_no_table(count: int) -> None:
    text = text_of(samples.report(phones=healthy_phones(count), findings=()))
    assert "first frame" not in text
    assert text.count("install succeeded") == count


def test_of_more_phones_than_a_few_a_table_tells_who_where_how_and_why() -> None:
    phones = (*healthy_phones(3), samples.phone())
    assert table_of(samples.report(phones=phones)) == [
        "  phone            address      outcome    cause              first frame",
        "✗ SEP2C31F694FAD9  10.10.10.50  failed     itl-capf-mismatch  phone:44",
        "✓ SEP000000000000  10.10.10.51  succeeded",
        "✓ SEP000000000001  10.10.10.51  succeeded",
        "✓ SEP000000000002  10.10.10.51  succeeded",
    ]


def test_a_warning_stands_behind_failures_and_what_is_open_is_no_success() -> None:
    warned = samples.phone(name="SEPW", outcome=Outcome.SUCCEEDED, root_cause=None)
    opened = samples.phone(name="SEPO", outcome=Outcome.UNKNOWN, root_cause=None)
    warning = samples.finding(phone="SEPW", code="packet-loss", severity=Severity.WARNING)
    phones = (opened, warned, samples.phone(), *healthy_phones(1))
    table = table_of(samples.report(phones=phones, findings=(warning, samples.finding())))
    assert [line.split()[:2] for line in table[1:]] == [
        ["✗", samples.PHONE],
        ["!", "SEPW"],
        ["·", "SEPO"],
        ["✓", "SEP000000000000"],
    ]


def test_one_capture_is_not_named_before_each_frame() -> None:
    report = samples.report(
        phones=(*healthy_phones(3), samples.phone()), captures=(samples.capture(),)
    )
    assert table_of(report)[1].endswith("itl-capf-mismatch  44")


def test_on_a_narrow_page_the_cause_has_a_line_of_its_own() -> None:
    report = samples.report(phones=(*healthy_phones(3), samples.phone()))
    text = text_of(report, Page(width=60))
    assert "✗ SEP2C31F694FAD9  10.10.10.50  failed\n    itl-capf-mismatch  phone:44\n" in text
    assert all(len(line) <= 60 for line in text.splitlines())


def test_many_healthy_phones_are_counted() -> None:
    assert len(table_of(samples.report(phones=healthy_phones(20), findings=()))) == 21
    text = text_of(samples.report(phones=healthy_phones(1021), findings=()))
    assert "  1,021 phones without a fault: 1,021 succeeded\n" in text
    assert "SEP000" not in text


def test_many_phones_of_one_cause_are_told_by_the_first_of_them() -> None:
    text = text_of(samples.storm(60, 60))
    assert text.count("Do this") == 1
    assert "✓ TCP" in text
    assert "10 more phones with itl-capf-mismatch: SEP" in text
    assert "30 phones without a fault: 30 succeeded" in text
    assert len(text.splitlines()) < 80


def troubled(count: int, causes: int) -> Report:
    """So many phones, each failed of one of the causes, and 55 healthy ones."""
    phones = tuple(
        samples.phone(name=f"SEPF{number:03}", root_cause=f"code-{number % causes}")
        for number in range(count)
    )
    findings = tuple(
        samples.finding(phone=phone.name, code=phone.root_cause, remedy="Do it. " * 40)
        for phone in phones
    )
    return samples.report(phones=(*phones, *healthy_phones(55)), findings=findings, flows=())


def test_several_causes_are_told_with_what_to_do_and_how_to_see_more() -> None:
    text = text_of(troubled(9, 4))
    assert text.count("Do this: ") == 4
    assert "SEPF000 and 2 more: CAPF presents" in text
    assert "  A phone with its steps and all its frames: --only SEPF000\n" in text
    assert "serial" not in text
    assert "The phone loaded ITLFile.tlv" not in text
    assert text_of(troubled(9, 2)).count("The phone loaded ITLFile.tlv") == 2


def test_sixty_phones_with_five_failures_fit_two_screens() -> None:
    lines = text_of(troubled(5, 5)).splitlines()
    assert len(lines) <= 2 * 24
    assert sum(line.startswith("✗ SEPF") for line in lines[:24]) == 5


@pytest.mark.parametrize(("count", "causes"), [(45, 30), (300, 3), (300, 300), (21, 1)])
def test_each_cause_has_a_line_in_the_table_as_long_as_there_is_room(
    count: int, causes: int
) -> None:
    rows = [line for line in table_of(troubled(count, causes)) if line.startswith("✗")]
    assert len(rows) == 20
    assert len({line.split()[4] for line in rows}) == min(causes, 20)
    assert len(text_of(troubled(count, causes)).splitlines()) < 400


def test_a_phone_that_failed_without_a_finding_is_told_among_many() -> None:
    phones = tuple(samples.phone(name=f"SEPF{number}", root_cause=None) for number in range(4))
    other = samples.finding(phone="SEPF0")
    text = text_of(samples.report(phones=phones, findings=(other,)))
    assert "SEPF1 and 2 more: no finding says why" in text


def test_the_verdict_alone_is_one_line() -> None:
    summary = "word " * 60 + "\x1b[2J\n"
    verdict = msgspec.structs.replace(samples.report().verdict, summary=summary)
    line = verdict_line(verdict, Page(width=40)).decode()
    assert line.startswith("CRITICAL  word word")
    assert line.count("\n") == 1
    assert r"\x1b[2J\n" in line


def test_facts_of_one_code_are_counted_after_the_first_few() -> None:
    findings = tuple(samples.fact(title=f"fact {number}") for number in range(9))
    text = text_of(samples.report(phones=(), findings=findings))
    assert "fact 2 " in text
    assert "fact 3 " not in text
    assert "and 6 more of capture-mid-session" in text


def test_a_session_that_went_its_whole_way_is_told_by_its_phone_alone() -> None:
    whole = samples.fact(
        code="capf-session-complete",
        stage=Stage.CAPF,
        phone=samples.HEALTHY_PHONE,
        certainty=Certainty.LIKELY,
    )
    text = text_of(samples.report(phones=(samples.healthy_phone(),), findings=(whole,)))
    assert f"{samples.HEALTHY_PHONE}  install succeeded" in text
    assert "capf-session-complete" not in text


def test_what_was_read_of_an_enrolment_is_told_in_full() -> None:
    read = samples.fact(
        code="lsc-installed",
        stage=Stage.CAPF,
        phone=samples.HEALTHY_PHONE,
        title="CAPF installed an LSC",
        detail="serial 50639e30",
    )
    text = text_of(samples.report(phones=(samples.healthy_phone(),), findings=(read,)))
    assert "CAPF installed an LSC [lsc-installed]\n    serial 50639e30" in text


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
