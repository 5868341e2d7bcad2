"""What one direction of a connection says, clear and encrypted."""

from __future__ import annotations

import pytest
from capf_dissectors.results import Malformed
from capf_dissectors.tls import (
    Alert,
    AlertDescription,
    Certificate,
    CertificateRequest,
    CertificateVerify,
    ChangeCipherSpec,
    ClientHello,
    ClientKeyExchange,
    EncryptedHandshake,
    Handshake,
    NewSessionTicket,
    ServerHello,
    ServerHelloDone,
    ServerKeyExchange,
    Version,
    cipher_suite_name,
    group_name,
)
from capf_dissectors.tls import reader as tls_reader
from capf_dissectors.tls.messages import HELLO_RETRY_REQUEST_RANDOM

from .tls_endpoints import (
    TLS_1_0,
    TLS_1_1,
    TLS_1_2,
    TLS_1_3,
    Conversation,
    certificate_and_key,
)
from .tls_octets import CERTIFICATE, DONE, SERVER_HELLO, handshake, kinds, record, whole


@pytest.mark.parametrize("version", [TLS_1_0, TLS_1_1, TLS_1_2])
def test_a_full_handshake_reads_in_order_up_to_change_cipher_spec(version):
    conversation = Conversation(version, "ECDHE-RSA-AES128-SHA").handshake()
    conversation.close()
    server = conversation.dissected(from_client=False)
    assert kinds(conversation.dissected(from_client=True)) == [
        ClientHello,
        ClientKeyExchange,
        ChangeCipherSpec,
        EncryptedHandshake,
    ]
    assert kinds(server) == [
        ServerHello,
        Certificate,
        ServerKeyExchange,
        ServerHelloDone,
        NewSessionTicket,
        ChangeCipherSpec,
        EncryptedHandshake,
        Alert,
    ]
    assert server.messages[0].version == version
    assert server.messages[-1].encrypted
    assert group_name(server.messages[2].named_curve) == "x25519"
    assert server.problem is None
    assert server.unfinished is None


def test_hellos_say_what_was_offered_and_chosen(rsa_session):
    offered = rsa_session.dissected(from_client=True).messages[0]
    chosen = rsa_session.dissected(from_client=False).messages[0]
    assert offered.server_name == "capf.example.com"
    assert offered.cipher_suites[-1] == 0x00FF
    assert offered.highest_version == Version.TLS_1_2
    assert offered.encrypt_then_mac
    assert len(offered.random) == 32
    assert cipher_suite_name(chosen.cipher_suite) == "TLS_RSA_WITH_AES_128_GCM_SHA256"
    assert not chosen.encrypt_then_mac
    assert not chosen.hello_retry_request


def test_encrypt_then_mac_is_seen_accepted_for_a_block_cipher():
    server = Conversation(TLS_1_2, "AES128-SHA").handshake().dissected(from_client=False)
    assert server.messages[0].encrypt_then_mac


def test_the_certificate_is_the_der_that_the_server_has(rsa_session):
    certificate = rsa_session.dissected(from_client=False).messages[1]
    assert certificate.certificates == (certificate_and_key("rsa")[1],)
    assert not certificate.left_out


@pytest.mark.parametrize("version", [TLS_1_0, TLS_1_2])
def test_a_client_certificate_is_read_with_its_request_and_its_proof(version):
    conversation = Conversation(version, client_certificate=True).handshake()
    client = conversation.dissected(from_client=True).messages
    server = conversation.dissected(from_client=False).messages
    (request,) = [m for m in server if isinstance(m, CertificateRequest)]
    (presented,) = [m for m in client if isinstance(m, Certificate)]
    (proof,) = [m for m in client if isinstance(m, CertificateVerify)]
    assert bool(request.signature_algorithms) == (version == TLS_1_2)
    assert (proof.signature_algorithm is None) == (version == TLS_1_0)
    assert presented.certificates == (certificate_and_key("rsa")[1],)


