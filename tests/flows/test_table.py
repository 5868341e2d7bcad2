"""The table of all flows of a capture."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import IpProtocol
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows import table as tables
from capfpcap.flows.summary import summarise
from capfpcap.flows.table import FlowTable, build_flows
from tests.capture.test_against_tshark import captures, tshark

from .packets import ACK, RST, SYN
from .tables import (
    CAPF,
    CLIENT,
    OTHER_PHONE,
    SECOND,
    SERVER,
    START,
    End,
    datagram,
    segment,
    table_of,
)

OTHER = End(OTHER_PHONE, 50001)
DNS = End(SERVER, 53)


def interleaved() -> FlowTable:
    """Two connections whose packets take turns, and a lookup."""
    return table_of(
        segment(CLIENT, CAPF, ACK, 1, b"one"),
        segment(OTHER, CAPF, ACK, 1, b"other"),
        segment(CAPF, CLIENT, ACK, 1),
        datagram(CLIENT, DNS, b"name"),
        segment(CLIENT, CAPF, ACK, 4, b"two"),
    )


def test_a_view_has_the_payloads_directions_and_times_of_its_rows() -> None:
    first, second, third = interleaved().views
    assert first.payloads() == [b"one", b"", b"two"]
    assert first.directions() == [True, False, True]
    assert (first.first_time, first.last_time) == (START, START + 4 * SECOND)
    assert second.payloads() == [b"other"]
    assert third.payloads() == [b"name"]


@pytest.mark.parametrize("rows", [1, 2, 100])
@pytest.mark.parametrize("octets", [0, 100])
def test_what_a_walk_reads_ahead_is_what_the_views_read_alone(
    rows: int, octets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_ROWS_AT_ONCE", rows)
    monkeypatch.setattr(tables, "_OCTETS_AT_ONCE", octets)
    table = interleaved()
    alone = [(view.payloads(), view.directions()) for view in table.views]
    walked = [(view.payloads(), view.directions()) for view in table.walk(table.views)]
    assert walked == alone
    assert [(view.payloads(), view.directions()) for view in table.views] == alone


def test_a_walk_may_be_left_and_take_up_any_views() -> None:
    table = interleaved()
    for view in table.walk(table.views):
        assert view.payloads() == [b"one", b"", b"two"]
        break
    chosen = [table.views[2], table.views[0]]
    assert [view.payloads() for view in table.walk(chosen)] == [[b"name"], [b"one", b"", b"two"]]


def test_the_end_is_that_of_the_last_packet_of_any_kind() -> None:
    irrelevant = segment(End(OTHER_PHONE, 1), End(SERVER, 2))
    assert table_of(segment(CLIENT, CAPF), irrelevant).end == START + SECOND
    assert table_of().end is None


def test_one_direction_that_acknowledges_another_proves_a_one_sided_capture() -> None:
    assert table_of(segment(CLIENT, CAPF, SYN), segment(CLIENT, CAPF, ACK)).one_sided
    assert not table_of(segment(CLIENT, CAPF, SYN), segment(CLIENT, CAPF, SYN)).one_sided
    assert not table_of(segment(CLIENT, CAPF, ACK), segment(CAPF, CLIENT, ACK)).one_sided
    assert not table_of(datagram(CLIENT, DNS, b"name")).one_sided
    assert not table_of().one_sided


def test_the_ttls_of_an_address_are_those_near_in_time_resets_aside() -> None:
    table = table_of(
        segment(CAPF, CLIENT, ACK, 1, ttl=60),
        segment(CAPF, CLIENT, ACK, 2, ttl=60),
        segment(CAPF, CLIENT, ACK, 3, ttl=59),
        *[segment(CAPF, CLIENT, RST, 4, identification=number, ttl=255) for number in range(5)],
    )
    find = table.capture.addresses.find
    server, stranger = find(SERVER), find("192.0.2.1")
    assert server is not None and stranger is not None
    sent = table.ttls_of(server)
    assert sent.nearest(START, SECOND) == 60
    assert sent.nearest(START + 7 * SECOND, 6 * SECOND) == 59
    assert sent.nearest(START + 7 * SECOND, SECOND) is None
    assert sent.has(59, START + SECOND, SECOND)
    assert not sent.has(59, START, SECOND)
    assert table.ttls_of(stranger).nearest(START, SECOND) is None


Counts = Counter[tuple[str, str]]
"""By source and destination port, of packets and of octets."""


def by_tshark(path: Path) -> Counts:
    """Packets and payload octets from each TCP port to each other, as tshark counts them."""
    ports = " ".join(map(str, sorted(PortSelection().all_tcp)))
    found: Counts = Counter()
    wanted = f"tcp.port in {{{ports.replace(' ', ',')}}} && !icmp"
    for source, destination, length in tshark(
        path, wanted, "tcp.srcport", "tcp.dstport", "tcp.len"
    ):
        if length:  # none where the header contradicts itself
            found[f"{source}-{destination}", "packets"] += 1
            found[f"{source}-{destination}", "octets"] += int(length)
    return +found


def flows_of(path: Path) -> FlowTable:
    return build_flows(read_capture([str(path)], PortSelection(), AddressTable()), PortSelection())


def by_summaries(table: FlowTable) -> Counts:
    found: Counts = Counter()
    summaries = summarise(table, table.views)
    for view in table.views:
        if table.columns.protocol[view.start] == IpProtocol.TCP:
            summary = summaries[view.start]
            up, down = (
                f"{view.client_port}-{view.server_port}",
                f"{view.server_port}-{view.client_port}",
            )
            found[up, "packets"] += summary.packets_to_server
            found[up, "octets"] += summary.bytes_to_server
            found[down, "packets"] += summary.packets_to_client
            found[down, "octets"] += summary.bytes_to_client
    return +found


def test_the_counters_are_those_of_tshark() -> None:
    paths = [path for path in captures() if not path.name.endswith(".zst")][::16]
    assert len(paths) > 1
    read = {path: flows_of(path) for path in paths}
    single = {
        path: table
        for path, table in read.items()
        if not (table.duplicates or table.left_out or table.busy)
    }
    theirs = {path: by_tshark(path) for path in single}
    assert sum(map(bool, theirs.values())) >= len(paths) // 3
    assert {path: by_summaries(table) for path, table in single.items()} == theirs
