"""What the packets of a TCP connection tell of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.flows.connection import Connection, read_connection
from capfpcap.flows.reassembly import assemble

from .packets import (
    ACK,
    CLIENT_START,
    FIN,
    OPENING,
    RST,
    SERVER_START,
    SYN,
    Tcp,
    flow,
    from_client,
    from_server,
)


def read(*packets: Tcp) -> Connection:
    return read_connection(flow(*packets))


def said(connection: Connection, client: bool = True) -> list[tuple[int, bytes]]:
    return [(segment.offset, segment.data) for segment in connection.side(client).segments]


def test_a_handshake_names_its_rows_and_where_both_streams_begin():
    connection = read(*OPENING)
    assert (connection.client.syns, connection.server.syns) == ([0], [1])
    assert connection.established_row == 2
    assert connection.client.initial == CLIENT_START + 1
    assert connection.server.initial == SERVER_START + 1
    assert connection.answered
    assert connection.open_at_end
    assert not connection.mid_session
    assert not connection.refused


def test_rows_and_packets_are_counted_for_each_side():
    connection = read(*OPENING, from_client(0, b"ab"), from_server(0, heard=2))
    client, server = connection.client, connection.server
    assert (client.packets, client.first_row, client.last_row) == (3, 0, 3)
    assert (server.packets, server.first_row, server.last_row) == (2, 1, 4)


def test_repeated_syns_and_syn_acks_are_all_kept():
    connection = read(OPENING[0], OPENING[0], OPENING[1], OPENING[1], OPENING[2])
    assert (connection.client.syns, connection.server.syns) == ([0, 1], [2, 3])
    assert connection.established_row == 4


def test_data_right_behind_the_syn_ack_establishes_a_connection_and_a_reset_does_not():
    assert read(*OPENING[:2], from_client(0, b"x")).established_row == 2
    assert read(*OPENING[:2], from_client(0, flags=RST)).established_row is None
    assert read(*OPENING[:2]).established_row is None
    assert read(OPENING[0], from_client(0), OPENING[1]).established_row is None


def test_a_reset_as_first_answer_to_a_syn_is_a_refusal():
    reset = Tcp(False, RST | ACK, 0, CLIENT_START + 1)
    assert read(OPENING[0], reset).refused
    assert not read(*OPENING, from_server(0, flags=RST)).refused
    assert not read(from_client(0), reset).refused


def test_segments_in_order_have_their_offsets_lengths_and_rows():
    connection = read(*OPENING, from_client(0, b"abc"), from_server(0, b"xy"), from_client(3, b"d"))
    assert said(connection) == [(0, b"abc"), (3, b"d")]
    assert said(connection, client=False) == [(0, b"xy")]
    assert [segment.row for segment in connection.client.segments] == [3, 5]
    assert (connection.client.sent, connection.server.sent) == (4, 2)
    assert connection.client.repeated == []


def test_a_repetition_whole_or_in_part_is_told():
    connection = read(
        *OPENING, from_client(0, b"abc"), from_client(0, b"abc"), from_client(2, b"cde")
    )
    assert connection.client.repeated == [4, 5]
    assert connection.client.sent == 5


def test_a_segment_that_fills_a_gap_behind_later_ones_was_out_of_order_or_repeated():
    connection = read(*OPENING, from_client(3, b"def"), from_client(0, b"abc"))
    assert said(connection) == [(3, b"def"), (0, b"abc")]
    assert connection.client.repeated == [4]


def test_a_keep_alive_probe_is_no_data():
    acknowledged = from_server(0, heard=3)
    for probe in (b"\0", b"c"):
        connection = read(*OPENING, from_client(0, b"abc"), acknowledged, from_client(2, probe))
        assert said(connection) == [(0, b"abc")]
        assert connection.client.repeated == []


def test_one_octet_sent_again_before_it_was_acknowledged_is_a_repetition():
    connection = read(
        *OPENING, from_client(0, b"abc"), from_client(2, b"c"), from_server(0, heard=3)
    )
    assert connection.client.repeated == [4]


def test_acknowledgements_tell_how_far_and_with_which_row():
    connection = read(
        *OPENING,
        from_client(0, b"abcdef"),
        from_server(0, heard=3),
        from_server(0, heard=4),
        from_server(0, heard=4),
        from_server(0, heard=2),
    )
    assert (connection.client.acknowledged, connection.client.acknowledged_row) == (4, 5)
    assert connection.client.unacknowledged == 2


def test_the_acknowledgement_number_of_a_reset_counts_for_nothing():
    connection = read(*OPENING, from_client(0, b"abc"), from_server(0, flags=RST | ACK, heard=3))
    assert connection.client.acknowledged == 0


def test_text_in_a_reset_is_not_of_the_stream():
    connection = read(*OPENING, from_client(0, b"abc"), from_server(0, b"go away", flags=RST))
    assert said(connection, client=False) == []
    assert connection.server.reset_rows == [4]


def test_who_closes_first_is_the_side_whose_fin_or_reset_comes_first():
    by_server = read(*OPENING, from_server(0, flags=FIN | ACK), from_client(0, flags=FIN | ACK))
    assert (by_server.closing_row, by_server.closed_first_by_server) == (3, True)
    assert (by_server.server.fin_row, by_server.client.fin_row) == (3, 4)
    by_client = read(*OPENING, from_client(0, flags=RST), from_server(0, flags=FIN | ACK))
    assert (by_client.closing_row, by_client.closed_first_by_server) == (3, False)
    assert not by_client.open_at_end


def test_without_any_syn_the_capture_began_mid_session_and_the_first_octet_is_offset_0():
    connection = read(from_client(700, b"abc", heard=90), from_server(90, b"x", heard=703))
    assert connection.mid_session
    assert said(connection) == [(0, b"abc")]
    assert said(connection, client=False) == [(0, b"x")]
    assert connection.established_row is None


def test_mid_session_octets_before_the_first_packet_move_the_beginning():
    connection = read(
        from_client(700, b"abc"), from_client(690, bytes(10)), from_server(0, heard=703)
    )
    assert said(connection) == [(10, b"abc"), (0, bytes(10))]
    assert (connection.client.sent, connection.client.acknowledged) == (13, 13)


def test_with_only_the_server_captured_the_syn_ack_tells_where_the_client_begins():
    connection = read(OPENING[1], from_server(0, b"xyz", heard=5))
    assert connection.client.initial == CLIENT_START + 1
    assert connection.client.acknowledged == 5
    assert not connection.mid_session


def test_data_recorded_before_its_syn_ack_counts_from_that_syn_ack():
    connection = read(OPENING[0], from_server(3, b"def"), OPENING[1], from_server(0, b"abc"))
    assert said(connection, client=False) == [(3, b"def"), (0, b"abc")]


def test_data_in_a_syn_begins_the_stream():
    opening = from_client(-1, b"abc", flags=SYN)
    connection = read(opening, from_server(-1, flags=SYN | ACK, heard=3), from_client(3, b"d"))
    assert said(connection) == [(0, b"abc"), (3, b"d")]


def test_a_syn_ack_from_the_client_opens_nothing():
    syn, strange = from_client(-1, flags=SYN), from_client(-1, flags=SYN | ACK)
    connection = read(syn, strange, from_client(0, b"abc"))
    assert len(connection.client.syns) == 1
    assert connection.server.syns == []
    assert said(connection) == [(0, b"abc")]


def test_snapped_payload_keeps_its_length_on_the_wire():
    connection = read(*OPENING, from_client(0, bytes(100), captured=30), from_client(100, b"x"))
    (first, second) = connection.client.segments
    assert (first.length, len(first.data), second.offset) == (100, 30, 100)


@pytest.mark.parametrize("start", [2**32 - 1, 2**32 - 2, 2**32 - 4, 2**31 - 2])
@pytest.mark.parametrize("out_of_order", [False, True])
def test_sequence_numbers_may_wrap_around(start, out_of_order):
    data = [from_client(0, b"abc"), from_client(3, b"def"), from_client(6, b"ghi")]
    data = [data[0], data[2], data[1]] if out_of_order else data
    moved = start - CLIENT_START
    packets = [replace(p, sequence=p.sequence + moved) for p in (OPENING[0], *data)]
    answer = replace(from_server(0, heard=9), acknowledgement=start + 10)
    connection = read(packets[0], *packets[1:], answer)
    assert assemble(connection.client.segments).pieces == [(0, b"abcdefghi")]
    assert connection.client.acknowledged == 9


def test_more_than_4_gibibytes_count_on():
    steps = [from_client(at, b"x") for at in range(0, 5 << 30, 1 << 30)]
    connection = read(*OPENING, *steps)
    assert [offset >> 30 for offset, _ in said(connection)] == [0, 1, 2, 3, 4]


@given(
    st.lists(
        st.builds(
            Tcp,
            st.booleans(),
            st.integers(0, 63).map(lambda flags: flags & ~SYN),
            st.integers(0, 2**32 - 1) | st.integers(0, 50),
            st.integers(0, 2**32 - 1) | st.integers(0, 50),
            st.binary(max_size=5),
            st.just(None),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_no_numbers_and_flags_make_it_fail(packets, opened):
    packets = [*OPENING, *packets] if opened else [from_client(0), *packets]
    connection = read(*packets)
    for side in (connection.client, connection.server):
        assert all(segment.offset >= 0 for segment in side.segments) or side.syns
        assert side.sent >= max((s.offset + s.length for s in side.segments), default=0)
        assert set(side.repeated) <= {segment.row for segment in side.segments}
        assert (side.acknowledged is None) == (side.acknowledged_row is None)
    assert connection.client.packets + connection.server.packets == len(packets)


@given(
    st.lists(st.binary(min_size=1, max_size=6), min_size=1, max_size=8),
    st.integers(0, 2**32 - 1) | st.integers(2**32 - 40, 2**32 - 1),
    st.data(),
)
def test_order_and_repetition_change_nothing_of_what_was_said(parts, start, data):
    packets, offset = [], 0
    for part in parts:
        packets.append(Tcp(True, ACK, start + 1 + offset, 0, part))
        offset += len(part)
    repeated = data.draw(st.lists(st.sampled_from(packets), max_size=4))
    arrived = data.draw(st.permutations(packets + repeated))
    connection = read(Tcp(True, SYN, start), *arrived)
    assert assemble(connection.client.segments).pieces == [(0, b"".join(parts))]
    assert connection.client.sent == offset
    assert len(connection.client.repeated) >= len(repeated)


def test_what_a_server_says_of_a_former_connection_on_the_same_ports_counts_for_nothing():
    challenge, reset = 0x33334444, 0x11112222
    connection = read(
        OPENING[0],
        replace(from_server(0), flags=ACK, sequence=reset, acknowledgement=challenge),
        replace(from_client(0), flags=RST, sequence=challenge, acknowledgement=0),
        *OPENING,
        from_client(0, b"hello"),
    )
    assert connection.client.syns == [0, 3]
    assert connection.client.reset_rows == []
    assert connection.client.acknowledged == 0
    assert connection.missed == 0
    assert said(connection) == [(0, b"hello")]


@pytest.mark.parametrize("number", [0, OPENING[0].sequence], ids=["data's", "SYN's"])
def test_a_reset_of_the_connection_itself_counts_though_its_syn_comes_again(number):
    reset = replace(from_client(0), flags=RST)
    reset = replace(reset, sequence=number or reset.sequence)
    connection = read(OPENING[0], reset, OPENING[0])
    assert connection.client.reset_rows == [1]
