"""A phone that loads its trust list again and again and asks for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Certainty, Severity
from capfpcap.vantage.role import Role
from tests.dissectors.builders import trust_list
from tests.rules.made import CONFIGURATION, LISTS, SECOND, Timed, by_tftp, report_on

CODE = "itl-of-another-cluster"


def starts(times: int, content: bytes = b"") -> list[Timed]:
    """Some starts, half a minute apart, each with the lists alone."""
    loaded = content or trust_list()
    return [
        packet
        for number in range(times)
        for packet in (
            *by_tftp((30 * number + 1) * SECOND, LISTS[0]),
            *by_tftp((30 * number + 2) * SECOND, LISTS[2], loaded),
        )
    ]


def found(
    folder: Path, packets: list[Timed], role: Role = Role.PHONE
) -> list[tuple[Severity, Certainty]]:
    findings = report_on(folder, packets, role).findings
    return [(item.severity, item.certainty) for item in findings if item.code == CODE]


def test_it_is_told_as_possible(tmp_path: Path) -> None:
    later = by_tftp(100 * SECOND, LISTS[0])
    assert found(tmp_path, [*starts(3), *later]) == [(Severity.INFO, Certainty.POSSIBLE)]


@pytest.mark.parametrize(
    "packets",
    [starts(2), [*starts(3), *by_tftp(70 * SECOND, CONFIGURATION)]],
    ids=["two starts", "a configuration is asked for"],
)
def test_a_reset_by_hand_and_a_phone_that_goes_on_are_not(
    packets: list[Timed], tmp_path: Path
) -> None:
    later = by_tftp(100 * SECOND, LISTS[0])
    assert not found(tmp_path, [*packets, *later])


def test_beside_a_server_the_configuration_may_come_from_another_one(tmp_path: Path) -> None:
    later = by_tftp(100 * SECOND, LISTS[0])
    assert not found(tmp_path, [*starts(3), *later], Role.SUBSCRIBER)
