"""Sessions told by a look at all rows at once are those that their packets tell."""

from __future__ import annotations

import dataclasses
import re
import struct
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.storm import write_storm
from capfpcap.analysis import CaptureInput, analyze, check
from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import CaptureError
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows import connection as connection_module
from capfpcap.flows.connection import read_connection
from capfpcap.flows.table import FlowTable, FlowView, build_flows
from capfpcap.timeline import conversation as conversation_module
from capfpcap.timeline.conversation import Conversation, read_conversations
from capfpcap.timeline.events import conversation_events
from capfpcap.timeline.plain_sessions import plain_sessions
from capfpcap.timeline.session import Session
from tests.capture.builder import pcap
from tests.differential.captures import shipped_captures
from tests.dissectors import tls_endpoints
from tests.dissectors.tls_endpoints import TLS_1_0, TLS_1_2, TLS_1_3
from tests.flows.packets import ACK, FIN, OPENING, RST, SYN, Tcp, from_client, from_server

SEGMENT = 1400
AS_IF_HELLO = re.compile(rb"\x14\x03.\0\x01\x01\x16\x03...[\x01\x02]", re.DOTALL)
"""ChangeCipherSpec, and behind it a handshake record that begins as ClientHello or ServerHello."""
SMALL = 60_000
"""Octets of the captures that are damaged: the smaller, the more examples in the same time."""
STORM_PHONES, SEED = 200, 7
INSTALLATION = (
    (False, 16),
    (True, 39),
    (False, 17),
    (True, 8),
    (True, 305),
    (False, 900),
    (True, 12),
    (False, 12),
)
"""Who says how much in a CAPF session that installs a certificate."""


def installation(
    version: tls_endpoints.ssl.TLSVersion = TLS_1_2,
    cipher: str = "ECDHE-RSA-AES128-GCM-SHA256",
    *,
    segment: int = SEGMENT,
    client_certificate: bool = False,
) -> list[Tcp]:
    """The packets of a CAPF session from SYN to FIN."""
    spoken = handshake(version, cipher, client_certificate=client_certificate)
    for sender, length in INSTALLATION:
        spoken.say(sender, length)
    spoken.close()
    packets = list(OPENING)
    sent = {True: 0, False: 0}
    for side, data in spoken.flights:
        make = from_client if side else from_server
        for start in range(0, len(data), segment):
            part = data[start : start + segment]
            packets.append(make(sent[side], part, heard=sent[not side]))
            sent[side] += len(part)
    packets.append(from_server(sent[False], flags=FIN | ACK, heard=sent[True]))
    packets.append(from_client(sent[True], flags=FIN | ACK, heard=sent[False] + 1))
    packets.append(from_server(sent[False] + 1, flags=RST))
    return packets


def handshake(
    version: tls_endpoints.ssl.TLSVersion, cipher: str, *, client_certificate: bool
) -> tls_endpoints.Conversation:
    """A handshake whose encrypted messages do not begin by chance as hellos in the clear do."""
    while True:
        spoken = tls_endpoints.Conversation(version, cipher, client_certificate=client_certificate)
        spoken.handshake()
        if not any(AS_IF_HELLO.search(data) for _, data in spoken.flights):
            return spoken


@cache
def installations() -> list[list[Tcp]]:
    """Sessions of several kinds, all of them whole."""
    return [
        installation(),
        installation(segment=500),
        installation(TLS_1_0, "AES256-SHA"),
        installation(client_certificate=True),
        installation(TLS_1_3),
    ]


