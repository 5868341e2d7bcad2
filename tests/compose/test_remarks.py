"""What a report remarks beside its findings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from capfpcap.analysis import CaptureInput, analyze, check
from capfpcap.compose.remarks import remarks_on
from capfpcap.report import Phone, Unjudged
from capfpcap.rules.questions.wording import MAX_NAMED
from capfpcap.vantage.role import Role
from tests.formats import samples
from tests.rules.made import at, report_on
from tests.timeline.wire import answer as reply
from tests.timeline.wire import connection

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
BROKEN = "byte 13: the tag a is closed by b"


def loaded(**changes: object) -> Phone:
    phone = samples.phone()
    assert phone.configuration is not None
    return samples.phone(configuration=msgspec.structs.replace(phone.configuration, **changes))


def test_a_configuration_that_cannot_be_read_is_told_with_the_reason() -> None:
    (remark,) = remarks_on([samples.phone(), loaded(file="SEP1.cnf.xml", problem=BROKEN)])
    assert remark.endswith(f"are not known: SEP1.cnf.xml ({BROKEN})")


def test_readable_and_encrypted_configurations_and_none_are_no_cause_for_a_remark() -> None:
    phones = [samples.phone(), loaded(encrypted=True), samples.phone(configuration=None)]
    assert list(remarks_on(phones)) == []


def test_of_many_that_cannot_be_read_a_few_are_named() -> None:
    phones = [loaded(file=f"SEP{at}.cnf.xml", problem=BROKEN) for at in range(MAX_NAMED + 9)]
    (remark,) = remarks_on(phones)
    assert remark.count(BROKEN) == MAX_NAMED
    assert remark.endswith("; and 9 more")


def given(scenario: str, **roles: Role) -> list[CaptureInput]:
    folder = CAPTURES / scenario
    return [CaptureInput((str(folder / f"{stem}.pcap"),), role) for stem, role in roles.items()]


@pytest.mark.parametrize("scenario", ["itl-mismatch", "service-stopped", "syn-filtered"])
def test_roles_the_wrong_way_round_are_remarked_once(scenario: str) -> None:
    inputs = given(scenario, publisher=Role.PHONE, phone=Role.PUBLISHER)
    for report in (check(inputs), analyze(inputs).report):
        (remark,) = [note for note in report.notes if "TTL" in note]
        assert "publisher.pcap was given as recorded at the phone" in remark
        assert "phone.pcap was given as recorded at the publisher" in remark
        assert report.verdict.severity.value == "critical"


@pytest.mark.parametrize("scenario", ["itl-mismatch", "service-stopped", "phone-behind-nat"])
def test_roles_that_fit_are_not(scenario: str) -> None:
    assert check(given(scenario, phone=Role.PHONE, publisher=Role.PUBLISHER)).notes == ()


def test_a_place_on_the_way_is_not_the_other_end() -> None:
    assert check(given("three-points", router=Role.PHONE)).notes == ()
    assert check(given("three-points", router=Role.OTHER)).notes == ()


@pytest.mark.parametrize("answer", [b"\x14", None], ids=["refused", "silent"])
def test_who_only_tries_the_file_service_may_be_a_phone(
    answer: bytes | None, tmp_path: Path
) -> None:
    asked = connection(6970, [])[0]
    packets = [asked]
    if answer is not None:
        packets.append(replace(reply(asked, b""), flags=answer[0], acknowledgement=1001))
    report = report_on(tmp_path, at(0, packets))
    assert report.verdict.unjudged is Unjudged.EVERYTHING
    (note,) = report.notes
    assert "10.1.20.31 tried to connect to 10.9.8.7:6970" in note


def test_whoever_got_through_is_not_named(tmp_path: Path) -> None:
    packets = connection(6970, [], closed_by_server=True)
    assert report_on(tmp_path, at(0, packets)).notes == ()
