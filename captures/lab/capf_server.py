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
PLAIN_GREETING = b"220 print spooler ready\r\n"


class _Stopped(Exception):  # noqa: N818 - the scenario's wish, not an error
    """The scenario ends the session after this message."""


class CapfServer:
    """Answers every connection as ``[record.capf]`` says."""

    def __init__(self, plan: Plan) -> None:
        self._settings = plan.record.capf
        self._auth = AUTH_PASSWORD if plan.record.files.capf_auth_mode == 1 else AUTH_NULL
        self._models = {phone.name: phone.model for phone in plan.record.phones}
        self._identity = pki.read(plan.identities, self._settings.certificate)
        key_log = plan.key_log if self._settings.log_keys else None
        self._context = server_context(
            self._settings.tls, plan.identities, self._settings.certificate, key_log
        )
        if self._settings.alert is not None:
            self._context.sni_callback = self._alert
        self._sessions = itertools.count(1)
        self._connections = itertools.count(1)

    def serve(self) -> None:
        """Listen on both address families until the process is ended."""
        listener = socket.create_server(
            ("::", self._settings.port),
            family=socket.AF_INET6,
            dualstack_ipv6=True,
            backlog=self._settings.backlog,
        )
        print(READY, flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(SESSION_SECONDS)
        if next(self._connections) <= self._settings.fails_first:
            reset(connection)
        elif self._settings.speaks == "nothing":
            time.sleep(SILENCE_SECONDS)
        elif self._settings.speaks == "plain":
            connection.sendall(PLAIN_GREETING)
            connection.recv(4096)
            connection.close()
        else:
            with contextlib.suppress(OSError, ValueError):
                self._session(self._context.wrap_socket(connection, server_side=True))

    def _alert(self, _connection: object, _name: str | None, _context: object) -> int | None:
        """Called by OpenSSL at the ClientHello: the fatal alert to answer with."""
        return self._settings.alert

    def _session(self, connection: ssl.SSLSocket) -> None:
        try:
            self._converse(connection, next(self._sessions))
        except _Stopped:
            self._stop(connection)
        else:
            ends = {"close": close_politely, "alert-and-reset": alert_and_reset}
            ends[self._settings.ending](connection)

    def _stop(self, connection: ssl.SSLSocket) -> None:
        if self._settings.stops_by == "silence":
            time.sleep(SILENCE_SECONDS)
        elif self._settings.stops_by == "reset":
            reset(connection)
        else:
            close_politely(connection)

    def _converse(self, connection: ssl.SSLSocket, session: int) -> None:
        def send(command: Command, **elements: bytes) -> None:
            rows = {int(Element[name.upper()]): value for name, value in elements.items()}
            connection.sendall(Message(command, session, rows).encode())
            self._maybe_stop(command)

        def get() -> Message:
            message = receive(connection)
            self._maybe_stop(message.command)
            return message

        send(Command.AUTH_REQUEST, version=b"\x03", auth_type=self._auth)
        device = get().elements[Element.DEVICE_NAME].rstrip(b"\0").decode()
        if self._settings.operation == "retry-later":
            send(Command.RETRY_LATER, retry_delay=b"\x00\x00\x00\x1e")
            return
        if self._settings.operation == "install":
            send(Command.KEY_GENERATE_REQUEST, **self._key_wish())
            while (message := get()).command is Command.REQUEST_IN_PROGRESS:
                continue
            key = message.elements[Element.PUBLIC_KEY]
            lsc = pki.issue_lsc(self._identity, key, device, self._models.get(device, "CP-8861"))
            certificate = certificate_element(lsc)
            send(
                Command.STORE_CERTIFICATE_REQUEST,
                certificate_type=CERTIFICATE_TYPE_LSC,
                certificate=certificate,
            )
            get()
        elif self._settings.operation in ("fetch", "delete"):
            request = f"{self._settings.operation.upper()}_CERTIFICATE_REQUEST"
            send(Command[request])
            get()
        send(Command.END_SESSION, reason=bytes([self._settings.reason]))

    def _key_wish(self) -> dict[str, bytes]:
        if self._settings.key == "ec":
            return {"key_type": KEY_TYPE_EC, "curve": CURVES[self._settings.key_size]}
        size = self._settings.key_size.to_bytes(2, "big")
        return {"key_size": size, "key_type": KEY_TYPE_RSA}

    def _maybe_stop(self, command: Command) -> None:
        if command.name.lower().replace("_", "-") == self._settings.stops_after:
            raise _Stopped


if __name__ == "__main__":
    CapfServer(from_arguments()).serve()
