"""A TFTP server that accepts options again and again, and a phone that never goes on."""

from __future__ import annotations

from pathlib import Path

from tests.rules.made import LISTS, SECOND, Timed, by_tftp, faults, from_port, report_on
from tests.timeline.tftp_packets import ack, data, oack, request

ASKED, ACCEPTED = from_port([request(LISTS[2], "blksize", "1428"), oack("blksize", "1428")], 50001)
BLOCKS = from_port([ack(0), data(1, b"list"), ack(1)], 50001)
LATER = by_tftp(40 * SECOND, "ringlist.xml")


def accepted(*seconds: int) -> list[Timed]:
    return [(0, ASKED), *((second * SECOND + 1, ACCEPTED) for second in seconds)]


def test_options_accepted_in_vain_are_a_transfer_that_stopped(tmp_path: Path) -> None:
    (found,) = faults(report_on(tmp_path, accepted(0, 6, 18) + LATER))
    assert found.code == "transfer-stalled"
    assert [item.frame for item in found.evidence] == [1, 3, 4]
    assert "packets were retransmitted (2)" in found.detail


def test_options_accepted_once_may_be_lost_once(tmp_path: Path) -> None:
    assert faults(report_on(tmp_path, accepted(0) + LATER)) == []


def test_a_transfer_that_goes_on_after_the_repetition_is_whole(tmp_path: Path) -> None:
    blocks = [(2 * SECOND + number, packet) for number, packet in enumerate(BLOCKS, 5)]
    found = faults(report_on(tmp_path, accepted(0, 2) + blocks + LATER))
    assert "transfer-stalled" not in [item.code for item in found]
