"""What real endpoints said to each other comes out as they meant it, and as tshark opens it."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from capf_dissectors.tls import Certificate, CertificateRequest, Finished
from capf_dissectors.tls.decryption import KeyLog, Reason, Secrets, decrypt, load_rsa_key

from tests.dissectors.tls_endpoints import TLS_1_2, Conversation, certificate_and_key

from .sessions import Session, converse, read
from .tshark import tshark

RSA_KEY = load_rsa_key(certificate_and_key("rsa")[2])


def test_a_key_log_opens_every_version_and_cipher(matrix: list[Session], retried: Session) -> None:
    for session in (*matrix, retried):
        opened = session.opened()
        assert opened.reason is None, session.name
        for from_client in (True, False):
            assert read(opened, from_client) == session.meant(from_client), session.name


def test_every_encrypted_record_is_opened(matrix: list[Session]) -> None:
    for session in matrix:
        opened = session.opened()
        for from_client, plain in ((True, opened.client), (False, opened.server)):
            records = session.side(from_client).tls.records
            encrypted = [at for at, record in enumerate(records) if record.encrypted]
            assert [one.record for one in plain] == encrypted, session.name


def test_both_finished_are_revealed_and_what_tls13_hides_as_well(matrix: list[Session]) -> None:
    for session in matrix:
        revealed = session.opened().revealed
        assert {one.from_client for one in revealed if isinstance(one.message, Finished)} == {
            True,
            False,
        }
        kinds = {(one.from_client, type(one.message)) for one in revealed}
        if session.name.startswith("TLSv1_3"):
            assert kinds >= {(True, Certificate), (False, Certificate), (False, CertificateRequest)}


def test_the_certificates_of_tls13_are_those_that_were_presented(matrix: list[Session]) -> None:
    for session, algorithm in zip(matrix[-2:], ("rsa", "ec"), strict=True):
        shown = [
            one.message.certificates
            for one in session.opened().revealed
            if isinstance(one.message, Certificate)
        ]
        assert shown == [(certificate_and_key(algorithm)[1],)] * 2


def test_an_rsa_key_opens_what_its_key_exchange_protects_and_nothing_else(
    matrix: list[Session],
) -> None:
    secrets = Secrets(keys=[RSA_KEY])
    for session in matrix:
        opened = session.opened(secrets)
        name = session.name.split()[1]
        if name == "ALL" or name.startswith("ECDHE"):
            assert opened.reason is Reason.NOT_BY_RSA, session.name
        else:
            assert opened.reason is None, session.name
            assert read(opened, False) == session.meant(False)


@pytest.mark.parametrize("name", ["rsa again", "ecdhe again"])
def test_renegotiated_keys_open_what_follows(driven: dict[str, Session], name: str) -> None:
    opened = driven[name].opened()
    assert opened.reason is None
    assert (read(opened, True), read(opened, False)) == (b"before\nbehind\n", b"answer\n")
    assert sum(isinstance(one.message, Certificate) for one in opened.revealed) == 1


def test_an_rsa_key_opens_renegotiated_sessions(driven: dict[str, Session]) -> None:
    opened = driven["rsa again"].opened(Secrets(keys=[RSA_KEY]))
    assert opened.reason is None
    assert read(opened, True) == b"before\nbehind\n"


def test_without_the_second_secret_what_follows_a_renegotiation_stays_closed(
    driven: dict[str, Session],
) -> None:
    session = driven["ecdhe again"]
    lines = [line for line in session.log.splitlines() if line.startswith(b"CLIENT_RANDOM")]
    opened = session.opened(Secrets([KeyLog(lines[0])]))
    assert (opened.reason, read(opened, True)) == (Reason.NEW_KEYS, b"before\n")


def test_updated_keys_open_what_follows(driven: dict[str, Session]) -> None:
    opened = driven["updated"].opened()
    assert opened.reason is None
    assert (read(opened, True), read(opened, False)) == (b"before\nbehind\nmore\n", b"answer\n")


def without(session: Session, label: bytes) -> Secrets:
    lines = [line for line in session.log.splitlines() if label not in line]
    return Secrets([KeyLog(b"\n".join(lines))])


def test_early_data_is_opened_or_passed_over(driven: dict[str, Session]) -> None:
    session = driven["early"]
    opened = session.opened()
    assert (opened.reason, read(opened, True)) == (None, b"early bird\nlate\n")
    closed = session.opened(without(session, b"EARLY_TRAFFIC"))
    assert (closed.reason, read(closed, True)) == (None, b"late\n")


def test_a_log_that_lacks_a_secret_opens_the_rest(matrix: list[Session]) -> None:
    session = matrix[-1]
    opened = session.opened(without(session, b"HANDSHAKE"))
    assert opened.reason is Reason.LACKING
    assert read(opened, True) == session.meant(True)
    opened = session.opened(without(session, b"SERVER_TRAFFIC"))
    assert (read(opened, True), read(opened, False)) == (session.meant(True), b"")


def between(contexts: Conversation, session: ssl.SSLSession | None) -> Conversation:
    """A further conversation of the same two endpoints, which may resume a session."""
    further = Conversation.__new__(Conversation)
    further.flights = []
    further._to_client, further._from_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    further._to_server, further._from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    further.client = contexts.client.context.wrap_bio(
        further._to_client, further._from_client, session=session
    )
    further.server = contexts.server.context.wrap_bio(
        further._to_server, further._from_server, server_side=True
    )
    return further


@pytest.mark.parametrize("tickets", [True, False], ids=["ticket", "id"])
def test_a_resumed_session_is_opened_by_the_secret_of_the_first(
    log_folder: Path, tickets: bool
) -> None:
    contexts = Conversation(TLS_1_2, "AES128-GCM-SHA256")
    if not tickets:
        contexts.server.context.options |= ssl.OP_NO_TICKET
    first = between(contexts, None)
    whole = converse(first, log_folder)
    second = between(contexts, first.client.session)
    resumed = converse(second, log_folder)
    assert second.client.session_reused
    secrets = Secrets(keys=[RSA_KEY])
    alone = resumed.opened(secrets)
    assert alone.reason is Reason.RESUMED
    masters = dict(whole.opened(secrets).masters)
    opened = decrypt(resumed.side(True), resumed.side(False), secrets, masters)
    assert (opened.reason, read(opened, False)) == (None, resumed.meant(False))


def test_tshark_opens_the_same(
    matrix: list[Session], retried: Session, driven: dict[str, Session], tmp_path: Path
) -> None:
    sessions = [*matrix, retried, *driven.values()]
    expected = [
        {side: read(session.opened(), side) for side in (True, False)} for session in sessions
    ]
    followed = tshark(sessions, tmp_path)
    assert len(followed) == len(sessions)
    for session, ours, theirs in zip(sessions, expected, followed, strict=True):
        assert sorted(theirs.values()) == sorted(ours.values()), session.name
