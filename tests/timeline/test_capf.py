"""The guess of what a CAPF session was, against the truth, over real TLS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from capf_dissectors.capf_shape import Authentication, Certainty, Command, Operation

from capfpcap.timeline.capf import CapfOutcome, CapfSession, Hints, guess
from tests.dissectors.tls_endpoints import TLS_1_0, TLS_1_2, TLS_1_3
from tests.timeline.capf_truth import (
    KEYS,
    Chance,
    End,
    Said,
    Spoken,
    Transport,
    Truth,
    session_of,
    spoken,
    transports,
)

GCM = Transport(TLS_1_2, "ECDHE-RSA-AES256-GCM-SHA384")
CBC = Transport(TLS_1_0, "AES256-SHA", encrypt_then_mac=False)
"""What CUCM 14 speaks with an old phone."""
ROUNDS = 4
"""Sessions of every kind that are held over each transport."""
M = Command


def told(truth: Truth, transport: Transport) -> CapfSession:
    said = spoken(truth, transport.conversation())
    return guess(session_of(said.packets), Hints(truth.name_length))


def faults(truth: Truth, said: Spoken, guessed: CapfSession) -> Iterator[object]:
    """What is said to be likely and is wrong."""
    if guessed.certainty is Certainty.LIKELY:
        if guessed.operation not in (truth.operation, Operation.UNKNOWN):
            yield guessed.operation
        if guessed.outcome is not truth.outcome:
            yield guessed.outcome
        if guessed.authentication not in (truth.authentication, Authentication.UNKNOWN):
            yield guessed.authentication
        if guessed.key is not None and not (truth.key or "").startswith(guessed.key):
            yield guessed.key
    for one, operation in zip(guessed.operations, truth.operations, strict=False):
        wrong = one.operation not in (operation, Operation.UNKNOWN)
        if one.certainty is Certainty.LIKELY and wrong:
            yield one
    for message in guessed.messages:
        at_once = said.commands.get(message.row, ())
        if message.certainty is Certainty.LIKELY and message.command not in at_once:
            yield message


@pytest.mark.parametrize("transport", transports(), ids=str)
def test_nothing_that_is_likely_is_wrong_over_any_cipher_suite(transport: Transport) -> None:
    chance = Chance(transports().index(transport))
    for _ in range(ROUNDS):
        truth = chance.any()
        said = spoken(truth, transport.conversation())
        guessed = guess(session_of(said.packets), Hints(truth.name_length))
        assert list(faults(truth, said, guessed)) == [], truth


@pytest.mark.parametrize("transport", transports(), ids=str)
def test_whole_installations_and_fetches_are_likely_over_every_cipher_suite(
    transport: Transport,
) -> None:
    chance = Chance(1)
    for operation in (Operation.INSTALL, Operation.FETCH):
        truth = as_one_writes(chance.session(operation), "RSA 2048")
        guessed = told(truth, transport)
        assert (guessed.operation, guessed.outcome) == (operation, CapfOutcome.COMPLETE)
        assert guessed.certainty is Certainty.LIKELY
        assert guessed.key == ("RSA 2048" if operation is Operation.INSTALL else None)
        assert [said.command for said in guessed.messages] == [
            said.command for said in truth.messages
        ]


def as_one_writes(truth: Truth, key: str) -> Truth:
    """A session in which each message is one write, and the key is of a kind."""
    made = Command.KEYGEN_RESPONSE
    messages = [
        Said(said.command, KEYS[key] if said.command is made else said.length)
        for said in truth.messages
    ]
    return replace(truth, messages=tuple(messages), joins=False, key=truth.key and key)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_told_where_sizes_are_exact(key: str) -> None:
    truth = as_one_writes(Chance(3).session(Operation.INSTALL), key)
    for transport in (GCM, Transport(TLS_1_3, "ALL")):
        assert told(truth, transport).key == key


@pytest.mark.parametrize(
    ("ciphers", "untold"),
    [("AES128-SHA", set()), ("AES128-SHA256", {"RSA 1024", "EC secp521r1"})],
)
def test_blocks_of_a_cipher_hide_the_key_only_where_two_have_the_same(
    ciphers: str, untold: set[str]
) -> None:
    transport = Transport(TLS_1_2, ciphers, encrypt_then_mac=False)
    for key in KEYS:
        truth = as_one_writes(install(Chance(3).session(Operation.INSTALL)), key)
        assert told(truth, transport).key == (None if key in untold else key)


def install(truth: Truth) -> Truth:
    """An installation in which the phone says once that it is at work."""
    kept = [said for said in truth.messages if said.command is not M.REQUEST_IN_PROGRESS]
    at = [said.command for said in kept].index(M.KEYGEN_RESPONSE)
    return replace(
        truth, messages=(*kept[:at], Said(M.REQUEST_IN_PROGRESS, 8), *kept[at:]), joins=False
    )


def test_a_key_of_512_bits_makes_one_of_p256_only_possible_where_it_fits_as_well() -> None:
    truth = as_one_writes(install(Chance(3).session(Operation.INSTALL)), "EC secp256r1")
    guessed = told(truth, CBC)
    assert (guessed.key, guessed.certainty) == ("EC secp256r1", Certainty.POSSIBLE)
    assert told(truth, GCM).certainty is Certainty.LIKELY


def authenticated(length: int, *more: Said) -> Truth:
    messages = (Said(M.AUTH_REQUEST, 16), Said(M.AUTH_RESPONSE, length), *more)
    return Truth((*messages, Said(M.END_SESSION, 12)), (), CapfOutcome.REFUSED, End.IN_ORDER)


@pytest.mark.parametrize(
    ("length", "way"),
    [
        (35, Authentication.NULL_STRING),
        (39, Authentication.NULL_STRING),
        (43, Authentication.STRING),
        (45, Authentication.STRING),
        (49, Authentication.STRING),
        (2960, Authentication.CERTIFICATE),
        (37, Authentication.UNKNOWN),
    ],
)
def test_the_way_of_authentication_is_told_by_the_size_of_the_answer(
    length: int, way: Authentication
) -> None:
    assert told(authenticated(length), GCM).authentication is way


def test_a_shorter_device_name_is_taken_into_account() -> None:
    session = session_of(spoken(authenticated(39), GCM.conversation()).packets)
    assert guess(session, Hints(9)).authentication is Authentication.STRING
    assert guess(session, Hints(15)).authentication is Authentication.NULL_STRING


@pytest.mark.parametrize("configured", [Authentication.NULL_STRING, Authentication.STRING])
def test_the_configuration_decides_where_blocks_hide_the_way_of_authentication(
    configured: Authentication,
) -> None:
    transport = Transport(TLS_1_2, "AES128-SHA256", encrypt_then_mac=False)
    session = session_of(spoken(authenticated(35), transport.conversation()).packets)
    assert guess(session).authentication is Authentication.UNKNOWN
    assert guess(session, Hints(15, configured)).authentication is configured


def test_a_configuration_that_says_otherwise_leaves_it_open() -> None:
    session = session_of(spoken(authenticated(35), GCM.conversation()).packets)
    hints = Hints(15, Authentication.STRING)
    assert guess(session, hints).authentication is Authentication.UNKNOWN


def test_reasons_to_refuse_look_the_same() -> None:
    guessed = told(authenticated(45), GCM)
    assert (guessed.operation, guessed.outcome) == (Operation.UNKNOWN, CapfOutcome.REFUSED)
    assert (guessed.certainty, guessed.reason) == (Certainty.LIKELY, None)


def test_several_operations_of_a_session_are_told_in_order() -> None:
    operations = (Operation.FETCH, Operation.INSTALL)
    truth = as_one_writes(Chance(5).session(*operations), "RSA 3072")
    for transport in (GCM, CBC):
        guessed = told(truth, transport)
        assert tuple(one.operation for one in guessed.operations) == operations
        assert {one.outcome for one in guessed.operations} == {CapfOutcome.COMPLETE}
        assert guessed.operation is Operation.INSTALL
        assert guessed.key == "RSA 3072"


def test_a_deletion_is_but_possible_for_fetching_nothing_looks_the_same() -> None:
    by_string = authenticated(45, Said(M.DELETE_REQUEST, 8), Said(M.DELETE_RESPONSE, 12))
    guessed = told(by_string, GCM)
    assert (guessed.operation, guessed.outcome) == (Operation.DELETE, CapfOutcome.COMPLETE)
    assert guessed.certainty is Certainty.POSSIBLE
    by_certificate = replace(
        by_string,
        messages=(by_string.messages[0], Said(M.AUTH_RESPONSE, 2960), *by_string.messages[2:]),
    )
    assert told(by_certificate, GCM).certainty is Certainty.POSSIBLE


@pytest.mark.parametrize("transport", [GCM, CBC, Transport(TLS_1_3, "ALL")], ids=str)
def test_no_packet_may_be_missing_where_anything_is_likely(transport: Transport) -> None:
    truth = as_one_writes(Chance(7).session(Operation.INSTALL), "RSA 2048")
    said = spoken(truth, transport.conversation())
    assert guess(session_of(said.packets)).certainty is Certainty.LIKELY
    for lost in (number for number, packet in enumerate(said.packets) if packet.payload):
        left = said.packets[:lost] + said.packets[lost + 1 :]
        guessed = guess(session_of(left))
        sure = {message.certainty for message in guessed.messages} | {guessed.certainty}
        assert sure <= {Certainty.POSSIBLE}


def test_each_message_has_the_row_of_the_packet_that_completed_it() -> None:
    truth = as_one_writes(Chance(7).session(Operation.INSTALL), "RSA 2048")
    said = spoken(truth, GCM.conversation())
    guessed = guess(session_of(said.packets))
    for message in guessed.messages:
        assert said.commands[message.row] == [message.command]
        assert said.packets[message.row].from_client == message.from_client


KEEPALIVES = [Said(M.REQUEST_IN_PROGRESS, 8)] * 6


def test_a_phone_that_says_for_an_hour_that_it_is_at_work_installs_all_the_same() -> None:
    truth = as_one_writes(install(Chance(9).session(Operation.INSTALL)), "RSA 4096")
    at = [said.command for said in truth.messages].index(M.REQUEST_IN_PROGRESS)
    long = (*truth.messages[:at], *KEEPALIVES, *truth.messages[at:])
    for transport in (GCM, CBC):
        guessed = told(replace(truth, messages=long), transport)
        assert (guessed.operation, guessed.key) == (Operation.INSTALL, "RSA 4096")
        assert guessed.certainty is Certainty.LIKELY


@pytest.mark.parametrize("operation", [Operation.INSTALL, Operation.FETCH, Operation.DELETE])
def test_an_operation_that_lacks_only_the_end_of_its_session_is_complete(
    operation: Operation,
) -> None:
    whole = as_one_writes(Chance(5).session(operation), "RSA 2048")
    for kept, outcome in ((-1, CapfOutcome.COMPLETE), (-2, CapfOutcome.ABORTED)):
        guessed = told(replace(whole, messages=whole.messages[:kept], end=End.CLIENT), GCM)
        assert guessed.outcome is CapfOutcome.ABORTED
        assert [one.outcome for one in guessed.operations] == [outcome]
