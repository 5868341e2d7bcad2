"""Sessions with holes, altered records and wrong secrets: never a byte that was not said."""

from __future__ import annotations

from collections import Counter

import pytest
from capf_dissectors.streams import Piece
from capf_dissectors.tls import ClientKeyExchange, ServerHello, dissect_stream
from capf_dissectors.tls.decryption import (
    Decryption,
    KeyLog,
    Reason,
    Secrets,
    Side,
    decrypt,
    load_rsa_key,
)
from capf_dissectors.tls.decryption.walking import Opener
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dissectors.tls_endpoints import certificate_and_key

from .sessions import APPLICATION_DATA, Session, read

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def records(session: Session, from_client: bool) -> list[tuple[int, int]]:
    """Where each record of application data stands that is not empty."""
    said, result = session.side(from_client).tls.records, session.opened()
    return [
        (said[one.record].offset, said[one.record].end)
        for one in (result.client if from_client else result.server)
        if one.content_type == APPLICATION_DATA and one.data
    ]


def opened(session: Session, *holes: tuple[int, int]) -> Decryption:
    """The session with holes in what the server sent."""
    keys = Secrets([KeyLog(session.log)])
    return decrypt(session.side(True), session.side(False, *holes), keys)


def carries_over(session: Session) -> bool:
    """Whether a record needs the last block of the one before."""
    return session.name.startswith("TLSv1 ") and "NULL" not in session.name


def test_behind_a_record_that_is_missing_reading_goes_on(matrix: list[Session]) -> None:
    for session in matrix:
        result = opened(session, records(session, False)[-2])
        assert read(result, True) == session.meant(True), session.name
        assert read(result, False) == session.meant(False)[:16] + b"end", session.name
        assert result.reason is (Reason.GAP if carries_over(session) else None), session.name


def test_a_hole_inside_of_a_record_costs_that_record_alone(matrix: list[Session]) -> None:
    for session in matrix:
        begin, _ = records(session, False)[-2]
        result = opened(session, (begin + 8, begin + 12))
        assert read(result, False) == session.meant(False)[:16] + b"end", session.name
        lost = len(session.opened().server) - len(result.server)
        assert lost == 1 + (carries_over(session) and "etm" in session.name), session.name


def test_behind_a_hole_in_the_handshake_reading_begins(matrix: list[Session]) -> None:
    """What the hole takes is the server's last words of the handshake."""
    for session in matrix:
        hello = next(
            message
            for message in session.side(False).tls.messages
            if isinstance(message, ServerHello)
        )
        result = opened(session, (hello.end + 5, records(session, False)[-2][0]))
        assert read(result, False).endswith(b"end"), session.name


def test_a_capture_without_a_hello_says_so(matrix: list[Session]) -> None:
    result = opened(matrix[0], (0, 40))
    assert result.reason is Reason.NO_HELLO
    assert not result.client


@SLOW
@given(data=st.data())
def test_what_is_opened_was_said_whatever_is_missing(matrix: list[Session], data) -> None:
    session = data.draw(st.sampled_from(matrix))
    length = len(session.octets(False))
    cuts = sorted(data.draw(st.lists(st.integers(0, length), min_size=2, max_size=6, unique=True)))
    result = opened(session, *zip(cuts[::2], cuts[1::2], strict=False))
    truth = {one.data for one in session.opened().server}
    assert {one.data for one in result.server} <= truth


@SLOW
@given(data=st.data())
def test_an_altered_record_is_never_shown(matrix: list[Session], data) -> None:
    session = data.draw(st.sampled_from(matrix))
    begin, end = data.draw(st.sampled_from(records(session, True)))
    octets = bytearray(session.octets(True))
    octets[data.draw(st.integers(begin + 5, end - 1))] ^= data.draw(st.integers(1, 255))
    altered = Session("", [(True, bytes(octets)), (False, session.octets(False))], [], session.log)
    result = altered.opened()
    truth = {one.data for one in session.opened().client}
    assert {one.data for one in result.client} <= truth
    assert len(result.client) < len(session.opened().client)
    assert result.reason is not None


def test_a_wrong_secret_opens_nothing(matrix: list[Session]) -> None:
    for session in matrix:
        lines = [line for line in session.log.splitlines() if not line.startswith(b"RSA")]
        wrong = b"\n".join(
            line[:-1] + (b"0" if line[-1:] != b"0" else b"1")
            if b"RANDOM" in line or b"SECRET" in line
            else line
            for line in lines
        )
        result = session.opened(Secrets([KeyLog(wrong)]))
        assert result.reason is Reason.WRONG_SECRET, session.name
        assert not result.client, session.name
        assert not result.server, session.name


def test_the_secret_of_another_session_is_none(matrix: list[Session]) -> None:
    result = matrix[0].opened(Secrets([KeyLog(matrix[1].log)]))
    assert result.reason is Reason.NO_SECRET


def test_of_two_logs_that_differ_the_right_one_is_found(matrix: list[Session]) -> None:
    for session in (matrix[0], matrix[-1]):
        lines = [line for line in session.log.splitlines() if not line.startswith((b"#", b"RSA"))]
        wrong = b"\n".join(line[:-4] + b"0000" for line in lines)
        result = session.opened(Secrets([KeyLog(wrong), KeyLog(session.log)]))
        assert result.reason is None
        assert read(result, True) == session.meant(True)


def test_no_secret_is_in_the_words_for_anything(matrix: list[Session]) -> None:
    for session in matrix:
        secrets = Secrets([KeyLog(session.log)])
        words = repr(secrets) + repr(session.opened(secrets)) + repr(secrets.logs)
        for line in session.log.split():
            if len(line) > 90:
                assert line[:16].decode() not in words


def test_a_hole_that_pretends_to_be_long_costs_no_long_search(
    matrix: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers that may be behind it are many; what was captured is little."""
    tried: Counter[str] = Counter()
    plain = Opener.open

    def counted(self: Opener, record, fragment, walk):
        tried[session.name] = max(tried[session.name], walk._trials)
        return plain(self, record, fragment, walk)

    monkeypatch.setattr(Opener, "open", counted)
    for session in matrix:
        data = session.octets(False)
        begin = records(session, False)[-2][0]
        pieces = [Piece(0, data[:begin]), Piece(begin + 10_000_000, data[begin:-1] + b"!")]
        side = Side(dissect_stream(pieces), pieces)
        decrypt(session.side(True), side, Secrets([KeyLog(session.log)]))
        assert 0 < tried[session.name] <= 1000, session.name


def test_an_rsa_key_lacks_the_exchange_that_a_hole_took(matrix: list[Session]) -> None:
    session = next(one for one in matrix if one.name == "TLSv1_2 AES128-GCM-SHA256 rsa")
    secrets = Secrets(keys=[load_rsa_key(certificate_and_key("rsa")[2])])
    (exchange,) = [
        message
        for message in session.side(True).tls.messages
        if isinstance(message, ClientKeyExchange)
    ]
    hole = exchange.offset + 20, exchange.offset + 40
    result = decrypt(session.side(True, hole), session.side(False), secrets)
    assert result.reason is Reason.NO_EXCHANGE
