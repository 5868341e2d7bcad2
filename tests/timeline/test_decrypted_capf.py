"""What decrypted CAPF sessions tell, whole and in part."""

from __future__ import annotations

from functools import cache

import pytest
from capf_dissectors.capf import Command, Tag
from capf_dissectors.capf_shape import SessionState
from hypothesis import given, settings
from hypothesis import strategies as st

from capfpcap.timeline.capf import (
    Authentication,
    CapfOutcome,
    CapfSession,
    Certainty,
    Operation,
    capf_session,
    guess,
)
from capfpcap.timeline.event import What
from capfpcap.timeline.session_events import session_events
from tests.dissectors.framed import builders
from tests.dissectors.tls_endpoints import TLS_1_0, TLS_1_3, Conversation
from tests.timeline import decrypted_capf as made
from tests.timeline.capf_truth import End
from tests.timeline.decrypted_capf import (
    ANSWER,
    ANSWER_STRING,
    ASK,
    ASK_STRING,
    DELETE,
    DELETED,
    FETCH,
    FETCHED,
    INSTALL,
    KEY,
    LATER,
    LSC,
    NAME,
    NO_KEY,
    NOT_STORED,
    PASSWORD,
    STORE,
    STORED,
    WANT_KEY,
    WORKING,
    Message,
    Recorded,
    end,
    phone,
    server,
)


def known(*messages: Message, ending: End = End.IN_ORDER) -> CapfSession:
    return capf_session(Recorded(messages, ending).session())


def commands(session: CapfSession) -> list[int]:
    return [said.command for said in session.messages]


@cache
def installed() -> Recorded:
    return Recorded([*INSTALL, end()])


def test_an_installation_tells_all_that_it_holds() -> None:
    session = capf_session(installed().session())
    assert session.decrypted
    assert session.certainty is Certainty.PROVEN
    assert (session.operation, session.outcome) == (Operation.INSTALL, CapfOutcome.COMPLETE)
    assert (session.key_asked, session.key) == ("EC secp256r1", "EC secp256r1")
    assert (session.device_name, session.session_id) == (NAME, 1)
    assert session.authentication is Authentication.NULL_STRING
    assert session.issued == session.installed == LSC
    assert session.reason == "OK (1)"
    assert not session.faults
    assert commands(session) == [
        Command.AUTH_REQUEST,
        Command.AUTH_RESPONSE,
        Command.KEYGEN_REQUEST,
        Command.REQUEST_IN_PROGRESS,
        Command.KEYGEN_RESPONSE,
        Command.STORE_CERT_REQUEST,
        Command.STORE_CERT_RESPONSE,
        Command.END_SESSION,
    ]


@pytest.mark.parametrize(
    ("messages", "outcome", "reason", "state"),
    [
        ([ASK, ANSWER, end(7)], "refused", "declined (7)", "ended-after-authentication"),
        ([ASK, ANSWER, end(9)], "refused", "unknown device (9)", "ended-after-authentication"),
        ([ASK, ANSWER, end(0)], "refused", "none (0)", "ended-after-authentication"),
        ([ASK, ANSWER, end(None)], "refused", None, "ended-after-authentication"),
        (
            [ASK, ANSWER, LATER],
            "refused",
            "try again later, delay 30",
            "ended-after-authentication",
        ),
        ([ASK, end(9)], "refused", "unknown device (9)", "ended-at-start"),
        ([ASK, ANSWER, WANT_KEY, NO_KEY, end(1)], "aborted", "OK (1)", "partial"),
        ([ASK, ANSWER, WANT_KEY, KEY, end(7)], "refused", "declined (7)", "partial"),
        ([*INSTALL, end(7)], "refused", "declined (7)", "partial"),
        ([*INSTALL[:-1], NOT_STORED, end(1)], "aborted", "OK (1)", "partial"),
        ([*INSTALL[:-1], end(1)], "aborted", "OK (1)", "partial"),
        ([*INSTALL, end(0)], "complete", "none (0)", "complete"),
    ],
)
def test_how_a_session_ended_is_told_by_the_place_and_the_reason(
    messages: list[Message], outcome: str, reason: str | None, state: str
) -> None:
    recorded = Recorded(messages).session()
    session = capf_session(recorded)
    assert (session.outcome.value, session.reason) == (outcome, reason)
    assert recorded.shape.state is SessionState(state)
    assert session.operations[-1].outcome is session.outcome
    assert session.certainty is recorded.shape.certainty is Certainty.PROVEN