def test_all_behind_the_server_hello_of_tls13_is_encrypted_whatever_change_cipher_spec_says():
    conversation = Conversation(TLS_1_3).handshake()
    conversation.say(False, 16)
    server = conversation.dissected(from_client=False)
    client = conversation.dissected(from_client=True)
    assert kinds(server) == [ServerHello, ChangeCipherSpec]
    assert kinds(client) == [ClientHello, ChangeCipherSpec]
    assert server.messages[0].version == Version.TLS_1_3
    assert client.messages[0].supported_versions == (Version.TLS_1_3,)
    assert [entry.encrypted for entry in server.records[2:]] == [True] * (len(server.records) - 2)


def test_the_hellos_after_a_hello_retry_request_are_in_the_clear_behind_change_cipher_spec():
    magic = HELLO_RETRY_REQUEST_RANDOM
    supported = b"\x00\x2b\x00\x02\x03\x04"
    body = b"\x03\x03%s\x00\x13\x01\x00" + len(supported).to_bytes(2, "big") + supported
    retry = handshake(2, body.replace(b"%s", magic))
    hello = handshake(2, body.replace(b"%s", bytes(32)))
    data = record(22, retry) + record(20, b"\x01") + record(22, hello) + record(22, bytes(60))
    stream = whole(data)
    assert kinds(stream) == [ServerHello, ChangeCipherSpec, ServerHello, EncryptedHandshake]
    assert [m.hello_retry_request for m in stream.messages[::2][:2]] == [True, False]


@pytest.mark.parametrize("version", [TLS_1_0, TLS_1_2, TLS_1_3])
def test_a_client_that_distrusts_the_certificate_shows_its_alert(version):
    conversation = Conversation(version, client_trusts=False).handshake_until_refused()
    client = conversation.dissected(from_client=True)
    alert = client.messages[-1]
    assert (alert.fatal, alert.description) == (True, AlertDescription.UNKNOWN_CA)
    assert not client.records[-1].encrypted


def test_messages_know_their_octets(rsa_session):
    data = rsa_session.octets(from_client=False)
    der = certificate_and_key("rsa")[1]
    certificate = rsa_session.dissected(from_client=False).messages[1]
    assert data[certificate.offset] == 11
    assert data[certificate.end - len(der) : certificate.end] == der


def test_several_messages_share_a_record_and_one_message_spans_many():
    flight = SERVER_HELLO + CERTIFICATE + DONE
    together = whole(record(22, flight))
    shredded = whole(b"".join(record(22, flight[at : at + 7]) for at in range(0, len(flight), 7)))
    assert kinds(together) == kinds(shredded) == [ServerHello, Certificate, ServerHelloDone]
    assert together.messages[1].certificates == shredded.messages[1].certificates


def test_several_alerts_share_a_record_and_one_alert_spans_two():
    stream = whole(record(21, b"\x01\x5a\x02\x28\x01") + record(21, b"\x00"))
    assert [(m.offset, m.end, m.level, m.description) for m in stream.messages] == [
        (5, 7, 1, 90),
        (7, 9, 2, 40),
        (9, 16, 1, 0),
    ]


def test_an_alert_of_two_octets_is_readable_even_behind_change_cipher_spec():
    stream = whole(record(20, b"\x01") + record(21, b"\x02\x14") + record(21, bytes(26)))
    assert [m.description for m in stream.messages if isinstance(m, Alert)] == [20, None]


def test_a_record_without_octets_is_neither_an_alert_nor_a_finished():
    empty = record(21, b"") + record(22, b"")
    assert whole(empty).messages == []
    changed = whole(record(20, b"\x01") + empty)
    assert kinds(changed) == [ChangeCipherSpec]
    assert [r.encrypted for r in changed.records] == [False, True, True]
    assert whole(record(21, b"\2") + record(21, b"") + record(21, b"\0")).messages[0].fatal


