"""One CAPF session inside TLS, as the service leads it."""

from __future__ import annotations

from typing import Protocol

from captures.lab import pki
from captures.lab.capf.authentication import auth_type, is_accepted
from captures.lab.capf.knobs import Capf, Task
from captures.lab.capf.messages import (
    CERTIFICATE_TYPE_LSC,
    CURVES,
    KEY_TYPE_EC,
    KEY_TYPE_RSA,
    MAGIC,
    REASON_DECLINED,
    Channel,
    Command,
    Element,
    Message,
    certificate_element,
    receive,
    send,
)
from captures.lab.plan import Plan

VERSION = b"\x03"
RETRY_DELAY = (30).to_bytes(4, "big")
NOT_CAPF = b"HTTP/1.1 400 Bad Request\r\n\r\n"


class Stopped(Exception):  # noqa: N818 - the scenario's wish, not an error
    """The scenario ends the session after this message."""


class Office(Protocol):
    """What a session needs of the service."""

    plan: Plan
    settings: Capf

    def issue(self, public_key: bytes, device: str) -> bytes:
        """Sign a phone's key; returns the certificate in DER."""


class Conversation:
    """One session inside TLS."""

    def __init__(self, office: Office, channel: Channel, session: int, task: Task) -> None:
        self._office = office
        self._settings = office.settings
        self._channel = channel
        self._session = session
        self._task = task
        self.device = ""
        self.issued: list[bytes] = []

    def run(self) -> None:
        """Ask for authentication, then do the operations, then end.

        Raises:
            OSError: the connection broke.
            Stopped: the scenario ends the session before its end.
            ValueError: the phone does not speak CAPF.
        """
        asked = auth_type(self._task, self._office.plan.record.files.capf_auth_mode)
        self._send(Command.AUTH_REQUEST, {Element.VERSION: VERSION, Element.AUTH_TYPE: asked})
        response = self._receive()
        self.device = response.elements[Element.DEVICE_NAME].rstrip(b"\0").decode()
        if not is_accepted(self._office.plan, self._task, asked, response):
            self._end(REASON_DECLINED)
            return
        for operation in (self._first(), *self._task.then):
            if operation == "retry-later":
                self._send(Command.RETRY_LATER, {Element.RETRY_DELAY: RETRY_DELAY})
                return
            self._do(operation)
        self._end(self._task.reason)

    def _first(self) -> str:
        if self._session <= self._settings.busy_first:
            return "retry-later"
        return "refuse" if self.device in self._settings.refuses else self._task.operation

    def _end(self, reason: int) -> None:
        self._send(Command.END_SESSION, {Element.REASON: bytes([reason])})

    def _do(self, operation: str) -> None:
        match operation:
            case "install":
                self._install()
            case "fetch":
                self._ask(Command.FETCH_REQUEST)
            case "delete":
                self._ask(Command.DELETE_REQUEST)
            case "malformed-element":
                self._say_wrong(bytes([MAGIC, Command.KEYGEN_REQUEST]), b"\0\x05\x0a\0\x20\x08\0")
            case "malformed-header":
                self._say_wrong(NOT_CAPF, b"")

    def _say_wrong(self, start: bytes, end: bytes) -> None:
        """Send a message that nobody understands, and wait for what the phone makes of it."""
        session = self._session.to_bytes(4, "big") if end else b""
        self._channel.sendall(start + session + end)
        self._receive()

    def _install(self) -> None:
        self._send(Command.KEYGEN_REQUEST, self._key_wish())
        while (message := self._receive()).command is Command.REQUEST_IN_PROGRESS:
            continue
        self.issued.append(self._office.issue(message.elements[Element.PUBLIC_KEY], self.device))
        self._send(
            Command.STORE_CERT_REQUEST,
            {
                Element.CERTIFICATE_TYPE: CERTIFICATE_TYPE_LSC,
                Element.CERTIFICATE: certificate_element(self.issued[-1]),
            },
        )
        self._receive()

    def _key_wish(self) -> dict[int, bytes]:
        size = self._task.key_size
        if self._task.key == "ec":
            return {Element.KEY_TYPE: KEY_TYPE_EC, Element.CURVE: CURVES[size]}
        return {Element.KEY_SIZE: size.to_bytes(2, "big"), Element.KEY_TYPE: KEY_TYPE_RSA}

    def _ask(self, command: Command) -> None:
        self._send(command, {})
        self._receive()

    def _send(self, command: Command, elements: dict[int, bytes]) -> None:
        message = Message(command, self._session, elements)
        send(self._channel, message.encode(), self._settings.piece_octets)
        self._maybe_stop(command)

    def _receive(self) -> Message:
        message = receive(self._channel)
        self._maybe_stop(message.command)
        return message

    def _maybe_stop(self, command: Command) -> None:
        if command.name.lower().replace("_", "-") == self._settings.stops_after:
            raise Stopped


def serial_of(der: bytes) -> str:
    """A certificate's serial number in hex."""
    return pki.serial_bytes(pki.loaded(der)).hex()