def test_what_the_phone_denies_is_told() -> None:
    session = known(*INSTALL[:-1], NOT_STORED, end())
    assert session.denied is not None
    assert session.denied.command is Command.STORE_CERT_RESPONSE
    assert session.denied.elements == {"reason": "declined (7)"}


def test_a_phone_without_a_certificate_to_fetch_fails_nothing() -> None:
    none = phone(Command.FETCH_RESPONSE, made.DECLINED)
    session = known(ASK, ANSWER, FETCH, none, end())
    assert (session.operation, session.outcome) == (Operation.FETCH, CapfOutcome.COMPLETE)
    assert session.fetched is None
    assert session.denied is not None


def test_operations_of_one_session_are_told_one_by_one() -> None:
    session = known(ASK, ANSWER, FETCH, FETCHED, DELETE, DELETED, *INSTALL[2:-1], NOT_STORED, end())
    assert [(one.operation.value, one.outcome.value) for one in session.operations] == [
        ("fetch", "complete"),
        ("delete", "complete"),
        ("install", "aborted"),
    ]
    assert session.fetched == LSC


def test_a_phone_that_ends_early_and_a_capture_that_does_are_told_apart() -> None:
    early = known(ASK, ANSWER, WANT_KEY, ending=End.CLIENT)
    assert early.outcome is CapfOutcome.ABORTED
    open_ = known(ASK, ANSWER, WANT_KEY, WORKING, ending=End.NONE)
    assert open_.outcome is CapfOutcome.OPEN
    assert open_.certainty is Certainty.PROVEN


def test_a_string_is_told_and_stands_nowhere() -> None:
    recorded = Recorded([ASK_STRING, ANSWER_STRING, end(7)]).session()
    session = capf_session(recorded)
    assert session.authentication is Authentication.STRING
    assert PASSWORD not in repr(session)
    assert PASSWORD not in "".join(event.text for event in session_events(recorded))


def test_a_certificate_with_which_the_phone_authenticates_itself_is_told() -> None:
    shown = (Tag.CERTIFICATE, builders.nested(LSC))
    answer = phone(Command.AUTH_RESPONSE, shown, (Tag.SIGNED_DATA, b"signed"))
    session = known(ASK, answer, end(7))
    assert session.authentication is Authentication.CERTIFICATE
    assert session.presented == LSC


@pytest.mark.parametrize("version", [TLS_1_0, TLS_1_3], ids=["TLS 1.0", "TLS 1.3"])
def test_versions_are_read_alike(version: object) -> None:
    conversation = Conversation(version)  # type: ignore[arg-type]
    session = capf_session(Recorded([*INSTALL, end()], conversation=conversation).session())
    assert session.certainty is Certainty.PROVEN
    assert session.outcome is CapfOutcome.COMPLETE
    assert len(session.messages) == len(INSTALL) + 1


def test_messages_in_pieces_and_together_are_read() -> None:
    joined = (True, WORKING[1] + KEY[1])
    half = len(STORE[1]) // 2
    parts = [(False, STORE[1][:3]), (False, STORE[1][3:half]), (False, STORE[1][half:])]
    session = known(ASK, ANSWER, WANT_KEY, joined, *parts, STORED, end())
    assert len(session.messages) == len(INSTALL) + 1
    assert session.installed == LSC
    assert session.outcome is CapfOutcome.COMPLETE


def test_unexpected_and_unknown_messages_are_events_and_nothing_fails() -> None:
    odd = server(99, (77, b"\1"))
    recorded = Recorded([ASK, ANSWER, odd, STORE, STORED, end()]).session()
    session = capf_session(recorded)
    assert session.outcome is CapfOutcome.COMPLETE
    assert [said.is_expected for said in session.messages] == [True, True, False, False, True, True]
    texts = [event.text for event in session_events(recorded)]
    assert "COMMAND_99, 12 bytes, not expected here, element 77 01" in texts


