"""Plaintext to begin with: what is said inside TLS, made of certificates that captures carried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import pack

from capf_dissectors.capf import Command, Tag
from capf_dissectors.framed import FramedStream, Message
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece
from capf_dissectors.tvs import Command as Asked
from capf_dissectors.tvs import Tag as Of

from fuzz.answers import check_answer, check_ascending, check_problem
from fuzz.seeds import carried, some

_NAME = b"SEP001122334455"
_CERTIFICATES = 4


def capf_message(command: int, *elements: tuple[int, bytes], session: int = 1) -> bytes:
    """A message of CAPF."""
    body = b"".join(pack(">BH", tag, len(value)) + value for tag, value in elements)
    return pack(">BBIH", 0x55, command, session, len(body)) + body


def tvs_message(command: int, *elements: tuple[int, bytes], session: int = 1001) -> bytes:
    """A message of TVS."""
    body = b"".join(pack(">BH", tag, len(value)) + value for tag, value in elements)
    return pack(">BBBBIH", 0x57, 1, command, 0, session, len(body)) + body


def capf_seeds() -> list[bytes]:
    """Each side of an install and of a refusal."""
    reason = (Tag.REASON, b"\1")
    seeds = [
        capf_message(Command.AUTH_REQUEST, (Tag.VERSION, b"\3"), (Tag.AUTH_TYPE, b"\2"))
        + capf_message(Command.KEYGEN_REQUEST, (Tag.KEY_SIZE, b"\x08\0"), (Tag.KEY_TYPE, b"\0"))
        + capf_message(Command.END_SESSION, (Tag.REASON, b"\7")),
        capf_message(
            Command.AUTH_RESPONSE,
            reason,
            (Tag.VERSION, b"\3"),
            (Tag.PASSWORD, b"123456\0"),
            (Tag.DEVICE_NAME, _NAME + b"\0"),
        )
        + capf_message(Command.REQUEST_IN_PROGRESS)
        + capf_message(Command.STORE_CERT_RESPONSE, reason),
        capf_message(Command.RETRY_LATER, (Tag.RETRY_DELAY, b"\0\0\0\x1e"))
        + capf_message(99, (77, b"")),
    ]
    for der in some(carried().certificates, _CERTIFICATES):
        nested = pack(">BHH", 1, len(der) + 2, 1) + der
        seeds.append(capf_message(Command.STORE_CERT_REQUEST, (Tag.CERTIFICATE, nested)))
    return seeds


def tvs_seeds() -> list[bytes]:
    """A question and the answers to it."""
    seeds = [
        tvs_message(
            Asked.QUERY_REQUEST,
            (Of.DEVICE_NAME, b"\1" + _NAME),
            (Of.ISSUER, b"CN=CAPF"),
            (Of.SERIAL, b"\x12\x34"),
        ),
        tvs_message(
            Asked.VERIFY_RESPONSE,
            (Of.STATUS, b"\0"),
            (Of.ROLES, b"\2"),
            (Of.TTL, b"\0\1\x51\x80"),
        ),
        tvs_message(Asked.QUERY_RESPONSE, (Of.STATUS, b"\1")),
    ]
    certificates = some(carried().certificates, _CERTIFICATES)
    return seeds + [
        tvs_message(Asked.VERIFY_REQUEST, (Of.CERTIFICATE, der)) for der in certificates
    ]


Describe = Callable[[Message], dict[str, str]]


def judge_message(
    dissect: Callable[[bytes], Message | NeedMore | Malformed], describe: Describe, data: bytes
) -> None:
    """One message: it lies where it says, and no more bytes change it."""
    read = dissect(data)
    check_answer(read, len(data))
    if isinstance(read, Message):
        _check_message(read, describe)
        assert dissect(data + b"\x55\x01") == read
        assert dissect(data[: read.end]) == read


def judge_stream(
    dissect: Callable[[Sequence[Piece]], FramedStream], describe: Describe, pieces: list[Piece]
) -> None:
    """The messages of one direction come in order, and how the bytes are cut is no matter."""
    read = dissect(pieces)
    check_ascending(read.messages)
    for message in read.messages:
        _check_message(message, describe)
    for problem in read.problems:
        check_problem(problem, pieces)
    halved = [
        Piece(offset + start, data[start:stop])
        for offset, data in pieces
        for start, stop in ((0, len(data) // 2), (len(data) // 2, len(data)))
    ]
    assert dissect(halved) == read


def _check_message(message: Message, describe: Describe) -> None:
    position = message.offset
    for element in message.elements:
        assert position < element.offset <= element.end <= message.end
        position = element.end - 1
    assert message.problem is None or message.offset < message.problem.offset <= message.end
    assert all(name and isinstance(said, str) for name, said in describe(message).items())
