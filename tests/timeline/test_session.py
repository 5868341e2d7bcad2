"""A TCP connection with TLS inside, from packets to what both sides said."""

from __future__ import annotations

import pytest
from capf_dissectors.capf_shape import Operation, SessionState
from capf_dissectors.tls import (
    Alert,
    AlertDescription,
    Certificate,
    ChangeCipherSpec,
    ClientHello,
    ClientKeyExchange,
    ContentType,
    EncryptedHandshake,
    ServerHello,
    ServerHelloDone,
)
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.flows.connection import read_connection
from capfpcap.timeline.session import Session
from tests.dissectors.tls_endpoints import TLS_1_2, TLS_1_3, Conversation
from tests.flows.packets import OPENING, Tcp, flow, from_client, from_server

SEGMENT = 1200
"""Octets of payload in a packet."""
RECORD_OVERHEAD = 24
"""Explicit nonce and tag of AES-GCM in TLS 1.2 (RFC 5288, section 3)."""


def packets(conversation: Conversation) -> list[Tcp]:
    """The conversation in segments, opened by a handshake."""
    sent = {True: 0, False: 0}
    made = list(OPENING)
    for side, data in conversation.flights:
        for start in range(0, len(data), SEGMENT):
            make = from_client if side else from_server
            part = data[start : start + SEGMENT]
            made.append(make(sent[side], part, heard=sent[not side]))
            sent[side] += len(part)
    return made


def session_of(*sent: Tcp) -> Session:
    return Session(read_connection(flow(*sent)))


def sizes(session: Session) -> list[tuple[bool, int, int]]:
    return [(r.from_client, r.smallest, r.largest) for r in session.application_records]


@pytest.fixture(scope="module")
def rsa() -> Conversation:
    conversation = Conversation(TLS_1_2, "AES128-GCM-SHA256").handshake()
    conversation.say(False, 16)
    conversation.say(True, 3000)
    conversation.say(False, 700)
    conversation.close()
    return conversation


def test_messages_of_both_sides_come_in_the_order_in_which_they_were_complete(rsa):
    session = session_of(*packets(rsa))
    assert [(said.from_client, type(said.message)) for said in session.said][:7] == [
        (True, ClientHello),
        (False, ServerHello),
        (False, Certificate),
        (False, ServerHelloDone),
        (True, ClientKeyExchange),
        (True, ChangeCipherSpec),
        (True, EncryptedHandshake),
    ]
    rows = [said.row for said in session.said]
    assert rows == sorted(rows)
    assert rows[:2] == [3, 4]
    assert session.whole


def test_what_was_negotiated_is_told(rsa):
    session = session_of(*packets(rsa))
    assert (session.version, session.version_name, session.cipher_suite) == (
        0x0303,
        "TLS 1.2",
        0x009C,
    )
    assert session.client_hello.message.server_name == "capf.example.com"
    assert session.server_hello.row == 4
    assert not session.tls13
    assert session.handshake_complete
    assert session.client_leaf is None
    assert session.server_leaf == session.server_certificate.message.certificates[0]


def test_application_records_have_the_sizes_that_were_written_and_the_rows_that_ended_them(rsa):
    sent = packets(rsa)
    session = session_of(*sent)
    assert sizes(session)[:3] == [(False, 16, 16), (True, 3000, 3000), (False, 700, 700)]
    client_rows = [row for row, packet in enumerate(sent) if packet.from_client and packet.payload]
    assert session.application_records[1].row == client_rows[-1]


def test_an_alert_in_the_clear_is_told_by_who_sent_it():
    refused = Conversation(TLS_1_2, client_trusts=False).handshake_until_refused()
    session = session_of(*packets(refused))
    assert session.fatal_alert.from_client
    assert session.fatal_alert.message.description == AlertDescription.UNKNOWN_CA
    assert [type(said.message) for said in session.alerts] == [Alert]
    assert not session.handshake_complete
    assert session.application_records == []


def test_a_close_that_nobody_can_read_is_an_alert_but_no_fatal_one(rsa):
    session = session_of(*packets(rsa))
    assert [said.message.encrypted for said in session.alerts] == [True]
    assert session.fatal_alert is None


def test_of_tls_1_3_the_handshake_is_left_out_of_the_application_records():
    conversation = Conversation(TLS_1_3).handshake()
    conversation.say(False, 16)
    conversation.say(True, 100)
    session = session_of(*packets(conversation))
    assert session.tls13
    assert session.handshake_complete
    assert sizes(session) == [(False, 16, 16), (True, 100, 100)]


def test_of_cbc_only_bounds_of_a_size_are_known():
    conversation = Conversation(TLS_1_2, "AES128-SHA").handshake()
    conversation.say(False, 16)
    ((from_client, smallest, largest), *_) = sizes(session_of(*packets(conversation)))
    assert not from_client
    assert smallest <= 16 <= largest < smallest + 16


