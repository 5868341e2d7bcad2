"""CAPF operations told from the sizes of encrypted records, over real TLS."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest
from capf_dissectors.capf_shape import (
    Certainty,
    Command,
    Ended,
    Operation,
    SessionState,
    application_records_tls13,
    classify,
    padding_tls13,
    split_records_tls13,
)
from hypothesis import given
from hypothesis import strategies as st

from .tls_endpoints import TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, Conversation


class Sized(NamedTuple):
    from_client: bool
    smallest: int
    largest: int


CLIENT, SERVER = True, False
AUTH = [(SERVER, 16), (CLIENT, 39)]
INSTALL = [
    *AUTH,
    (SERVER, 17),
    (CLIENT, 8),
    (CLIENT, 305),
    (SERVER, 954),
    (CLIENT, 12),
    (SERVER, 12),
]
FETCH = [*AUTH, (SERVER, 8), (CLIENT, 954), (SERVER, 12)]
DELETE = [*AUTH, (SERVER, 8), (CLIENT, 12), (SERVER, 12)]
REFUSED = [*AUTH, (SERVER, 12)]

TRANSPORTS = [
    (TLS_1_0, "AES128-SHA"),
    (TLS_1_0, "AES256-SHA"),
    (TLS_1_0, "ECDHE-RSA-AES256-SHA"),
    (TLS_1_1, "AES256-SHA"),
    (TLS_1_2, "AES128-SHA"),
    (TLS_1_2, "AES256-SHA256"),
    (TLS_1_2, "ECDHE-RSA-AES256-SHA384"),
    (TLS_1_2, "AES128-GCM-SHA256"),
    (TLS_1_2, "ECDHE-RSA-AES256-GCM-SHA384"),
    (TLS_1_2, "ECDHE-RSA-CHACHA20-POLY1305"),
    (TLS_1_3, "ALL"),
]
SHARP = TRANSPORTS[7:]


def held(version, ciphers, script, **options):
    """The application records of a real session in which ``script`` was said."""
    conversation = Conversation(version, ciphers, **options).handshake()
    for from_client, length in script:
        conversation.say(from_client, length)
    conversation.close()
    records = [Sized(*record) for record in conversation.encrypted_records()]
    return application_records_tls13(records) if version == TLS_1_3 else records


def exact(script):
    return [(from_client, length, length) for from_client, length in script]


def replaced(script, at, length):
    return [*script[:at], (script[at][0], length), *script[at + 1 :]]


@pytest.mark.parametrize(("version", "ciphers"), TRANSPORTS)
@pytest.mark.parametrize(
    ("script", "operation"),
    [(INSTALL, Operation.INSTALL), (FETCH, Operation.FETCH), (DELETE, Operation.DELETE)],
)
def test_a_whole_operation_is_recognised_over_every_transport(version, ciphers, script, operation):
    shape = classify(held(version, ciphers, script))
    assert (shape.operation, shape.state) == (operation, SessionState.COMPLETE)
    assert shape.last is Command.END_SESSION
    assert shape.awaited is None


@pytest.mark.parametrize(("version", "ciphers"), TRANSPORTS)
def test_an_installation_is_likely_over_every_transport(version, ciphers):
    assert classify(held(version, ciphers, INSTALL)).certainty is Certainty.LIKELY


@pytest.mark.parametrize(("version", "ciphers"), TRANSPORTS)
@pytest.mark.parametrize("key", [105, 173, 305, 433, 561, 102, 131, 169])
def test_an_installation_is_recognised_with_every_kind_of_key(version, ciphers, key):
    shape = classify(held(version, ciphers, replaced(INSTALL, 4, key)))
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.COMPLETE)
    assert shape.certainty is Certainty.LIKELY


@pytest.mark.parametrize(("version", "ciphers"), TRANSPORTS)
@pytest.mark.parametrize("response", [35, 39, 45, 2960])
def test_every_way_to_authenticate_is_recognised(version, ciphers, response):
    shape = classify(held(version, ciphers, replaced(INSTALL, 1, response)))
    assert (shape.state, shape.certainty) == (SessionState.COMPLETE, Certainty.LIKELY)


@pytest.mark.parametrize(("version", "ciphers"), TRANSPORTS)
def test_a_refused_phone_is_recognised_and_end_session_believed_where_the_server_closed(
    version, ciphers
):
    records = held(version, ciphers, REFUSED)
    for shape in (classify(records), classify(records, ended=Ended.BY_SERVER)):
        assert shape.state is SessionState.ENDED_AFTER_AUTHENTICATION
        assert shape.operation is Operation.UNKNOWN
        assert shape.last is Command.END_SESSION
    exact = (version, ciphers) in SHARP
    shape = classify(records, ended=Ended.BY_SERVER)
    assert (shape.certainty is Certainty.LIKELY) == exact


@pytest.mark.parametrize(("version", "ciphers"), SHARP)
def test_a_refused_phone_is_likely_where_sizes_are_exact(version, ciphers):
    assert classify(held(version, ciphers, REFUSED)).certainty is Certainty.LIKELY


@pytest.mark.parametrize(("version", "ciphers"), TRANSPORTS)
def test_a_phone_that_never_finishes_its_key_is_seen_waiting(version, ciphers):
    shape = classify(held(version, ciphers, INSTALL[:4]))
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.PARTIAL)
    assert shape.last is Command.REQUEST_IN_PROGRESS
    assert shape.awaited is Command.KEYGEN_RESPONSE


@pytest.mark.parametrize(
    ("said", "last", "awaited"),
    [
        (1, Command.AUTH_REQUEST, Command.AUTH_RESPONSE),
        (2, Command.AUTH_RESPONSE, None),
        (3, Command.KEYGEN_REQUEST, Command.KEYGEN_RESPONSE),
        (5, Command.KEYGEN_RESPONSE, Command.STORE_CERT_REQUEST),
        (6, Command.STORE_CERT_REQUEST, Command.STORE_CERT_RESPONSE),
        (7, Command.STORE_CERT_RESPONSE, Command.END_SESSION),
    ],
)
def test_the_step_at_which_an_installation_stopped_is_named(said, last, awaited):
    shape = classify(held(TLS_1_2, "AES128-GCM-SHA256", INSTALL[:said]))
    assert (shape.last, shape.awaited) == (last, awaited)
    assert shape.state is (SessionState.ENDED_AT_START if said == 1 else SessionState.PARTIAL)


@pytest.mark.parametrize("version", [TLS_1_0, TLS_1_2, TLS_1_3])
def test_every_record_gets_the_name_of_its_message(version):
    records = held(version, "AES128-SHA" if version != TLS_1_3 else "ALL", INSTALL)
    names = classify(records).messages
    assert len(names) == len(records)
    in_order = [name for at, name in enumerate(names) if at == 0 or names[at - 1] is not name]
    assert in_order == [
        Command.AUTH_REQUEST,
        Command.AUTH_RESPONSE,
        Command.KEYGEN_REQUEST,
        Command.REQUEST_IN_PROGRESS,
        Command.KEYGEN_RESPONSE,
        Command.STORE_CERT_REQUEST,
        Command.STORE_CERT_RESPONSE,
        Command.END_SESSION,
    ]


def test_a_message_split_over_records_is_one_message():
    split = [*INSTALL[:5], (SERVER, 500), (SERVER, 454), *INSTALL[6:]]
    assert classify(exact(split)).state is SessionState.COMPLETE


def test_messages_joined_in_one_record_are_still_recognised():
    joined = [*INSTALL[:3], (CLIENT, 313), *INSTALL[5:]]
    shape = classify(exact(joined))
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.COMPLETE)


def test_records_of_the_first_octet_alone_belong_to_the_rest():
    beast = []
    for from_client, length in INSTALL:
        beast.append((from_client, 0, 11))
        low = (length - 1 + 21) // 16 * 16 - 20 - 1
        beast.append((from_client, max(0, low), low + 15))
    assert classify(beast).state is SessionState.COMPLETE


def test_a_server_with_fewer_elements_in_its_requests_is_recognised():
    shorter = replaced(replaced(INSTALL, 0, 12), 2, 13)
    assert classify(exact(shorter)).certainty is Certainty.LIKELY


def test_an_additional_round_trip_before_the_certificate_makes_it_only_possible():
    script = [*INSTALL[:5], (SERVER, 136), (CLIENT, 136), *INSTALL[5:]]
    shape = classify(exact(script))
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.COMPLETE)
    assert shape.certainty is Certainty.POSSIBLE
    assert shape.messages[5:7] == (Command.ENCRYPT_REQUEST, Command.ENCRYPT_RESPONSE)


def test_a_server_that_waits_for_its_authority_says_so_before_the_certificate():
    waiting = [*INSTALL[:5], (SERVER, 8)]
    assert classify(exact(waiting)).awaited is Command.STORE_CERT_REQUEST
    assert classify(exact(waiting)).last is Command.REQUEST_IN_PROGRESS
    assert classify(exact([*waiting, *INSTALL[5:]])).state is SessionState.COMPLETE


def test_keepalives_during_a_long_key_generation_do_not_confuse():
    script = [*INSTALL[:4], *[(SERVER, 8), (CLIENT, 8)] * 40, *INSTALL[4:]]
    shape = classify(exact(script))
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.COMPLETE)


def test_a_session_of_more_records_than_any_operation_has_is_not_recognised():
    endless = [*INSTALL[:4], *[(CLIENT, 8)] * 500]
    shape = classify(exact(endless))
    assert shape.state is SessionState.UNRECOGNISED
    assert len(shape.messages) == len(endless)


def test_an_end_where_the_certificate_was_due_is_no_whole_operation():
    shape = classify(exact([*INSTALL[:5], (SERVER, 12)]))
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.PARTIAL)
    assert shape.last is Command.END_SESSION
    assert shape.awaited is Command.STORE_CERT_REQUEST


def test_a_phone_that_cannot_make_the_key_is_not_taken_for_a_deletion():
    shape = classify(exact([*INSTALL[:3], (CLIENT, 12), (SERVER, 12)]))
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.PARTIAL)


def test_a_session_without_a_word_ended_at_its_start():
    shape = classify([])
    assert (shape.state, shape.certainty) == (SessionState.ENDED_AT_START, Certainty.POSSIBLE)
    assert shape.last is None


@pytest.mark.parametrize(
    "script",
    [
        [(CLIENT, 180), (SERVER, 2400)],
        [(CLIENT, 180), (SERVER, 12), (CLIENT, 180), (SERVER, 12)],
        [(SERVER, 78), (CLIENT, 20), (SERVER, 120), (CLIENT, 30)],
        [(SERVER, 16), (CLIENT, 39), (SERVER, 5000), (CLIENT, 39)],
        [*INSTALL, (CLIENT, 12)],
    ],
    ids=["http", "http in short", "mail", "large answer", "more after the end"],
)
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_other_protocols_are_not_recognised(version, script):
    ciphers = "AES128-GCM-SHA256" if version == TLS_1_2 else "ALL"
    assert classify(held(version, ciphers, script)).state is SessionState.UNRECOGNISED


def test_random_sizes_are_hardly_ever_a_likely_operation():
    chance = random.Random(7)
    likely = 0
    for _ in range(2000):
        script = [(at % 2 == 1, chance.randint(1, 1200)) for at in range(chance.randint(3, 9))]
        likely += classify(exact(script)).certainty is Certainty.LIKELY
    assert likely <= 2


@pytest.mark.parametrize("ciphers", ["TLS_AES_128_GCM_SHA256", "ALL"])
@pytest.mark.parametrize("algorithm", ["rsa", "ec"])
@pytest.mark.parametrize("client_certificate", [True, False])
def test_what_remains_of_tls13_is_what_was_said(ciphers, algorithm, client_certificate):
    conversation = Conversation(TLS_1_3, algorithm=algorithm, client_certificate=client_certificate)
    conversation.handshake()
    for from_client, length in INSTALL:
        conversation.say(from_client, length)
    conversation.close()
    split = split_records_tls13([Sized(*r) for r in conversation.encrypted_records()])
    assert [(r.from_client, r.largest) for r in split.application] == INSTALL
    assert [r.from_client for r in split.alerts] == [False]


def test_tickets_of_servers_that_keep_sessions_are_handshake_wherever_they_stand():
    flight = [(SERVER, 6), (SERVER, 1100), (SERVER, 264), (SERVER, 36), (CLIENT, 36)]
    for tickets in ([(SERVER, 57), (SERVER, 16)], [(SERVER, 16), (SERVER, 57)]):
        records = [Sized(*r) for r in exact([*flight, *tickets, *INSTALL[1:]])]
        kept = application_records_tls13(records)
        assert [(r.from_client, r.largest) for r in kept] == INSTALL


def test_flights_that_share_one_record_are_handshake_too():
    records = [Sized(*r) for r in exact([(SERVER, 1410), (CLIENT, 52), (SERVER, 480), *INSTALL])]
    kept = application_records_tls13(records)
    assert [(r.from_client, r.largest) for r in kept] == INSTALL


def test_a_server_that_speaks_before_the_client_has_finished_is_understood():
    early = [(SERVER, 1400), (SERVER, 36), (SERVER, 16), (CLIENT, 36), *INSTALL[1:]]
    kept = application_records_tls13([Sized(*r) for r in exact(early)])
    assert [(r.from_client, r.largest) for r in kept] == INSTALL


def test_a_client_that_answers_the_flight_with_an_alert_said_nothing_else():
    flight = [(SERVER, 6), (SERVER, 1100), (SERVER, 264), (SERVER, 36), (CLIENT, 2)]
    split = split_records_tls13([Sized(*r) for r in exact(flight)])
    assert [record.from_client for record in split.alerts] == [True]
    assert [record.from_client for record in split.handshake] == [False] * 4
    assert split.application == ()


BOUNDS = st.tuples(st.integers(0, 4000), st.integers(0, 40)).map(lambda pair: (pair[0], sum(pair)))
RECORDS = st.lists(
    st.one_of(
        st.tuples(st.booleans(), BOUNDS).map(lambda pair: (pair[0], *pair[1])),
        st.sampled_from(exact(INSTALL)),
        st.sampled_from([(SERVER, 0, 11), (CLIENT, 0, 11), (SERVER, 0, 500)]),
    ),
    max_size=30,
)


@given(RECORDS, st.sampled_from(Ended))
def test_every_sequence_gets_an_answer_with_a_name_or_none_for_each_record(records, ended):
    shape = classify(records, ended=ended)
    assert len(shape.messages) == len(records)
    if shape.state is SessionState.UNRECOGNISED:
        assert shape.operation is Operation.UNKNOWN
        assert set(shape.messages) <= {None}


@given(RECORDS)
def test_splitting_tls13_neither_loses_nor_invents_records(records):
    sized = [Sized(*record) for record in records]
    split = split_records_tls13(sized)
    assert sorted([*split.handshake, *split.alerts, *split.application]) == sorted(sized)
    assert application_records_tls13(sized) == list(split.application)


@given(st.lists(st.booleans(), min_size=8, max_size=8), st.integers(1, 11))
def test_cutting_messages_into_more_records_leaves_a_whole_installation_whole(cuts, at):
    records = []
    for (from_client, length), cut in zip(INSTALL, cuts, strict=True):
        lengths = [min(at, length - 1), length - min(at, length - 1)] if cut else [length]
        records += [(from_client, part, part) for part in lengths]
    shape = classify(records)
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.COMPLETE)


@pytest.mark.parametrize("padded_side", [True, False])
def test_alerts_of_a_side_that_pads_all_its_records_are_no_messages(padded_side: bool) -> None:
    """Java adds 16 octets to every record of TLS 1.3, to alerts as well."""
    install = [(False, 16), (True, 35), (False, 17), (True, 8), (True, 305), (False, 919)]
    install += [(True, 12), (False, 12)]
    handshake = [(False, 870), (False, 52), (True, 52)]
    padded = [(side, n + 16 if side == padded_side else n) for side, n in handshake + install]
    said = [Sized(side, n, n) for side, n in [*padded, (padded_side, 18), (padded_side, 18)]]
    shape = classify(application_records_tls13(said))
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.COMPLETE)


JAVA_FLIGHTS = [(SERVER, 48), (SERVER, 877), (SERVER, 280), (SERVER, 68), (CLIENT, 52)]
"""What a Java server and an OpenSSL client said with SHA-384."""


@pytest.mark.parametrize(
    ("flights", "hash_length", "padding"),
    [
        (JAVA_FLIGHTS, 48, ((16, 16), (0, 0))),
        ([(SERVER, 6), (SERVER, 861), (SERVER, 52), (CLIENT, 68)], 48, ((0, 0), (16, 16))),
        ([(SERVER, 6), (SERVER, 861), (SERVER, 52), (CLIENT, 52)], 32, ((16, 16), (16, 16))),
        ([(SERVER, 1200), (CLIENT, 36)], 32, ((0, 0), (0, 0))),
        ([(SERVER, 1200)], 32, ((0, 0), (0, 0))),
        ([], 32, ((0, 0), (0, 0))),
    ],
)
def test_the_length_of_a_finished_tells_who_pads(
    flights: list[tuple[bool, int]],
    hash_length: int,
    padding: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    said = [Sized(side, octets, octets) for side, octets in flights]
    assert padding_tls13(said, hash_length) == padding