def plain_in(packets: list[Tcp]) -> list[Session]:
    """The plain sessions; a repeated SYN may make two flows of the packets."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "flows.pcap")
        path.write_bytes(pcap([packet.recorded(at) for at, packet in enumerate(packets)]))
        table = read_table(path)
    return list(plain_sessions(table, table.views).values())


def known(owner: object) -> dict[str, object]:
    """What an object knows without working it out."""
    fields = {"view", "connection"}
    return {name: value for name, value in vars(owner).items() if name not in fields}


def assert_true(session: Session) -> None:
    """Check all that was known of a plain session against what its packets tell."""
    walked = Session(read_connection(session.view))
    for told, own in ((session, walked), (session.connection, walked.connection)):
        claimed = known(told)
        assert claimed == {name: getattr(own, name) for name in claimed}
    assert "sides" not in vars(session.connection)
    assert events_of(session) == events_of(walked)


def events_of(session: Session) -> list[object]:
    return list(conversation_events(Conversation(session.view, session.connection, session)))


def read_table(*paths: Path) -> FlowTable:
    ports = PortSelection()
    return build_flows(read_capture(tuple(map(str, paths)), ports, AddressTable()), ports)


def said_of(*paths: Path) -> tuple[bytes, bytes, list[object]] | str:
    """The report as two ways of judging give it, and all events; or why there is none."""
    inputs = [CaptureInput((str(path),)) for path in paths]
    try:
        analysis = analyze(inputs)
    except CaptureError as error:
        return str(error)
    encoded = msgspec.json.encode(analysis.report), msgspec.json.encode(check(inputs))
    return *encoded, list(analysis.timeline())


def assert_same_either_way(*paths: Path) -> None:
    """Check that reading all packets one by one leads to the same."""
    told = said_of(*paths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversation_module, "plain_sessions", lambda table, views: {})
        assert said_of(*paths) == told


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("storm") / "storm.pcap"
    write_storm(path, STORM_PHONES, SEED)
    return path


def test_an_installation_without_incident_is_plain():
    assert [len(plain_in(packets)) for packets in installations()] == [1, 1, 1, 0, 0]


def test_what_is_known_of_a_plain_session_is_what_its_packets_tell():
    for packets in installations()[:3]:
        (session,) = plain_in(packets)
        assert session.shape.operation.value == "install"
        assert session.server_leaf == tls_endpoints.certificate_and_key("rsa")[1]
        assert_true(session)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda packets: packets[1:], id="without-syn"),
        pytest.param(lambda packets: packets[:4] + packets[5:], id="with-a-hole"),
        pytest.param(lambda packets: [*packets[:5], packets[4], *packets[5:]], id="repeated"),
        pytest.param(
            lambda packets: [*packets[:3], packets[4], packets[3], *packets[5:]], id="old"
        ),
        pytest.param(lambda packets: cut(packets, 4, 100), id="cut-by-the-snap-length"),
        pytest.param(lambda packets: packets[:6], id="ended-in-the-handshake"),
        pytest.param(lambda packets: [*packets, packets[0]], id="opened-again"),
        pytest.param(lambda packets: flip(packets, 4, 0), id="not-tls"),
    ],
)
def test_any_incident_leaves_a_session_to_the_walk_over_its_packets(change):
    assert not plain_in(change(installations()[1]))


def cut(packets: list[Tcp], at: int, length: int) -> list[Tcp]:
    changed = dataclasses.replace(packets[at], captured=length)
    return [*packets[:at], changed, *packets[at + 1 :]]


def flip(packets: list[Tcp], at: int, place: int, octet: int = 0xFF) -> list[Tcp]:
    payload = bytearray(packets[at].payload)
    if payload:
        payload[place % len(payload)] ^= octet
    changed = dataclasses.replace(packets[at], payload=bytes(payload))
    return [*packets[:at], changed, *packets[at + 1 :]]


def damaged(packets: list[Tcp], edit: tuple[str, int, int, int]) -> list[Tcp]:
    """One edit; its numbers mean what they can in the packets that are left."""
    kind, where, place, number = edit
    at = where % len(packets)
    packet = packets[at]
    match kind:
        case "drop":
            rest = packets[:at] + packets[at + 1 :]
            return rest or packets
        case "repeat":
            return [*packets[:at], packet, *packets[at:]]
        case "swap":
            other = place % len(packets)
            swapped = list(packets)
            swapped[at], swapped[other] = packets[other], packet
            return swapped
        case "cut":
            return cut(packets, at, min(number, len(packet.payload)))
        case "number":
            changed = dataclasses.replace(packet, sequence=packet.sequence + number - 128)
        case "acknowledge":
            changed = dataclasses.replace(packet, acknowledgement=place << 12)
        case "flags":
            changed = dataclasses.replace(packet, flags=number & (SYN | ACK | FIN | RST))
        case _:
            return flip(packets, at, place, number)
    return [*packets[:at], changed, *packets[at + 1 :]]


KINDS = ["drop", "repeat", "swap", "cut", "number", "acknowledge", "flags", *["flip"] * 6]
EDITS = st.tuples(
    st.sampled_from(KINDS), st.integers(0, 40), st.integers(0, 1 << 20), st.integers(0, 255)
)


@settings(max_examples=300)
@given(st.integers(0, 4), st.lists(EDITS, min_size=1, max_size=3))
def test_nothing_untrue_is_known_of_a_damaged_session(number, edits):
    packets = installations()[number]
    for edit in edits:
        packets = damaged(packets, edit)
    for session in plain_in(packets):
        assert_true(session)


@settings(max_examples=150)
@given(st.integers(0, 2), st.integers(0, 400), st.integers(0, 255))
def test_nothing_untrue_is_known_where_an_octet_of_the_handshake_lies(number, place, octet):
    """Places from the records' headers on: every one of them decides what a session is."""
    packets = flip(installations()[number], 4, place, octet)
    for session in plain_in(packets):
        assert_true(session)