def test_plaintext_that_is_not_capf_is_told_by_its_place() -> None:
    bad = bytearray(WANT_KEY[1])
    bad[-2] = 9
    recorded = Recorded([ASK, ANSWER, (False, bytes(bad)), (False, b"HTTP")], End.CLIENT).session()
    session = capf_session(recorded)
    inside, behind = session.faults
    assert (inside.offset, behind.offset) == (len(ASK[1]) + 12, len(ASK[1]) + len(bad))
    assert not inside.from_client
    remarks = [event for event in session_events(recorded) if event.what is What.REMARK]
    assert [event.row for event in remarks] == [inside.row, behind.row]
    assert remarks[0].text.startswith("not CAPF at byte 28 of the plaintext: element 18")


def test_the_keys_of_another_session_leave_the_guess_as_it_is() -> None:
    other = Recorded([ASK, ANSWER, end()])
    session = installed().session(key_log=other.key_log)
    told = capf_session(session)
    assert not told.decrypted
    assert told.certainty is not Certainty.PROVEN
    assert told == guess(session)


@pytest.mark.parametrize("lost", range(len(INSTALL) - 1))
def test_behind_a_hole_the_rest_is_read_and_the_end_is_proven(lost: int) -> None:
    session = installed().session(without=[lost])
    told = capf_session(session)
    read = [said for said in told.messages if said.certainty is Certainty.PROVEN]
    assert len(read) == len(INSTALL)
    assert all(said.is_expected for said in read)
    assert (told.operation, told.outcome) == (Operation.INSTALL, CapfOutcome.COMPLETE)
    assert told.certainty is Certainty.PROVEN
    assert not told.faults


def test_an_end_behind_a_hole_does_not_prove_what_was_in_the_hole() -> None:
    told = capf_session(installed().session(without=[INSTALL.index(STORED)]))
    assert told.operation is Operation.INSTALL
    assert told.certainty is not Certainty.PROVEN
    assert told.reason == "OK (1)"


def test_without_its_end_a_session_is_not_told_to_have_ended_well() -> None:
    session = installed().session(without=range(6, 12))
    told = capf_session(session)
    assert told.decrypted
    assert told.operation is Operation.INSTALL
    assert told.outcome is not CapfOutcome.COMPLETE
    assert told.installed == LSC


def test_what_cannot_be_read_is_guessed_beside_what_was_read() -> None:
    session = installed().session()
    decrypted = session.decrypted
    assert decrypted is not None
    client = decrypted.client
    for column in (client.starts, client.ends, client.rows, client.records):
        del column[1:]
    client.pieces = [client.pieces[0]._replace(data=client.pieces[0].data[: client.ends[0]])]
    decrypted.complete, decrypted.reason = False, "the records of one side do not open"
    told = capf_session(session)
    certain = {said.command: said.certainty for said in told.messages}
    assert certain[Command.STORE_CERT_REQUEST] is Certainty.PROVEN
    assert certain[Command.KEYGEN_RESPONSE] is not Certainty.PROVEN
    assert len(told.messages) == len(INSTALL) + 1
    assert told.outcome is CapfOutcome.COMPLETE


MESSAGES = st.lists(
    st.tuples(
        st.booleans(),
        st.one_of(
            st.sampled_from([data for _, data in (*INSTALL, FETCH, FETCHED, LATER, end())]),
            st.binary(min_size=1, max_size=60),
        ),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(messages=MESSAGES, ending=st.sampled_from(End), lost=st.sets(st.integers(0, 7), max_size=2))
def test_whatever_is_said_and_lost_something_is_told(
    messages: list[Message], ending: End, lost: set[int]
) -> None:
    session = Recorded(messages, ending).session(without=lost)
    told = capf_session(session)
    rows = [said.row for said in told.messages]
    assert all(0 <= said.record < len(session.application_records) for said in told.messages)
    assert len(rows) == len(told.messages)
    assert list(session_events(session))
    assert len(session.shape.messages) == len(session.application_records)


def test_a_label_tells_what_a_message_says_most() -> None:
    events = session_events(installed().session())
    assert [event.label for event in events if event.what is What.APPLICATION_DATA] == [
        "AUTH_REQUEST",
        f"AUTH_RESPONSE, {NAME}",
        "KEYGEN_REQUEST, EC secp256r1",
        "REQUEST_IN_PROGRESS",
        "KEYGEN_RESPONSE, EC secp256r1",
        "STORE_CERT_REQUEST",
        "STORE_CERT_RESPONSE, OK (1)",
        "END_SESSION, OK (1)",
    ]
