"""What keys open of the lab's recordings: as tshark opens it, and as it was really said."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from capf_dissectors import capf, scapy_layers, tvs
from capf_dissectors.framed import Message

from tests.decrypted.plaintext import ours, tsharks
from tests.guess.truth import (
    CAPTURES,
    RECORDINGS,
    SCENARIOS,
    TrueMessage,
    TrueSession,
    capture_of,
    told,
)

WITH_TRUTH = [capture_of(folder) for folder in (*RECORDINGS, *SCENARIOS)]
WITH_KEYS = [capture_of(path.parent) for path in sorted(CAPTURES.rglob("keylog.txt"))]
WITH_RSA_KEY = [capture_of(path.parent) for path in sorted(CAPTURES.rglob("server-key.pem"))]


def name(capture: Path) -> str:
    return capture.parent.name


@pytest.mark.parametrize("capture", WITH_KEYS, ids=name)
def test_every_byte_is_the_one_that_tshark_opens(capture: Path) -> None:
    opened = ours(capture)
    assert opened
    assert opened == tsharks(capture)


@pytest.mark.parametrize("capture", WITH_RSA_KEY, ids=name)
def test_the_servers_key_opens_what_the_key_log_opens(capture: Path) -> None:
    opened = ours(capture, by_rsa=True)
    assert opened
    assert opened.items() <= ours(capture).items()
    assert opened.items() <= tsharks(capture, by_rsa=True).items()


@pytest.mark.parametrize("capture", WITH_TRUTH, ids=name)
def test_what_is_opened_is_what_was_said(capture: Path) -> None:
    sessions = told(capture.parent)
    assert {session.client for session in sessions} <= set(ours(capture))
    for session in sessions:
        said = ours(capture)[session.client]
        for sender, data in (("phone", said.phone), ("server", said.server)):
            messages = [one for one in session.messages if one.sender == sender]
            assert len(data) == sum(message.length for message in messages)
            assert digests(data, messages) == [message.sha256 for message in messages]


def digests(data: bytes, messages: list[TrueMessage]) -> list[str]:
    ends, end = [], 0
    for message in messages:
        ends.append((end, end + message.length))
        end += message.length
    return [hashlib.sha256(data[start:end]).hexdigest() for start, end in ends]


@pytest.mark.parametrize("capture", WITH_TRUTH, ids=name)
def test_the_dissectors_read_the_messages_that_were_said(capture: Path) -> None:
    for session in told(capture.parent):
        said = ours(capture)[session.client]
        for sender, data in (("phone", said.phone), ("server", said.server)):
            true = [one for one in session.messages if one.sender == sender]
            read = list(dissected(session, data))
            whole = [one for one in true if one.command is not None]
            assert [message.command for message in read] == [one.command for one in whole]
            assert [message.session_id for message in read] == [one.session for one in whole]
            for message, one in zip(read, whole, strict=True):
                assert (message.problem is not None) == is_malformed(session, one)
                if message.problem is None:
                    assert elements(message) == one.elements


@pytest.mark.parametrize("capture", WITH_TRUTH, ids=name)
def test_scapy_reads_every_message_as_we_do_and_writes_it_again(capture: Path) -> None:
    for session in told(capture.parent):
        layer = scapy_layers.TVS if session.service == "tvs" else scapy_layers.CAPF
        said = ours(capture)[session.client]
        for data in (said.phone, said.server):
            for message in dissected(session, data):
                octets = data[message.offset : message.end]
                packet = layer(octets)
                read = [(one.tag, bytes(one)[3:]) for one in packet.elements]
                whole = [(one.tag, one.value) for one in message.elements]
                assert (packet.cmd, packet.session_id) == (message.command, message.session_id)
                assert read[: len(whole)] == whole
                assert len(read) == len(whole) or message.problem is not None
                packet.clear_cache()
                assert bytes(packet) == octets


def is_malformed(session: TrueSession, message: TrueMessage) -> bool:
    """Whether the lab made a message whose element is longer than the message."""
    return session.operations == ["malformed-element"] and message.command == 3


def dissected(session: TrueSession, data: bytes) -> Iterator[Message]:
    dissect = tvs.dissect if session.service == "tvs" else capf.dissect
    at = 0
    while at < len(data):
        message = dissect(data, at)
        if not isinstance(message, Message):
            return
        yield message
        at = message.end


def elements(message: Message) -> list[tuple[int, str | int]]:
    """Tags, and values in hex or, of long ones, their lengths: as the truth has them."""
    return [
        (one.tag, one.value.hex() if len(one.value) <= 24 else len(one.value))
        for one in message.elements
    ]
