"""A CAPF service: TLS by OpenSSL, the server speaks first, every certificate is really issued."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
import time

from captures.lab import pki
from captures.lab.capf_messages import (
    AUTH_NULL,
    AUTH_PASSWORD,
    CERTIFICATE_TYPE_LSC,
    CURVES,
    KEY_TYPE_EC,
    KEY_TYPE_RSA,
    Command,
    Element,
    Message,
    certificate_element,
    receive,
)
from captures.lab.plan import Plan, from_arguments
from captures.lab.processes import READY
from captures.lab.tls import alert_and_reset, close_politely, reset, server_context

SILENCE_SECONDS = 3600.0
SESSION_SECONDS = 300.0
VERSION = b"\x03"
RETRY_DELAY = (30).to_bytes(4, "big")
AUTH_MODE_STRING = 1
DEFAULT_MODEL = "CP-8861"
PLAIN_GREETING = b"220 print spooler ready\r\n"


class _Stopped(Exception):  # noqa: N818 - the scenario's wish, not an error
    """The scenario ends the session after this message."""


class CapfServer:
    """Answers every connection as ``[record.capf]`` says."""

    def __init__(self, plan: Plan) -> None:
        self.settings = plan.record.capf
        self.asks_password = plan.record.files.capf_auth_mode == AUTH_MODE_STRING
        self._models = {phone.name: phone.model for phone in plan.record.phones}
        self._identity = pki.read(plan.identities, self.settings.certificate)
        key_log = plan.key_log if self.settings.log_keys else None
        self._context = server_context(
            self.settings.tls, plan.identities, self.settings.certificate, key_log
        )
        if self.settings.alert is not None:
            self._context.sni_callback = self._alert
        self._sessions = itertools.count(1)
        self._connections = itertools.count(1)

    def issue(self, public_key: bytes, device: str) -> bytes:
        """Sign a phone's key; returns the certificate in DER."""
        model = self._models.get(device, DEFAULT_MODEL)
        return pki.issue_lsc(self._identity, public_key, device, model)

    def serve(self) -> None:
        """Listen on both address families until the process is ended."""
        listener = socket.create_server(
            ("::", self.settings.port),
            family=socket.AF_INET6,
            dualstack_ipv6=True,
            backlog=self.settings.backlog,
        )
        print(READY, flush=True)
        for number in itertools.count(1):
            connection, _ = listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()
            if number == self.settings.pauses_after:
                time.sleep(self.settings.pause_seconds)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(SESSION_SECONDS)
        if next(self._connections) <= self.settings.fails_first:
            reset(connection)
        elif self.settings.speaks == "nothing":
            time.sleep(SILENCE_SECONDS)
        elif self.settings.speaks == "plain":
            connection.sendall(PLAIN_GREETING)
            connection.recv(4096)
            connection.close()
        else:
            with contextlib.suppress(OSError, ValueError):
                self._session(self._context.wrap_socket(connection, server_side=True))

    def _alert(self, _connection: object, _name: str | None, _context: object) -> int | None:
        """Called by OpenSSL at the ClientHello: the fatal alert to answer with."""
        return self.settings.alert

    def _session(self, connection: ssl.SSLSocket) -> None:
        try:
            _Conversation(self, connection, next(self._sessions)).run()
        except _Stopped:
            self._stop(connection)
        else:
            ends = {"close": close_politely, "alert-and-reset": alert_and_reset}
            ends[self.settings.ending](connection)

    def _stop(self, connection: ssl.SSLSocket) -> None:
        if self.settings.stops_by == "silence":
            time.sleep(SILENCE_SECONDS)
        elif self.settings.stops_by == "reset":
            reset(connection)
        else:
            close_politely(connection)


class _Conversation:
    """One session inside TLS."""

    def __init__(self, server: CapfServer, connection: ssl.SSLSocket, session: int) -> None:
        self._server = server
        self._settings = server.settings
        self._connection = connection
        self._session = session

    def run(self) -> None:
        """Ask for authentication, then do the operation, then end.

        Raises:
            _Stopped: the scenario ends the session before its end.
        """
        self._send(Command.AUTH_REQUEST, {Element.VERSION: VERSION, Element.AUTH_TYPE: self._auth})
        device = self._receive().elements[Element.DEVICE_NAME].rstrip(b"\0").decode()
        operation = self._settings.operation
        if self._session <= self._settings.busy_first:
            operation = "retry-later"
        match operation:
            case "retry-later":
                self._send(Command.RETRY_LATER, {Element.RETRY_DELAY: RETRY_DELAY})
                return
            case "install" if device not in self._settings.refuses:
                self._install(device)
            case "fetch":
                self._ask(Command.FETCH_CERTIFICATE_REQUEST)
            case "delete":
                self._ask(Command.DELETE_CERTIFICATE_REQUEST)
        self._send(Command.END_SESSION, {Element.REASON: bytes([self._settings.reason])})

    @property
    def _auth(self) -> bytes:
        return AUTH_PASSWORD if self._server.asks_password else AUTH_NULL

    def _install(self, device: str) -> None:
        self._send(Command.KEY_GENERATE_REQUEST, self._key_wish())
        while (message := self._receive()).command is Command.REQUEST_IN_PROGRESS:
            continue
        lsc = self._server.issue(message.elements[Element.PUBLIC_KEY], device)
        self._send(
            Command.STORE_CERTIFICATE_REQUEST,
            {
                Element.CERTIFICATE_TYPE: CERTIFICATE_TYPE_LSC,
                Element.CERTIFICATE: certificate_element(lsc),
            },
        )
        self._receive()

    def _key_wish(self) -> dict[int, bytes]:
        size = self._settings.key_size
        if self._settings.key == "ec":
            return {Element.KEY_TYPE: KEY_TYPE_EC, Element.CURVE: CURVES[size]}
        return {Element.KEY_SIZE: size.to_bytes(2, "big"), Element.KEY_TYPE: KEY_TYPE_RSA}

    def _ask(self, command: Command) -> None:
        self._send(command, {})
        self._receive()

    def _send(self, command: Command, elements: dict[int, bytes]) -> None:
        self._connection.sendall(Message(command, self._session, elements).encode())
        self._maybe_stop(command)

    def _receive(self) -> Message:
        message = receive(self._connection)
        self._maybe_stop(message.command)
        return message

    def _maybe_stop(self, command: Command) -> None:
        if command.name.lower().replace("_", "-") == self._settings.stops_after:
            raise _Stopped


if __name__ == "__main__":
    CapfServer(from_arguments()).serve()
