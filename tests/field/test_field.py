"""The field cases that the engine gets right; whoever mends another one adds it here."""

from __future__ import annotations

import pytest

from capfpcap.report import Certainty, Outcome

from .cases import cases_of, objections, report_on

COVERED = (
    "01-closed-after-handshake",
    "02-name-resolved-then-not",
    "06-pbx-without-capf",
    "08-moved-between-clusters",
    "09-capf-certificate-signed-by-a-ca",
    "11-tftp-answers-from-another-address",
    "13-merged-captures",
    "15-routed-packets-seen-twice",
    "16-two-phones-behind-one-address",
    "17-sniffer-streaming",
    "29-web-page-for-a-list",
    "30-two-phones-joined",
    "31-two-phones-addresses-mixed",
    "32-client-port-3804",
    "33-records-swapped",
)


@pytest.mark.parametrize("name", COVERED)
def test_a_field_case_is_judged_as_is_right(name: str) -> None:
    assert [text for case in cases_of(name) for text in objections(case)] == []


def test_a_client_that_closes_every_session_without_a_word_is_told() -> None:
    for case in cases_of("01-closed-after-handshake"):
        report = report_on(*case.files)
        (finding,) = report.findings
        assert finding.certainty is Certainty.POSSIBLE
        assert "3 sessions" in finding.detail
        assert "a phone that refuses the certificate" in finding.detail
        assert "a probe" in finding.detail
        assert report.phones[0].outcome is Outcome.UNKNOWN


def test_a_phone_of_a_pbx_has_attempted_nothing_and_needs_no_list() -> None:
    for case in cases_of("06-pbx-without-capf"):
        report = report_on(*case.files)
        assert [phone.outcome for phone in report.phones] == [Outcome.NOT_ATTEMPTED]
        assert {finding.severity.value for finding in report.findings} <= {"info"}


def test_a_phone_of_another_cluster_is_said_to_hold_its_list() -> None:
    for case in cases_of("08-moved-between-clusters"):
        report = report_on(*case.files)
        root = report.findings[0]
        assert (root.code, root.caused_by) == ("itl-of-another-cluster", None), str(case)
        assert "Erase the phone's ITL" in root.remedy


def test_both_explanations_of_a_certificate_signed_by_a_ca_are_named_where_it_is_open() -> None:
    for case in cases_of("09-capf-certificate-signed-by-a-ca"):
        phone = next(path for path in case.files if path.stem == "phone")
        found = {finding.code: finding for finding in report_on(phone).findings}
        for code in ("itl-capf-mismatch", "capf-certificate-replaced"):
            assert found[code].certainty is Certainty.LIKELY
            assert "signed by that CA" in found[code].detail
            assert "TLS inspection" in found[code].remedy


def test_the_other_address_of_a_tftp_server_is_named() -> None:
    for case in cases_of("11-tftp-answers-from-another-address"):
        root = report_on(*case.files).findings[0]
        assert "10.122.141.9" in root.title


def test_a_web_page_is_called_one_and_no_trust_is_reset_for_it() -> None:
    for case in cases_of("29-web-page-for-a-list"):
        report = report_on(*case.files)
        assert "a web page" in report.findings[0].title
        assert not any("localkey" in finding.remedy for finding in report.findings)


@pytest.mark.parametrize("name", ["30-two-phones-joined", "31-two-phones-addresses-mixed"])
def test_two_phones_have_an_address_each_and_share_no_flow(name: str) -> None:
    for case in cases_of(name):
        report = report_on(*case.files)
        assert {len(flow.seen_at) for flow in report.flows} == {1}
        assert {len(phone.addresses) for phone in report.phones} <= {0, 1}
        assert all(phone.name.startswith("SEP") for phone in report.phones)


def test_a_merged_file_is_judged_as_two_captures_and_a_mirror_as_one() -> None:
    for case in cases_of("13-merged-captures"):
        report = report_on(*case.files)
        assert {capture.path for capture in report.captures} == {str(case.files[0])}
        assert [capture.role.value for capture in report.captures] == ["phone", "publisher"]
        assert "captures-merged" in {finding.code for finding in report.findings}
    for case in cases_of("15-routed-packets-seen-twice"):
        assert {finding.code for finding in report_on(*case.files).findings} == {
            "capture-duplicates"
        }


def test_what_two_phones_behind_one_address_did_is_no_third_phones() -> None:
    for case in cases_of("16-two-phones-behind-one-address"):
        report = report_on(*case.files)
        assert [phone.name for phone in report.phones] == ["SEP1C17D337A2F0", "SEP1C17D337A2F1"]
        assert {phone.outcome for phone in report.phones} == {Outcome.UNKNOWN}
        calls = [flow for flow in report.flows if flow.service == "capf"]
        assert [flow.phone for flow in calls] == [None] * 4
        refused, done = report.findings
        assert (refused.code, refused.phone) == ("connection-refused", None)
        assert "3 attempts" in refused.detail
        assert "an operation was completed once" in refused.detail
        assert (done.code, done.phone) == ("capf-session-complete", None)
