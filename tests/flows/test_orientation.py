"""Which end is the client."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.ports import PortSelection
from capfpcap.flows.orientation import orient
from capfpcap.flows.service import NO_SERVICE
from capfpcap.services import Service
from tests.capture.builder import ethernet, ipv4

from .packets import ACK, SYN
from .tables import (
    CAPF,
    CLIENT,
    OTHER_PHONE,
    PHONE,
    SERVER,
    End,
    capture_of,
    datagram,
    ends_of,
    segment,
    table_of,
)

PORTS = {
    3804: Service.CAPF,
    2445: Service.TVS,
    6970: Service.HTTP,
    5061: Service.SIP_TLS,
    2443: Service.SCCP_TLS,
    53: Service.DNS,
}
REQUEST = b"\0\1ITLFile.tlv\0octet\0"


@pytest.mark.parametrize(("port", "service"), PORTS.items())
def test_the_end_at_the_service_port_is_the_server_whoever_speaks_first(
    port: int, service: Service
) -> None:
    server = End(SERVER, port)
    table = table_of(segment(server, CLIENT), segment(CLIENT, server))
    (view,) = table.views
    assert ends_of(view) == (CLIENT, server)
    assert view.service is service
    assert view.directions() == [False, True]


def test_where_both_ports_are_services_the_one_of_higher_rank_is_the_server() -> None:
    phone = End(PHONE, 6970)
    (view,) = table_of(segment(phone, CAPF), segment(CAPF, phone)).views
    assert ends_of(view) == (phone, CAPF)
    assert view.service is Service.CAPF


@pytest.mark.parametrize(("low", "high"), [(PHONE, SERVER), (SERVER, PHONE)])
def test_where_both_ports_are_of_one_service_the_syn_tells_the_client(low: str, high: str) -> None:
    client, server = End(low, 3804), End(high, 3804)
    table = table_of(
        segment(server, client, ACK, 5),
        segment(client, server, SYN, 100),
        segment(server, client, SYN | ACK, 200),
        segment(client, server, ACK, 101),
    )
    opened = table.views[-1]
    assert ends_of(opened) == (client, server)
    assert opened.directions() == [True, False, True]


def test_equal_ports_without_a_syn_make_one_flow_all_the_same() -> None:
    one, other = End(PHONE, 3804), End(SERVER, 3804)
    table = table_of(segment(one, other), segment(other, one), segment(one, other))
    (view,) = table.views
    directions = view.directions()
    assert directions in ([True, False, True], [False, True, False])


def test_a_transfer_is_one_flow_whatever_port_the_server_answers_from() -> None:
    phone, asked, answering = End(PHONE, 51000), End(SERVER, 69), End(SERVER, 33333)
    table = table_of(
        datagram(phone, asked, REQUEST),
        datagram(answering, phone, b"\0\3\0\1data"),
        datagram(phone, answering, b"\0\4\0\1"),
    )
    (view,) = table.views
    assert view.service is Service.TFTP
    assert ends_of(view) == (phone, End("0.0.0.0", 69))
    assert view.directions() == [True, False, True]


def test_transfers_of_two_phones_from_one_port_stay_apart() -> None:
    server = End(SERVER, 69)
    phones = [End(PHONE, 51000), End(OTHER_PHONE, 51000)]
    frames = [datagram(phone, server, REQUEST) for phone in phones]
    frames += [datagram(End(SERVER, 33333), phone, b"\0\3\0\1x") for phone in phones]
    assert [ends_of(view)[0] for view in table_of(*frames).views] == phones


def test_an_icmp_error_belongs_to_no_flow() -> None:
    quoted = segment(CLIENT, CAPF, SYN)[14:]
    error = ethernet(ipv4(bytes([3, 1, 0, 0]) + bytes(4) + quoted, 1, SERVER, PHONE))
    capture = capture_of(segment(CLIENT, CAPF, SYN), error)
    ranks = orient(capture.columns, PortSelection()).rank.tolist()
    assert (ranks[0] == NO_SERVICE, ranks[1] == NO_SERVICE) == (False, True)


SOME_PORTS = st.sampled_from([53, 2445, 3804, 6970, 40000])


@given(st.lists(st.tuples(SOME_PORTS, SOME_PORTS), min_size=1))
def test_both_directions_of_any_conversation_agree_on_the_client(
    ports: list[tuple[int, int]],
) -> None:
    frames = []
    for left, right in [*ports, (40000, 3804)]:
        one, other = End(PHONE, left), End(SERVER, right)
        frames += [segment(one, other), segment(other, one)]
    orientation = orient(capture_of(*frames).columns, PortSelection())
    there, back = slice(0, None, 2), slice(1, None, 2)
    assert orientation.client[there].tolist() == orientation.client[back].tolist()
    assert orientation.server[there].tolist() == orientation.server[back].tolist()
    assert (orientation.to_server[there] != orientation.to_server[back]).all()