def test_many_flows_are_told_apart_whatever_their_order(storm):
    table = read_table(storm)
    views = [view for view in table.views if view.service.value == "capf"]
    sessions = plain_sessions(table, views)
    assert len(sessions) > len(views) * 3 // 4
    assert set(plain_sessions(table, views[::-1])) == set(sessions)
    for session in sessions.values():
        assert_true(session)


def test_conversations_come_in_the_order_of_their_flows(storm):
    table = read_table(storm)
    views = table.views[::-2]
    assert [conversation.view for conversation in read_conversations(table, views)] == views


def test_a_check_walks_over_the_packets_of_no_plain_session(storm, monkeypatch):
    walked: list[int] = []
    read_sides = connection_module.read_sides

    def noting(view: FlowView) -> object:
        walked.append(view.start)
        return read_sides(view)

    monkeypatch.setattr(connection_module, "read_sides", noting)
    table = read_table(storm)
    check([CaptureInput((str(storm),))])
    assert len(walked) == len(set(walked))
    assert not set(walked) & set(plain_sessions(table, table.views))


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in shipped_captures()}), ids=lambda path: path.name
)
def test_shipped_captures_say_the_same_either_way(folder):
    captures = [path for path in shipped_captures() if path.parent == folder]
    for capture in captures:
        assert_same_either_way(capture)
    if len(captures) == 2:
        assert_same_either_way(*captures)


def test_a_storm_says_the_same_either_way(storm):
    assert_same_either_way(storm)


@cache
def originals() -> list[bytes]:
    """Small shipped captures in the pcap format, and a storm of few phones."""
    with TemporaryDirectory() as folder:
        small_storm = Path(folder, "storm.pcap")
        write_storm(small_storm, 20, SEED)
        storm_octets = small_storm.read_bytes()
    shipped = [path.read_bytes() for path in shipped_captures() if path.suffix == ".pcap"]
    return [storm_octets, *(octets for octets in shipped if 24 < len(octets) < SMALL)]


def records_of(capture: bytes) -> list[bytes]:
    """The file header, then each packet with its record header."""
    order = "<" if capture[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    bounds = [0, 24]
    while bounds[-1] < len(capture):
        (length,) = struct.unpack_from(f"{order}I", capture, bounds[-1] + 8)
        bounds.append(bounds[-1] + 16 + length)
    return [capture[begin:end] for begin, end in pairwise(bounds)]


def damaged_records(records: list[bytes], edit: tuple[str, int, int, int]) -> list[bytes]:
    """One edit of the packets of a capture."""
    kind, where, place, octet = edit
    at = 1 + where * 97 % (len(records) - 1)
    match kind:
        case "drop":
            return [*records[:at], *records[at + 1 :]] if len(records) > 2 else records
        case "repeat":
            return [*records[:at], records[at], *records[at:]]
        case "swap":
            other = min(at + 1 + place % 4, len(records) - 1)
            swapped = list(records)
            swapped[at], swapped[other] = records[other], records[at]
            return swapped
        case _:
            changed = bytearray(records[at])
            changed[16 + place % (len(changed) - 16)] ^= octet
            return [*records[:at], bytes(changed), *records[at + 1 :]]


@settings(max_examples=40)
@given(st.data(), st.lists(EDITS, min_size=1, max_size=12))
def test_damaged_captures_say_the_same_either_way(data, edits):
    records = records_of(data.draw(st.sampled_from(originals())))
    for edit in edits:
        records = damaged_records(records, edit)
    with TemporaryDirectory() as folder:
        path = Path(folder, "damaged.pcap")
        path.write_bytes(b"".join(records))
        assert_same_either_way(path)
