"""Where captures were taken, told by what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.vantage.role import Role
from tests.vantage.records import CAPTURES, Packet, joined, read

LEADS_ASTRAY = CAPTURES / "name-leads-to-subscriber"
STEMS = ("phone", "publisher", "subscriber")


def recorded(stem: str) -> list[Packet]:
    return read(LEADS_ASTRAY / f"{stem}.pcap")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_host_that_only_refuses_capf_is_a_subscriber_beside_one_that_serves_files(
    order: tuple[int, ...], tmp_path: Path
) -> None:
    stems = [STEMS[number] for number in order]
    report = joined(tmp_path, *map(recorded, stems)).report
    assert [capture.id for capture in report.captures] == stems
    assert [capture.role.value for capture in report.captures] == stems
    (judged,) = report.phones
    assert judged.root_cause == "dns-wrong-address"


def test_the_evidence_at_a_subscriber_is_named_after_it(tmp_path: Path) -> None:
    report = joined(tmp_path, *map(recorded, STEMS)).report
    shown = {name for flow in report.flows if flow.service == "capf" for name in flow.seen_at}
    assert shown == {"phone", "subscriber"}


def test_a_host_that_refuses_capf_alone_may_be_the_publisher_whose_service_is_stopped(
    tmp_path: Path,
) -> None:
    (point,) = joined(tmp_path, recorded("subscriber")).scene.points
    assert point.role is Role.PUBLISHER


def test_a_role_that_was_given_is_kept(tmp_path: Path) -> None:
    captures = (recorded("publisher"), recorded("subscriber"))
    points = joined(tmp_path, *captures, roles=(None, Role.PUBLISHER)).scene.points
    assert {(point.role_given, point.role) for point in points} == {
        (True, Role.PUBLISHER),
        (False, Role.SUBSCRIBER),
    }


def test_two_captures_of_one_publisher_are_both_the_publishers(tmp_path: Path) -> None:
    packets = recorded("publisher")
    halves = [packets[: len(packets) // 2], packets[len(packets) // 2 :]]
    points = joined(tmp_path, *halves).scene.points
    assert {point.role for point in points} == {Role.PUBLISHER}
