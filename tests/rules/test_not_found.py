"""Files that no server has, whatever else servers answer, and what only looks like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Severity
from tests.rules.made import (
    CONFIGURATION,
    LISTS,
    SECOND,
    Timed,
    by_http,
    by_tftp,
    faults,
    report_on,
)
from tests.vantage.records import CAPTURES, MILLISECOND, codes, joined, read


def asked_by_both(names: tuple[str, ...], status: int) -> list[Timed]:
    """Each name asked by HTTP, which answers with an error, and then by TFTP, which has none."""
    packets: list[Timed] = []
    for number, name in enumerate(names):
        packets += by_http(number * 100, name, status) + by_tftp(number * 100 + 50, name)
    return packets


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_list_that_http_refuses_and_tftp_has_not_is_not_found(
    status: int, tmp_path: Path
) -> None:
    packets = asked_by_both(LISTS, status) + by_tftp(9 * SECOND, "ringlist.xml")
    (found,) = faults(report_on(tmp_path, packets))
    assert (found.code, found.severity) == ("itl-not-found", Severity.CRITICAL)
    assert "none of the 3" in found.title
    assert ("or with HTTP 50" in found.detail) is (status != 404)


def test_a_configuration_that_http_refuses_and_tftp_has_not_is_not_found(tmp_path: Path) -> None:
    names = (f"{CONFIGURATION}.sgn", CONFIGURATION)
    packets = asked_by_both(names, 503) + by_tftp(9 * SECOND, "ringlist.xml")
    assert [item.code for item in faults(report_on(tmp_path, packets))] == ["config-not-found"]


def test_an_error_leaves_the_question_open_which_no_other_server_answered(tmp_path: Path) -> None:
    packets = by_tftp(0, LISTS[0]) + by_tftp(50, LISTS[1]) + by_http(100, LISTS[2], 503)
    found = faults(report_on(tmp_path, packets + by_tftp(9 * SECOND, "ringlist.xml")))
    assert [item.code for item in found] == ["transfer-failed"]


def test_a_capture_that_ends_before_the_question_for_everybodys_list_is_silent(
    tmp_path: Path,
) -> None:
    opened = by_http(100, LISTS[2], 404)[:3]
    packets = by_http(0, LISTS[0], 404) + by_http(50, LISTS[1], 404) + opened
    assert faults(report_on(tmp_path, packets)) == []
    late = by_tftp(9 * SECOND, "ringlist.xml")
    (found,) = faults(report_on(tmp_path, packets + late))
    assert (found.code, found.certainty.value) == ("itl-not-found", "likely")


def test_a_phone_that_enrols_without_its_list_being_found_had_one_before(tmp_path: Path) -> None:
    recorded = read(CAPTURES / "success-by-address" / "phone.pcap")
    packets = [one for one in recorded if one.protocol]
    asked = next(one for one in packets if b"ITLSEP" in one.payload)
    missing = [one for one in packets if asked.ports[0] in one.ports]
    assert [one.payload[:2] for one in missing] == [b"\0\1", b"\0\5"]
    missing[0] = asked.with_payload(b"\0\1ITLFile.tlv\0octet\0")
    goes_on = next(one.time for one in packets if b".cnf.xml" in one.payload)
    rest = [one for one in packets if one.time >= goes_on]
    assert codes(joined(tmp_path, [*missing, *rest])) == {"capf-session-complete"}
    asks_only = [*missing, missing[-1].later(9_000 * MILLISECOND)]
    assert codes(joined(tmp_path, asks_only)) == {"itl-not-found"}


def test_a_phone_that_asks_once_more_at_the_end_of_a_capture_has_waited(tmp_path: Path) -> None:
    asked = by_tftp(0, f"{CONFIGURATION}.sgn") + by_tftp(50, CONFIGURATION)
    again = by_tftp(4 * SECOND, CONFIGURATION)
    assert [item.code for item in faults(report_on(tmp_path, asked + again))] == [
        "config-not-found"
    ]
    assert not faults(report_on(tmp_path, asked))