def long_record() -> tuple[list[Tcp], list[int]]:
    """A session whose client writes 3,000 octets at once, and the rows that carry them."""
    conversation = Conversation(TLS_1_2, "AES128-GCM-SHA256").handshake()
    conversation.say(False, 16)
    before = len(packets(conversation))
    conversation.say(True, 3000)
    after = len(packets(conversation))
    conversation.say(True, 12)
    return packets(conversation), list(range(before, after))


def test_a_record_with_a_hole_inside_still_counts_because_its_length_is_known():
    sent, rows = long_record()
    del sent[rows[1]]
    session = session_of(*sent)
    assert sizes(session) == [(False, 16, 16), (True, 3000, 3000), (True, 12, 12)]
    assert session.application_records[1].row == rows[1]
    assert not session.whole


def test_a_snapped_record_counts_even_at_the_end():
    sent, rows = long_record()
    cut = Tcp(**{**vars(sent[rows[-1]]), "captured": 10})
    session = session_of(*sent[: rows[-1]], cut)
    assert sizes(session) == [(False, 16, 16), (True, 3000, 3000)]
    assert not session.whole


def test_a_record_that_was_not_sent_to_its_end_does_not_count():
    sent, rows = long_record()
    session = session_of(*sent[: rows[-1]])
    assert sizes(session) == [(False, 16, 16)]
    client, server = session.client_tls.unfinished, session.server_tls.unfinished
    assert client.at_least == 3000 + RECORD_OVERHEAD + 5 - SEGMENT * (len(rows) - 1)
    assert server is None


def test_a_message_in_segments_out_of_order_is_complete_with_the_last_of_them(rsa):
    sent = packets(rsa)
    hello = sent[3]
    first = from_client(0, hello.payload[:50])
    rest = from_client(50, hello.payload[50:])
    session = session_of(*sent[:3], rest, first, *sent[4:])
    assert session.client_hello.row == 4
    assert session.server_hello.row == 5


def test_mid_session_nothing_is_known_to_be_negotiated_and_sizes_only_by_bounds(rsa):
    session = session_of(*packets(rsa)[7:])
    assert session.connection.mid_session
    assert (session.version, session.version_name, session.cipher_suite) == (None, None, None)
    (greeting, answer, *_) = session.application_records
    assert not greeting.from_client
    assert greeting.smallest <= 16 <= greeting.largest
    assert answer.from_client
    assert answer.smallest <= 3000 <= answer.largest
    assert not session.whole


def test_octets_that_are_not_tls_are_told_with_who_sent_them():
    session = session_of(*OPENING, from_client(0, b"GET / HTTP/1.0\r\n\r\n"))
    from_the_client, malformed = session.problem
    assert from_the_client
    assert malformed.offset == 0
    assert session_of(*OPENING).problem is None


def test_a_session_without_application_data_has_no_shape_yet(rsa):
    session = session_of(*packets(rsa)[:5])
    assert session.shape.messages == ()
    assert session.shape.state is not SessionState.COMPLETE


@given(st.data())
def test_no_loss_or_damage_makes_a_session_fail(data):
    sent = packets(LONG)
    damaged = []
    for packet in sent:
        if data.draw(st.sampled_from((False, *[True] * 9))):
            payload = bytearray(packet.payload)
            if payload and data.draw(st.booleans()):
                payload[data.draw(st.integers(0, len(payload) - 1))] ^= 1 << data.draw(
                    st.integers(0, 7)
                )
            damaged.append(Tcp(**{**vars(packet), "payload": bytes(payload)}))
    session = session_of(*(damaged or OPENING))
    rows = range(len(damaged or OPENING))
    assert all(said.row in rows for said in session.said)
    assert all(record.row in rows for record in session.application_records)
    assert all(record.smallest <= record.largest for record in session.application_records)
    heard = [
        record
        for record in session.application_records
        if not (record.from_client and session.too_late(record))
    ]
    assert len(session.shape.messages) == len(heard)
    assert session.handshake_complete in {True, False}


LONG = Conversation(TLS_1_2, "AES128-GCM-SHA256").handshake()
LONG.say(False, 16)
LONG.say(True, 3000)


def padded(data: bytes, octets: int) -> bytes:
    """Records of TLS 1.3 with that many octets more in each one that is encrypted."""
    made, at = b"", 0
    while at < len(data):
        end = at + 5 + int.from_bytes(data[at + 3 : at + 5], "big")
        more = octets if data[at] == ContentType.APPLICATION_DATA else 0
        length = (end - at - 5 + more).to_bytes(2, "big")
        made += data[at : at + 3] + length + data[at + 5 : end] + bytes(more)
        at = end
    return made


@pytest.mark.parametrize("side", [True, False])
def test_an_operation_is_told_where_one_side_pads_every_record(side: bool) -> None:
    conversation = Conversation(TLS_1_3).handshake()
    for sender, length in [(False, 16), (True, 35), (False, 8), (True, 919), (False, 12)]:
        conversation.say(sender, length)
    conversation.flights = [
        (sender, padded(data, 16) if sender == side else data)
        for sender, data in conversation.flights
    ]
    shape = session_of(*packets(conversation)).shape
    assert (shape.operation, shape.state) == (Operation.FETCH, SessionState.COMPLETE)
