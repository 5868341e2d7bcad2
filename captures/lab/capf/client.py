"""The phone's side of a CAPF session: it does what the server asks."""

from __future__ import annotations

import time
from enum import Enum

from captures.lab import pki
from captures.lab.capf.authentication import Credentials, key_octets
from captures.lab.capf.messages import (
    CERTIFICATE_TYPE_LSC,
    CURVES,
    KEY_TYPE_EC,
    REASON_DECLINED,
    REASON_OK,
    Channel,
    Command,
    Element,
    Message,
    certificate_element,
    certificate_of,
    receive,
    send,
)
from captures.lab.knobs import Phone
from captures.lab.plan import Plan

VERSION = b"\x03"


class Outcome(Enum):
    """How one CAPF attempt ended, as far as the phone can tell."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class CapfClient:
    """One session over a TLS connection that stands."""

    def __init__(self, plan: Plan, phone: Phone, channel: Channel) -> None:
        self._plan = plan
        self._phone = phone
        self._channel = channel
        self._credentials = Credentials(plan, phone)
        self._key: pki.PrivateKey | None = None
        self._unsent = b""
        self.lsc: pki.Identity | None = None

    def run(self) -> Outcome:
        """Answer until the server ends the session.

        Raises:
            OSError: the connection broke.
            ValueError: the server does not speak CAPF.
        """
        done = Outcome.REFUSED
        while True:
            message = receive(self._channel)
            if message.command is Command.END_SESSION:
                return done
            if message.command is Command.RETRY_LATER:
                return Outcome.FAILED
            self._answer(message)
            if message.command is not Command.AUTH_REQUEST:
                done = Outcome.DONE

    def _answer(self, request: Message) -> None:
        session = request.session
        match request.command:
            case Command.AUTH_REQUEST:
                self._send(session, Command.AUTH_RESPONSE, self._authentication(request))
            case Command.KEYGEN_REQUEST:
                self._make_key(request)
            case Command.STORE_CERT_REQUEST:
                if self._key is not None:
                    der = certificate_of(request.elements[Element.CERTIFICATE])
                    self.lsc = pki.Identity(pki.loaded(der), self._key)
                self._confirm(session, Command.STORE_CERT_RESPONSE)
            case Command.FETCH_REQUEST:
                self._send(session, Command.FETCH_RESPONSE, self._own_certificate())
            case Command.DELETE_REQUEST:
                self._confirm(session, Command.DELETE_RESPONSE)
            case other:
                raise ValueError(f"no phone is asked {other.name}")

    def _send(self, session: int, command: Command, elements: dict[int, bytes]) -> None:
        self._unsent += Message(command, session, elements).encode()
        joins = self._phone.joins_messages and command is Command.REQUEST_IN_PROGRESS
        if not joins:
            send(self._channel, self._unsent, self._phone.piece_octets)
            self._unsent = b""

    def _confirm(self, session: int, command: Command) -> None:
        self._send(session, command, {Element.REASON: bytes([REASON_OK])})

    def _authentication(self, request: Message) -> dict[int, bytes]:
        return {
            Element.REASON: bytes([REASON_OK]),
            Element.VERSION: VERSION,
            **self._credentials.answer(request),
            Element.DEVICE_NAME: self._phone.name.encode() + b"\0",
        }

    def _make_key(self, request: Message) -> None:
        """Say that it takes a while, make the key in silence, send its public half."""
        self._send(request.session, Command.REQUEST_IN_PROGRESS, {})
        kind = f"rsa-{int.from_bytes(request.elements.get(Element.KEY_SIZE, b''), 'big')}"
        if request.elements.get(Element.KEY_TYPE) == KEY_TYPE_EC:
            sizes = {code: size for size, code in CURVES.items()}
            kind = f"ec-{sizes[request.elements[Element.CURVE]]}"
        self._key = pki.generate_key(kind)
        time.sleep(self._phone.key_generation_seconds)
        octets = key_octets(self._key)
        self._send(request.session, Command.KEYGEN_RESPONSE, {Element.PUBLIC_KEY: octets})

    def _own_certificate(self) -> dict[int, bytes]:
        """The LSC that the phone got on an earlier day; none where it has none."""
        if not self._phone.has_lsc:
            return {Element.REASON: bytes([REASON_DECLINED])}
        return {
            Element.CERTIFICATE_TYPE: CERTIFICATE_TYPE_LSC,
            Element.CERTIFICATE: certificate_element(self._credentials.lsc()),
        }
