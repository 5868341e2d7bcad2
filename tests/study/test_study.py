"""A study says what an analysis says, of everything and of each phone and flow alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capfpcap.analysis import CaptureInput, Options, analyze
from capfpcap.formats.json_document import render
from capfpcap.formats.json_flows import JsonFlows
from capfpcap.formats.page import Page
from capfpcap.report import Report
from capfpcap.study import Study, study
from tests.tui.looking import captures_of

SCENARIOS = (
    "burst",  # sixty phones, judged in batches
    "empty",
    "itl-mismatch",  # two captures, joined
    "neighbours-enrol-behind-nat",  # two phones of one address
    "not-tls",
    "return-path-filtered",
    "success-other-port",  # read twice
    "three-points",
    "tvs-answers",
)


def inputs_of(scenario: str) -> list[CaptureInput]:
    return [CaptureInput((str(path),)) for path in captures_of(scenario)]


def written(report: Report) -> bytes:
    return b"".join(render(report, Page()))


@pytest.fixture(scope="module", params=SCENARIOS)
def studied(request: pytest.FixtureRequest) -> Study:
    return study(inputs_of(request.param))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_report_is_that_of_an_analysis(scenario: str) -> None:
    inputs = inputs_of(scenario)
    expected = written(analyze(inputs).report)
    assert written(study(inputs).report) == expected
    assert written(study(inputs, Options(workers=2), kept_as=JsonFlows).report) == expected


def test_a_phone_alone_is_told_as_among_the_others(studied: Study) -> None:
    report = studied.report
    for phone in [one for one in report.phones if one.name][:8]:
        assert phone.name
        alone = studied.analysis_of(phone=phone.name)
        assert alone.report.phones == (phone,)
        assert [flow.id for flow in alone.scene.flows] == [
            flow.id for flow in report.flows if flow.phone == phone.name
        ]
        assert list(alone.report.flows) == studied.flows_of(phone.name)
        assert list(alone.report.findings) == [
            finding for finding in report.findings if finding.phone == phone.name
        ]
        (account,) = alone.judged.accounts
        assert [draft.code.code for draft in account.drafts] == [
            finding.code for finding in alone.report.findings
        ]


def test_a_flow_alone_is_told_as_among_the_others(studied: Study) -> None:
    for flow in list(studied.report.flows)[:8]:
        alone = studied.analysis_of(flow=flow.id)
        assert list(alone.report.flows) == [flow]
        assert [one.id for one in alone.scene.flows] == [flow.id]
        assert {finding.flow for finding in alone.report.findings} <= {None, flow.id}


def test_every_frame_of_evidence_leads_to_its_flow(studied: Study) -> None:
    for finding in studied.report.findings:
        for evidence in finding.evidence:
            flow = studied.where_is(evidence.capture, evidence.frame)
            assert finding.phone in {None, flow.phone}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda made: made.phone("SEP1"), "the captures show no phone SEP1"),
        (lambda made: made.flow("f99"), "the captures show no flow f99"),
        (lambda made: made.analysis_of(phone="SEP1"), "the captures show no phone SEP1"),
        (lambda made: made.analysis_of(flow="f99"), "the captures show no flow f99"),
        (lambda made: made.analysis_of(), "neither a phone nor a flow is named"),
        (lambda made: made.where_is("phone", 10**6), "frame 1000000 of phone is part of no flow"),
        (lambda made: made.where_is("moon", 1), "there is no capture moon"),
    ],
)
def test_what_is_not_there_is_said(asked: Callable[[Study], object], said: str) -> None:
    made = study(inputs_of("itl-mismatch"))
    with pytest.raises(LookupError, match=said):
        asked(made)


def test_options_count_for_the_parts_too() -> None:
    made = study(inputs_of("itl-mismatch"), Options(ignore=frozenset({"itl-capf-mismatch"})))
    (phone,) = made.report.phones
    codes = {finding.code for finding in made.analysis_of(phone=phone.name).report.findings}
    assert codes == {"tls-certificate-rejected"}
    assert phone.root_cause == "tls-certificate-rejected"
