"""Who ended a TLS session, where an alert is encrypted or only answers the other's end."""

from __future__ import annotations

import pytest

from capfpcap.timeline.session import Session
from capfpcap.timeline.session_end import ended_by_client, hid_certificate, left_by_server
from tests.dissectors.tls_endpoints import TLS_1_3, Conversation
from tests.flows.packets import ACK, FIN, OPENING, PSH, from_client, from_server
from tests.timeline.test_session import packets, session_of

HELLO = bytes.fromhex("160301002d010000290303") + bytes(33) + bytes.fromhex("0002002f0100")
"""A ClientHello of TLS 1.2 with one cipher suite and no extensions."""
DECODE_ERROR = bytes.fromhex("15030100020232")
SERVER_CLOSES = FIN | ACK


def closed_after_hello(alert: bytes) -> Session:
    """The server closes behind the ClientHello, and then the client sends an alert."""
    heard = len(HELLO)
    return session_of(
        *OPENING,
        from_client(0, HELLO, PSH | ACK),
        from_server(0, b"", SERVER_CLOSES, heard=heard),
        from_client(heard, alert, PSH | ACK, heard=1),
    )


def test_an_alert_that_answers_the_servers_end_is_not_what_ended_the_session() -> None:
    session = closed_after_hello(DECODE_ERROR)
    assert len(session.alerts) == 1
    assert session.fatal_alert is None
    assert ended_by_client(session) is False


def answered_with(last: bytes) -> Session:
    """A handshake in which ``last`` takes the place of what the client says at its end."""
    conversation = Conversation(TLS_1_3).handshake()
    at = max(number for number, (side, _) in enumerate(conversation.flights) if side)
    conversation.flights[at:] = [(True, last)]
    return session_of(*packets(conversation))


@pytest.mark.parametrize("length", [19, 35])
def test_an_encrypted_alert_in_place_of_finished_is_a_refusal(length: int) -> None:
    record = bytes.fromhex("140303000101170303") + length.to_bytes(2, "big") + bytes(length)
    session = answered_with(record)
    assert session.refusal_row is not None
    assert not session.handshake_complete


def test_a_finished_is_no_refusal() -> None:
    session = session_of(*packets(Conversation(TLS_1_3).handshake()))
    assert session.refusal_row is None
    assert session.handshake_complete


@pytest.mark.parametrize("certificate", [True, False])
def test_a_certificate_of_a_client_is_told_from_a_bare_finished(certificate: bool) -> None:
    conversation = Conversation(TLS_1_3, client_certificate=certificate).handshake()
    assert hid_certificate(session_of(*packets(conversation))) is certificate


@pytest.mark.parametrize("asked", [True, False])
def test_a_server_that_asks_for_authentication_has_not_left_at_once(asked: bool) -> None:
    conversation = Conversation(TLS_1_3).handshake()
    if asked:
        conversation.say(False, 16)
    sent = len(conversation.octets(from_client=False))
    heard = len(conversation.octets(from_client=True))
    closes = from_server(sent, b"", SERVER_CLOSES, heard=heard)
    assert left_by_server(session_of(*packets(conversation), closes)) is not asked
