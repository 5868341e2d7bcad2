"""Rows sorted so that each flow is one run of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.ports import PortSelection
from capfpcap.flows import grouping
from capfpcap.flows.grouping import group_rows
from capfpcap.flows.orientation import orient

from .packets import ACK, FIN, RST, SYN
from .tables import (
    CAPF,
    CLIENT,
    OTHER_PHONE,
    PHONE,
    SECOND,
    SERVER,
    End,
    capture_of,
    datagram,
    ends_of,
    frames_of,
    segment,
    table_of,
)

THIRD = End(OTHER_PHONE, 50001)


def test_flows_lie_in_the_order_of_their_first_packets() -> None:
    ends = [End(PHONE, 50000 + number * 7919 % 1000) for number in range(50)]
    frames = [segment(end, CAPF) for end in ends] + [segment(CAPF, end) for end in reversed(ends)]
    table = table_of(*frames)
    assert [ends_of(view)[0] for view in table.views] == ends
    assert [frames_of(view) for view in table.views] == [
        [number, 101 - number] for number in range(1, 51)
    ]


def test_flows_that_begin_at_the_same_instant_lie_in_the_order_of_the_file() -> None:
    ends = [End(PHONE, port) for port in (50009, 50001, 50005, 50003)]
    table = table_of(*[segment(end, CAPF) for end in ends], gap=0)
    assert [ends_of(view)[0] for view in table.views] == ends


def test_a_syn_with_another_number_on_the_same_ports_begins_another_flow() -> None:
    table = table_of(
        segment(CLIENT, CAPF, SYN, 100),
        segment(CAPF, CLIENT, SYN | ACK, 900),
        segment(CLIENT, CAPF, SYN, 5000),
        segment(CAPF, CLIENT, SYN | ACK, 7000),
    )
    assert [frames_of(view) for view in table.views] == [[1, 2], [3, 4]]


def test_a_syn_sent_again_is_of_the_same_flow() -> None:
    table = table_of(
        segment(CLIENT, CAPF, SYN, 100),
        segment(CLIENT, CAPF, SYN, 100),
        segment(CAPF, CLIENT, SYN | ACK, 900),
    )
    assert [frames_of(view) for view in table.views] == [[1, 2, 3]]


def test_a_syn_behind_packets_of_an_older_connection_begins_another_flow() -> None:
    table = table_of(
        segment(CLIENT, CAPF, ACK, 100),
        segment(CLIENT, CAPF, FIN | ACK, 101),
        segment(CLIENT, CAPF, SYN, 5000),
    )
    assert [frames_of(view) for view in table.views] == [[1, 2], [3]]


def test_a_syn_ack_or_a_reset_with_syn_begins_no_flow() -> None:
    table = table_of(
        segment(CLIENT, CAPF, SYN, 100),
        segment(CAPF, CLIENT, SYN | ACK, 900),
        segment(CAPF, CLIENT, SYN | RST, 901),
    )
    assert [frames_of(view) for view in table.views] == [[1, 2, 3]]


def test_tcp_and_udp_on_the_same_ports_are_two_flows() -> None:
    dns = End(SERVER, 53)
    table = table_of(segment(CLIENT, dns), datagram(CLIENT, dns), segment(dns, CLIENT))
    assert [frames_of(view) for view in table.views] == [[1, 3], [2]]


@pytest.mark.parametrize("shared", [0, 1 << 63])
def test_keys_that_fall_on_one_mixed_number_stay_apart(
    shared: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [segment(end, CAPF) for end in (CLIENT, THIRD, End(SERVER, 50000)) * 3]
    expected = [frames_of(view) for view in table_of(*frames).views]

    def same_for_all(client: grouping.Keys, _server: grouping.Keys) -> grouping.Keys:
        return np.full(len(client), shared, np.uint64)

    monkeypatch.setattr(grouping, "_mixed", same_for_all)
    assert [frames_of(view) for view in table_of(*frames).views] == expected
    assert expected == [[1, 4, 7], [2, 5, 8], [3, 6, 9]]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_every_row_is_in_one_flow_and_those_of_a_flow_keep_their_order(whose: list[int]) -> None:
    frames = [segment(End(PHONE, 50000 + number), CAPF) for number in whose]
    columns = capture_of(*frames).columns
    everyone = np.arange(len(columns))
    order, starts = group_rows(columns, orient(columns, PortSelection()), everyone)
    assert sorted(order.tolist()) == everyone.tolist()
    groups = [group.tolist() for group in np.split(order, starts[1:])]
    assert groups == [
        [row for row, other in enumerate(whose) if other == number]
        for number in dict.fromkeys(whose)
    ]


ASKED = End(SERVER, 69)
REQUEST, REFUSAL = b"\0\1ITLFile.tlv\0octet\0", b"\0\5\0\1not found\0"


def refusal(port: int, address: str = SERVER) -> bytes:
    return datagram(End(address, port), CLIENT, REFUSAL)


def test_a_tftp_answer_recorded_just_before_its_request_comes_behind_it() -> None:
    request, block = datagram(CLIENT, ASKED, REQUEST), datagram(CLIENT, End(SERVER, 7000), b"\0\4")
    frames = (refusal(7000), request, block, refusal(7001), request)
    (view,) = table_of(*frames, gap=SECOND // 4).views
    assert frames_of(view) == [2, 1, 3, 5, 4]


@pytest.mark.parametrize(
    ("first", "gap"),
    [(refusal(7000, OTHER_PHONE), 1), (refusal(7000), 2 * SECOND), (refusal(69), 1)],
    ids=["another host's", "long before", "from port 69"],
)
def test_what_cannot_be_the_answer_to_a_tftp_request_stays_before_it(
    first: bytes, gap: int
) -> None:
    request = datagram(CLIENT, ASKED, REQUEST)
    views = table_of(first, request, refusal(7005), gap=gap).views
    assert [frames_of(view) for view in views] in ([[1, 2, 3]], [[1], [2, 3]], [[2, 3]])


def test_an_answer_between_two_tftp_requests_is_that_of_the_first() -> None:
    request = datagram(CLIENT, ASKED, REQUEST)
    (view,) = table_of(request, refusal(7000), request, refusal(7001), gap=1).views
    assert frames_of(view) == [1, 2, 3, 4]
