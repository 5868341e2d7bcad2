"""A phone whose connection for files is refused, and which turns to TFTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.rules.made import (
    LISTS,
    SECOND,
    Timed,
    at,
    by_tftp,
    faults,
    from_port,
    report_on,
)
from tests.timeline.wire import ACK, Datagram, answer, connection

RST = 4


def refused(step: int) -> list[Timed]:
    """A SYN to port 6970 that the server answers with RST."""
    syn: Datagram = connection(6970, [])[0]
    reset = replace(answer(syn, b""), flags=RST | ACK, sequence=0, acknowledgement=syn.sequence + 1)
    return at(step, from_port([syn, reset], 10000 + step))


def test_a_capture_that_ends_before_the_turn_to_tftp_is_silent(tmp_path: Path) -> None:
    assert faults(report_on(tmp_path, refused(0))) == []
    assert faults(report_on(tmp_path, refused(0) + by_tftp(50, LISTS[0])[:1])) == []


def test_an_answer_by_tftp_makes_the_refusal_normal(tmp_path: Path) -> None:
    later = by_tftp(9 * SECOND, "ringlist.xml")
    packets = refused(0) + by_tftp(50, LISTS[0]) + later
    assert faults(report_on(tmp_path, packets)) == []


def test_a_phone_that_asks_nobody_else_is_refused(tmp_path: Path) -> None:
    packets = refused(0) + refused(2 * SECOND) + refused(9 * SECOND)
    named = by_tftp(10, LISTS[0])[:1]
    found = faults(report_on(tmp_path, packets + named))
    assert [(item.code, item.service) for item in found] == [("connection-refused", "http")]
