"""CAPF sessions over real TLS whose keys are known, as packets and opened."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from capf_dissectors.capf import Command, Tag
from capf_dissectors.tls.decryption import KeyLog, Secrets

from capfpcap.timeline.decrypting import decrypt_sessions
from capfpcap.timeline.session import Session
from tests.dissectors.framed import builders
from tests.dissectors.tls_endpoints import TLS_1_2, Conversation
from tests.flows.packets import Tcp
from tests.timeline.capf_truth import End, Spoken, close_session, session_of

NAME = "SEP001122334455"
PASSWORD = "48291"
Message = tuple[bool, bytes]
"""Whether the phone writes it, and what it writes at once."""


def server(command: int, *elements: tuple[int, bytes]) -> Message:
    return False, builders.capf(command, *elements)


def phone(command: int, *elements: tuple[int, bytes]) -> Message:
    return True, builders.capf(command, *elements)


OK, DECLINED, UNKNOWN_DEVICE = ((Tag.REASON, bytes([reason])) for reason in (1, 7, 9))
ASK = server(Command.AUTH_REQUEST, (Tag.VERSION, b"\3"), (Tag.AUTH_TYPE, b"\2"))
ASK_STRING = server(Command.AUTH_REQUEST, (Tag.VERSION, b"\3"), (Tag.AUTH_TYPE, b"\1"))
ANSWER = phone(Command.AUTH_RESPONSE, OK, (Tag.DEVICE_NAME, NAME.encode() + b"\0"))
ANSWER_STRING = phone(
    Command.AUTH_RESPONSE,
    OK,
    (Tag.PASSWORD, PASSWORD.encode() + b"\0"),
    (Tag.DEVICE_NAME, NAME.encode() + b"\0"),
)
WANT_KEY = server(Command.KEYGEN_REQUEST, (Tag.KEY_TYPE, b"\1"), (Tag.CURVE, b"\0"))
WORKING = phone(Command.REQUEST_IN_PROGRESS)
LSC = builders.certificate(NAME)
KEY = phone(Command.KEYGEN_RESPONSE, (Tag.PUBLIC_KEY, builders.key_of(LSC)))
NO_KEY = phone(Command.KEYGEN_RESPONSE, DECLINED)
STORE = server(
    Command.STORE_CERT_REQUEST, (Tag.CERT_TYPE, b"\1"), (Tag.CERTIFICATE, builders.nested(LSC))
)
STORED = phone(Command.STORE_CERT_RESPONSE, OK)
NOT_STORED = phone(Command.STORE_CERT_RESPONSE, DECLINED)
FETCH = server(Command.FETCH_REQUEST)
FETCHED = phone(Command.FETCH_RESPONSE, (Tag.CERTIFICATE, builders.nested(LSC)))
DELETE, DELETED = server(Command.DELETE_REQUEST), phone(Command.DELETE_RESPONSE, OK)
LATER = server(Command.RETRY_LATER, (Tag.RETRY_DELAY, b"\0\0\0\x1e"))
INSTALL = [ASK, ANSWER, WANT_KEY, WORKING, KEY, STORE, STORED]


def end(reason: int | None = 1) -> Message:
    return server(Command.END_SESSION, *([] if reason is None else [(Tag.REASON, bytes([reason]))]))


class Recorded:
    """A session on the wire, and its keys."""

    def __init__(
        self,
        messages: Sequence[Message],
        ending: End = End.IN_ORDER,
        conversation: Conversation | None = None,
    ) -> None:
        conversation = conversation or Conversation(TLS_1_2, "ECDHE-RSA-AES128-GCM-SHA256")
        told = Spoken()
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "keys"
            conversation.client.context.keylog_filename = str(log)
            conversation.handshake()
            self.key_log = log.read_bytes()
        for side, data in conversation.flights:
            told.carry(side, data, [])
        self.first = len(told.packets)
        """The number of the packet that carries the first message."""
        for from_client, data in messages:
            done = len(conversation.flights)
            conversation.write(from_client, data)
            for side, carried in conversation.flights[done:]:
                told.carry(side, carried, [])
        close_session(ending, told, conversation)
        self.packets: list[Tcp] = told.packets

    def session(self, *, without: Collection[int] = (), key_log: bytes | None = None) -> Session:
        """The session, opened as far as may be, of which a capture lacks some messages' packets."""
        lost = {self.first + number for number in without}
        session = session_of([one for at, one in enumerate(self.packets) if at not in lost])
        log = self.key_log if key_log is None else key_log
        decrypt_sessions(Secrets([KeyLog(log)]), [session])
        return session
