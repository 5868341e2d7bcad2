"""A session followed along the order of CAPF."""

from __future__ import annotations

import pytest
from capf_dissectors import capf
from capf_dissectors.capf import Command, Tag
from capf_dissectors.capf.course import Course
from capf_dissectors.capf_order import ORDER, Operation, Place
from capf_dissectors.framed import Message
from hypothesis import given
from hypothesis import strategies as st

from tests.dissectors.framed import builders

C = Command
OK, DECLINED = (Tag.REASON, b"\1"), (Tag.REASON, b"\7")
KEY = (Tag.PUBLIC_KEY, b"key")
BEGIN = [(C.AUTH_REQUEST,), (C.AUTH_RESPONSE,)]
INSTALL = [
    (C.KEYGEN_REQUEST,),
    (C.KEYGEN_RESPONSE, KEY),
    (C.STORE_CERT_REQUEST,),
    (C.STORE_CERT_RESPONSE, OK),
]
END = [(C.END_SESSION, OK)]


def read(command: int, *elements: tuple[int, bytes]) -> Message:
    message = capf.dissect(builders.capf(command, *elements))
    assert isinstance(message, Message)
    return message


def follow(*said: tuple[object, ...]) -> tuple[Course, list[bool]]:
    course = Course()
    expected = [
        course.take(command in FROM_CLIENT, read(command, *elements))  # type: ignore[arg-type]
        for command, *elements in said
    ]
    return course, expected


FROM_CLIENT = {command for command in Command if command.name.endswith("_RESPONSE")}


def test_an_install_goes_its_way() -> None:
    course, expected = follow(*BEGIN, *INSTALL, *END)
    assert all(expected)
    assert (course.place, course.left, course.done) == (
        Place.ENDED,
        Place.DONE,
        (Operation.INSTALL,),
    )
    assert not course.failed


def test_several_operations_of_a_session_are_told() -> None:
    course, expected = follow(*BEGIN, *INSTALL, (C.FETCH_REQUEST,), (C.FETCH_RESPONSE,), *END)
    assert all(expected)
    assert course.done == (Operation.INSTALL, Operation.FETCH)


def test_a_phone_without_a_key_has_denied_it() -> None:
    course, expected = follow(*BEGIN, INSTALL[0], (C.KEYGEN_RESPONSE, DECLINED), *END)
    assert all(expected)
    assert course.left is Place.KEY_DENIED
    assert course.failed


def test_a_phone_that_does_not_store_is_not_done() -> None:
    course, _ = follow(*BEGIN, *INSTALL[:-1], (C.STORE_CERT_RESPONSE, DECLINED), *END)
    assert course.done == ()
    assert course.failed
    assert course.operation is Operation.INSTALL


@pytest.mark.parametrize("odd", [(C.STORE_CERT_REQUEST,), (C.DELETE_RESPONSE,), (99,)])
def test_an_unexpected_message_is_noted_and_the_session_goes_on(odd: tuple[int]) -> None:
    course, expected = follow(*BEGIN, odd, *INSTALL, *END)
    assert expected.index(False) == len(BEGIN)
    assert course.done[-1] is Operation.INSTALL
    assert course.place is Place.ENDED


def test_who_speaks_matters() -> None:
    course = Course()
    assert not course.take(True, read(C.AUTH_REQUEST))
    assert course.take(False, read(C.AUTH_REQUEST))


def test_behind_missing_messages_everything_is_expected() -> None:
    course, _ = follow(*BEGIN)
    course.lose()
    assert course.take(True, read(C.STORE_CERT_RESPONSE, OK))
    assert course.take(False, read(C.END_SESSION, OK))
    assert course.left is Place.DONE


def test_work_in_progress_may_be_said_while_somebody_works() -> None:
    course, _ = follow(*BEGIN, INSTALL[0])
    assert course.take(True, read(C.REQUEST_IN_PROGRESS))
    assert course.place is Place.KEY_ASKED
    begun, _ = follow(*BEGIN)
    assert not begun.take(True, read(C.REQUEST_IN_PROGRESS))


def test_every_place_but_the_end_leads_to_the_end() -> None:
    reached = {Place.ENDED}
    while True:
        more = {
            place
            for place, steps in ORDER.items()
            if place not in reached and any(step.to in reached for step in steps)
        }
        if not more:
            break
        reached |= more
    assert reached == set(Place) == set(ORDER)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30), st.booleans()), max_size=12))
def test_any_messages_can_be_followed(said: list[tuple[bool, int, bool]]) -> None:
    course = Course()
    for from_client, command, has_key in said:
        course.take(from_client, read(command, *([KEY] if has_key else [])))
    assert course.place in set(Place)
