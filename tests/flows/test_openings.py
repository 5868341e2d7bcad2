"""Who opened a connection decides which service it is; ports only where nothing else tells."""

from __future__ import annotations

import pytest

from capfpcap.services import Service
from tests.capture.builder import PHONE, SERVER

from .packets import ACK, RST, SYN
from .tables import CAPF, CLIENT, End, ends_of, segment, table_of

HELLO = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"
SERVER_HELLO = b"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00"
APPLICATION_DATA = b"\x17\x03\x03\x00\x05hello"
REQUEST = b"GET /index.html HTTP/1.1\r\n"
CLIENT_PORTS = [3804, 2445, 6970, 5061, 2443]


@pytest.mark.parametrize("port", CLIENT_PORTS)
@pytest.mark.parametrize("seen", ["SYN", "SYN-ACK", "both"])
def test_a_client_that_uses_a_services_port_for_its_own_is_nobodys_server(
    port: int, seen: str
) -> None:
    client, web = End(PHONE, port), End(SERVER, 443)
    opening = [segment(client, web, SYN, 9), segment(web, client, SYN | ACK, 5)]
    opening = {"SYN": opening[:1], "SYN-ACK": opening[1:], "both": opening}[seen]
    assert table_of(*opening, segment(client, web, payload=HELLO)).views == []


@pytest.mark.parametrize("port", CLIENT_PORTS)
@pytest.mark.parametrize("said", [HELLO, REQUEST])
def test_in_mid_session_the_clients_first_words_tell(port: int, said: bytes) -> None:
    client, web = End(PHONE, port), End(SERVER, 8443)
    assert table_of(segment(web, client), segment(client, web, payload=said)).views == []


@pytest.mark.parametrize("said", [SERVER_HELLO, b"HTTP/1.1 200 OK\r\n"])
def test_and_so_do_the_servers(said: bytes) -> None:
    client, web = End(PHONE, 3804), End(SERVER, 8443)
    assert table_of(segment(client, web), segment(web, client, payload=said)).views == []


def test_where_nothing_tells_the_ports_do() -> None:
    (view,) = table_of(segment(CAPF, CLIENT, payload=APPLICATION_DATA)).views
    assert ends_of(view) == (CLIENT, CAPF)


def test_no_phone_opens_a_connection_from_a_servers_port() -> None:
    client, web = End(PHONE, 3804), End(SERVER, 443)
    assert table_of(segment(client, web, payload=APPLICATION_DATA)).views == []


def test_a_client_at_one_services_port_reaches_the_other_service() -> None:
    client, tvs = End(PHONE, 3804), End(SERVER, 2445)
    (view,) = table_of(
        segment(client, tvs, SYN, 9), segment(tvs, client, SYN | ACK, 5), segment(client, tvs)
    ).views
    assert view.service is Service.TVS
    assert ends_of(view) == (client, tvs)
    assert view.directions() == [True, False, True]


@pytest.mark.parametrize("first", [SYN, SYN | ACK])
def test_what_comes_later_changes_nothing(first: int) -> None:
    ends = (CLIENT, CAPF) if first == SYN else (CAPF, CLIENT)
    (view,) = table_of(
        segment(*ends, first, 9),
        segment(CAPF, CLIENT, payload=HELLO),
        segment(CAPF, CLIENT, SYN | RST, 9),
    ).views
    assert ends_of(view) == (CLIENT, CAPF)


def test_strangers_beside_a_phone_leave_its_flows_as_they_are() -> None:
    stranger, web = End("10.9.9.9", 3804), End(SERVER, 443)
    phone = [
        segment(CLIENT, CAPF, SYN, 9),
        segment(CAPF, CLIENT, SYN | ACK, 5),
        segment(CLIENT, CAPF, payload=HELLO),
    ]
    strange = [segment(stranger, web, SYN, 3), segment(web, stranger, SYN | ACK, 4)]
    alone = table_of(*phone)
    beside = table_of(
        *[one for pair in zip(phone, [*strange, strange[0]], strict=True) for one in pair]
    )
    (view,) = beside.views
    assert ends_of(view) == (CLIENT, CAPF)
    assert view.directions() == alone.views[0].directions()
    assert view.payloads() == alone.views[0].payloads()
