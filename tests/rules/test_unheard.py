"""A TFTP server that falls silent after it answered, and what looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.vantage.role import Role
from tests.vantage.records import CAPTURES, SECOND, UDP, Packet, codes, joined, read

ASKED_BEFORE = 2
"""Files that the server answers for before it falls silent: CTLSEP and ITLSEP."""


def requests_of(packets: list[Packet]) -> list[Packet]:
    """The phone's TFTP requests."""
    return [one for one in packets if one.protocol == UDP and one.payload[:2] == b"\0\1"]


def silent_after(packets: list[Packet], answered: int, repeated: int) -> list[Packet]:
    """A phone that asks for its next file again and again, two seconds apart, and waits."""
    asked = requests_of(packets)[answered]
    before = [one for one in packets if one.time < asked.time]
    again = [asked.later(2 * number * SECOND) for number in range(repeated)]
    return [*before, *again, packets[0].later(60 * SECOND)]


def recorded() -> list[Packet]:
    return read(CAPTURES / "success-by-address" / "phone.pcap")


def test_a_server_that_falls_silent_after_it_answered_is_told(tmp_path: Path) -> None:
    analysis = joined(tmp_path, silent_after(recorded(), ASKED_BEFORE, 4))
    assert codes(analysis) == {"tftp-no-answer"}
    (phone,) = analysis.report.phones
    assert phone.outcome.value == "failed"


def test_a_request_that_is_repeated_once_may_be_lost(tmp_path: Path) -> None:
    assert not codes(joined(tmp_path, silent_after(recorded(), ASKED_BEFORE, 2)))


def test_a_phone_can_do_without_a_ctl(tmp_path: Path) -> None:
    packets = recorded()
    ctl = requests_of(packets)[0]
    start = packets[0].time - 8 * SECOND
    again = [ctl.later(start - ctl.time + 2 * number * SECOND) for number in range(4)]
    assert codes(joined(tmp_path, [*again, *packets])) == {"capf-session-complete"}


def test_a_phone_that_goes_on_with_another_server_heard_one(tmp_path: Path) -> None:
    packets = recorded()
    asked = requests_of(packets)[ASKED_BEFORE]
    vain = [asked.later(-2 * number * SECOND).patched(34, b"\xc0\x01") for number in (1, 2, 3, 4)]
    earlier = [one.later(-20 * SECOND) for one in packets if one.time < asked.time]
    rest = [one for one in packets if one.time >= asked.time]
    assert codes(joined(tmp_path, [*earlier, *vain, *rest])) == {"capf-session-complete"}


@pytest.mark.parametrize(
    ("role", "found"), [(Role.PUBLISHER, {"transfer-stalled"}), (Role.PHONE, set())]
)
def test_beside_the_server_a_phone_that_repeats_answered_requests_hears_nothing(
    role: Role, found: set[str], tmp_path: Path
) -> None:
    packets = recorded()
    asked = requests_of(packets)[ASKED_BEFORE]
    block = next(one for one in packets if one.time > asked.time and one.payload[:2] == b"\0\3")
    before = [one for one in packets if one.time < asked.time]
    exchanges = [one.later(2 * number * SECOND) for number in range(4) for one in (asked, block)]
    stalled = [*before, *exchanges, packets[0].later(60 * SECOND)]
    assert codes(joined(tmp_path, stalled, roles=(role,))) == found


def test_answers_that_the_capture_leaves_out_are_no_silence(tmp_path: Path) -> None:
    packets = [one for one in recorded() if one.protocol != UDP or one.payload[:2] == b"\0\1"]
    assert len(requests_of(packets)) > ASKED_BEFORE
    assert codes(joined(tmp_path, packets)) == {"capf-session-complete"}


def test_a_phone_that_waits_before_each_question_hears_nothing(tmp_path: Path) -> None:
    packets = recorded()
    asked = requests_of(packets)
    waiting = [
        one.later(asked[0].time - one.time + 3 * number * SECOND)
        for number, one in enumerate(asked)
    ]
    assert "tftp-no-answer" in codes(joined(tmp_path, [*waiting, packets[0].later(60 * SECOND)]))
