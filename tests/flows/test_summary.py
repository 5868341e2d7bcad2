"""Counters and history strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.columns import IpProtocol
from capfpcap.flows import summary
from capfpcap.flows.summary import FlowSummary, summarise
from capfpcap.flows.table import FlowTable, FlowView

from .packets import ACK, FIN, RST, SYN
from .tables import CAPF, CLIENT, PHONE, SERVER, End, datagram, segment, table_of

DNS = End(SERVER, 53)


def only(table: FlowTable) -> FlowSummary:
    (found,) = summarise(table, table.views).values()
    return found


def slowly(view: FlowView) -> FlowSummary:
    """The summary as its documentation says, packet by packet."""
    columns = view.table.columns
    packets, octets, history = [0, 0], [0, 0], ""
    for row, up in zip(range(view.start, view.stop), view.directions(), strict=True):
        flags, length = int(columns.flags[row]), int(columns.payload_length[row])
        packets[up] += 1
        octets[up] += length
        tcp = columns.protocol[row] == IpProtocol.TCP
        opening = flags & (SYN | ACK)
        for letter, happened in (
            ("s", tcp and opening == SYN),
            ("h", tcp and opening == SYN | ACK),
            ("a", tcp and not flags & (SYN | FIN | RST) and not length),
            ("d", length > 0),
            ("f", tcp and flags & FIN),
            ("r", tcp and flags & RST),
        ):
            own = letter.upper() if up else letter
            if happened and own not in history:
                history += own
    return FlowSummary(packets[1], packets[0], octets[1], octets[0], history)


def test_a_whole_connection_reads_as_it_went() -> None:
    found = only(
        table_of(
            segment(CLIENT, CAPF, SYN, 100),
            segment(CAPF, CLIENT, SYN | ACK, 900),
            segment(CLIENT, CAPF, ACK, 101),
            segment(CLIENT, CAPF, ACK, 101, b"question"),
            segment(CAPF, CLIENT, ACK, 901, b"answer"),
            segment(CAPF, CLIENT, ACK, 907, b"more"),
            segment(CAPF, CLIENT, FIN | ACK, 911),
            segment(CLIENT, CAPF, RST, 109),
        )
    )
    assert found == FlowSummary(4, 4, 8, 10, "ShADdfR")


def test_of_what_one_packet_does_the_payload_comes_before_the_fin() -> None:
    assert only(table_of(segment(CLIENT, CAPF, FIN | ACK, 1, b"bye"))).history == "DF"


def test_a_datagram_has_payload_or_leaves_no_letter() -> None:
    table = table_of(datagram(CLIENT, DNS), datagram(DNS, CLIENT, b"answer"))
    assert only(table) == FlowSummary(1, 1, 0, 6, "d")


def test_a_capture_without_flows_has_no_summaries() -> None:
    table = table_of()
    assert summarise(table, table.views) == {}


@pytest.mark.parametrize("at_once", [1, 2, 1000])
@given(
    packets=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.booleans(),
            st.sampled_from([SYN, SYN | ACK, ACK, FIN | ACK, RST, RST | ACK, SYN | FIN, 0]),
            st.integers(0, 3),
        ),
        max_size=40,
    )
)
def test_any_flows_sum_up_as_if_read_packet_by_packet(
    at_once: int, packets: list[tuple[int, bool, int, int]]
) -> None:
    frames = []
    for number, up, flags, length in packets:
        end = End(PHONE, 50000 + number)
        ends = (end, CAPF) if up else (CAPF, end)
        frames.append(segment(*ends, flags, 7, bytes(length)))
    table = table_of(*frames)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summary, "_ROWS_AT_ONCE", at_once)
        found = summarise(table, table.views)
    assert found == {view.start: slowly(view) for view in table.views}
