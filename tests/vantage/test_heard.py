"""What a server answered and the phone never heard was no answer to the phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.vantage.role import Role
from tests.vantage.records import (
    ACK,
    CAPTURES,
    IP,
    SECOND,
    SYN,
    TCP,
    UDP,
    Packet,
    codes,
    joined,
    pair,
    read,
)

DNS_PORT = 53
RESPONSE = b"\x81\x80"
FLAGS = IP + 30
"""Where the flags of a DNS message lie in a frame (RFC 1035, section 4.1.1)."""


def answer_to(query: Packet) -> Packet:
    """The answer of a DNS server that knows the name, and no address of it."""
    addresses = query.data[IP + 16 : IP + 20] + query.source
    ports = query.data[IP + 22 : IP + 24] + query.data[IP + 20 : IP + 22]
    turned = query.patched(IP + 12, addresses).patched(IP + 20, ports)
    return turned.patched(FLAGS, RESPONSE).later(SECOND // 1000)


def test_lookups_whose_answers_are_lost_were_not_answered(tmp_path: Path) -> None:
    phone = read(CAPTURES / "dns-silent" / "phone.pcap")
    queries = [one for one in phone if one.protocol == UDP and one.ports[1] == DNS_PORT]
    dns = [*queries, *(answer_to(query) for query in queries), phone[-1]]
    analysis = joined(tmp_path, phone, dns, roles=(Role.PHONE, Role.DNS))
    assert codes(analysis) == {"dns-no-answer"}
    (finding,) = analysis.report.findings
    assert "packets to the phone left dns and did not come to phone" in finding.detail


def test_answers_that_one_capture_alone_shows_beside_the_server_are_taken_as_heard(
    tmp_path: Path,
) -> None:
    phone = read(CAPTURES / "dns-silent" / "phone.pcap")
    queries = [one for one in phone if one.protocol == UDP and one.ports[1] == DNS_PORT]
    both = [*phone, *(answer_to(query) for query in queries)]
    assert codes(joined(tmp_path, both, roles=(Role.DNS,))) == {"dns-no-address"}


@pytest.mark.parametrize("clock", [0, -37 * SECOND, 7200 * SECOND], ids=["even", "behind", "ahead"])
@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "unnumbered"])
def test_nothing_but_repeated_requests_proves_that_all_answers_are_lost(
    numbered: bool, clock: int, tmp_path: Path
) -> None:
    ends = [
        [one for one in packets if one.protocol == TCP] for packets in pair("return-path-filtered")
    ]
    if not numbered:
        ends = [[packet.identified(0) for packet in packets] for packets in ends]
    phone, publisher = ends
    analysis = joined(tmp_path, phone, [packet.later(clock) for packet in publisher])
    assert codes(analysis) - {"capture-clock-offset"} == {"path-dropped-to-phone"}


def test_a_request_that_one_capture_missed_is_no_reason_to_doubt_that_all_answers_are_lost(
    tmp_path: Path,
) -> None:
    phone, publisher = pair("return-path-filtered")
    syn = next(number for number, packet in enumerate(phone) if packet.protocol == TCP)
    analysis = joined(tmp_path, phone[:syn] + phone[syn + 1 :], publisher)
    assert codes(analysis) == {"path-dropped-to-phone"}


def test_an_attempt_that_one_capture_alone_shows_follows_from_what_two_prove(
    tmp_path: Path,
) -> None:
    phone, publisher = pair("lost-clienthello")
    late = [one for one in phone if one.time > phone[0].time + 5 * SECOND]
    (judged,) = joined(tmp_path, late, publisher).report.phones
    assert judged.root_cause == "path-drops-data"


def test_a_capture_of_what_the_server_sends_alone_proves_that_it_is_lost(tmp_path: Path) -> None:
    phone, publisher = (
        [one for one in ends if one.protocol == TCP] for ends in pair("return-path-filtered")
    )
    own = next(one.source for one in publisher if one.flags == SYN | ACK)
    sent = [one.later(7200 * SECOND) for one in publisher if one.source == own]
    found = codes(joined(tmp_path, phone, sent))
    assert "path-dropped-to-phone" in found
    assert not found & {"connection-no-answer", "path-dropped-to-server"}