@pytest.mark.parametrize("padding", [0, 4])
def test_a_client_hello_in_an_ssl2_record_is_read_with_either_header(padding):
    body = bytes.fromhex("01030100060000001000003500000a") + bytes(range(1, 17))
    length = len(body) + padding
    header = (
        bytes([0x80 | length >> 8, length & 255])
        if not padding
        else bytes([length >> 8, length & 255, padding])
    )
    stream = whole(header + body + bytes(padding) + record(21, b"\x02\x46", 0x0301))
    hello, alert = stream.messages
    assert hello.record_version == Version.SSL_2_0
    assert hello.version == Version.TLS_1_0
    assert hello.cipher_suites == (0x35, 0x0A)
    assert hello.random == bytes(16) + bytes(range(1, 17))
    assert alert.description == AlertDescription.PROTOCOL_VERSION


def test_an_ssl2_record_whose_lengths_do_not_add_up_is_malformed():
    body = bytes.fromhex("01030100060000002000003500000a") + bytes(16)
    assert whole(bytes([0x80, len(body)]) + body).problem.offset == 0


def test_the_authorities_of_a_certificate_request_are_read_in_either_layout():
    listed = b"\x00\x07\x00\x02ab\x00\x01c"
    new = whole(record(22, handshake(13, b"\x01\x01\x00\x02\x04\x01" + listed)))
    old = whole(record(22, handshake(13, b"\x01\x01" + listed), 0x0301))
    assert new.messages[0].authorities == old.messages[0].authorities == (b"ab", b"c")
    assert (new.messages[0].signature_algorithms, old.messages[0].signature_algorithms) == (
        (0x0401,),
        (),
    )


def test_a_known_message_with_an_unreadable_body_becomes_a_generic_one():
    stream = whole(record(22, handshake(2, b"\x03\x03") + handshake(99, b"abc")))
    broken, unknown = stream.messages
    assert (type(broken), broken.type, broken.body) == (Handshake, 2, b"\x03\x03")
    assert "early" in broken.problem
    assert (type(unknown), unknown.type, unknown.problem) == (Handshake, 99, None)


def test_certificates_beyond_the_limit_are_left_out_and_said_to_be():
    listed = b"\x00\x00\x01x" * 40
    stream = whole(record(22, handshake(11, len(listed).to_bytes(3, "big") + listed)))
    assert len(stream.messages[0].certificates) == 32
    assert stream.messages[0].left_out


def test_a_stream_of_nothing_but_empty_records_stops_at_the_limit(monkeypatch):
    monkeypatch.setattr(tls_reader, "MAX_RECORDS", 50)
    stream = whole(record(23, b"") * 1000)
    assert (len(stream.records), stream.limited) == (50, True)


def hello_with(extensions: bytes) -> ClientHello:
    """A ClientHello of one cipher suite with an extension block of its own making."""
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\2\0\x9c" + b"\1\0"
    body += len(extensions).to_bytes(2, "big") + extensions
    (hello,) = whole(record(22, handshake(1, body))).messages
    assert isinstance(hello, ClientHello)
    return hello


VERSIONS = b"\0\x2b\0\3\2\3\4"


def test_a_server_name_that_lies_inside_costs_only_the_name():
    hello = hello_with(b"\0\0\0\5\0\xff\0\0\x09" + VERSIONS)
    assert (hello.server_name, hello.cipher_suites, hello.problem) == (None, (0x9C,), None)
    assert hello.supported_versions == (0x0304,)


def test_an_extension_that_reaches_too_far_costs_what_follows_and_is_named():
    hello = hello_with(VERSIONS + b"\0\0\0\x63\0\xff")
    assert (hello.cipher_suites, hello.supported_versions) == ((0x9C,), (0x0304,))
    assert hello.problem is not None
    assert "ends early" in hello.problem


def test_an_alert_of_no_version_is_read_where_nothing_was_agreed_on():
    stream = whole(bytes.fromhex("15000000020246"))
    assert [message.description for message in stream.messages] == [
        AlertDescription.PROTOCOL_VERSION
    ]
    assert stream.problem is None


@pytest.mark.parametrize("octets", ["15000000020346", "1500000002024600", "14000000020246"])
def test_what_only_resembles_an_alert_of_no_version_is_not_tls(octets):
    assert isinstance(whole(bytes.fromhex(octets)).problem, Malformed)
