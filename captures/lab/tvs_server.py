"""A Trust Verification Service: the phone asks, one answer ends the connection."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading

from captures.lab import pki
from captures.lab.capf.truth import Tapped, tell
from captures.lab.plan import Plan, from_arguments
from captures.lab.processes import READY
from captures.lab.tls import close_politely, server_context
from captures.lab.tvs_messages import (
    ANSWER_SECONDS_TO_LIVE,
    FIRST_SESSION,
    ROLE_TFTP,
    Command,
    Element,
    encode,
    receive,
)

PORT = 2445
VALID = 0
PLAIN_GREETING = b"SRST credentials server\r\n"


class TvsServer:
    """Answers every question with the status of ``[record.tvs]``."""

    def __init__(self, plan: Plan) -> None:
        self._settings = plan.record.tvs
        self._truth = plan.truth("tvs")
        self._plain = plan.record.tvs.speaks == "plain"
        self._certificate = pki.read(plan.identities, "callmanager").der
        key_log = plan.key_log if plan.record.tvs.log_keys else None
        certificate = plan.record.tvs.certificate
        self._context = server_context(plan.record.tvs.tls, plan.identities, certificate, key_log)
        self._sessions = itertools.count(FIRST_SESSION)

    def serve(self) -> None:
        """Listen until the process is ended."""
        listener = socket.create_server(("", PORT))
        print(READY, flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        if self._plain:
            connection.sendall(PLAIN_GREETING)
            connection.close()
            return
        with contextlib.suppress(OSError, ValueError):
            channel = self._context.wrap_socket(connection, server_side=True)
            tapped = Tapped(channel)
            command, elements = receive(tapped)
            tapped.sendall(self._response(command))
            if self._settings.tells_truth:
                self._tell(channel, tapped, elements)
            self._finish(channel)

    def _tell(self, channel: ssl.SSLSocket, tapped: Tapped, asked: dict[int, bytes]) -> None:
        host, port = channel.getpeername()[:2]
        tell(
            self._truth,
            {
                "client": f"{host}:{port}",
                "service": "tvs",
                "phone": asked[Element.DEVICE_NAME].lstrip(b"\1").decode(),
                "status": self._settings.status,
                "messages": tapped.messages("tvs"),
            },
        )

    def _response(self, asked: Command) -> bytes:
        elements = {Element.STATUS: bytes([self._settings.status])}
        if self._settings.status == VALID:
            elements[Element.ROLES] = ROLE_TFTP
            elements[Element.TIME_TO_LIVE] = ANSWER_SECONDS_TO_LIVE.to_bytes(4, "big")
            if asked is Command.QUERY_REQUEST:
                elements[Element.CERTIFICATE] = self._certificate
        return encode(Command(asked + 1), next(self._sessions), elements)

    def _finish(self, channel: ssl.SSLSocket) -> None:
        channel.settimeout(2)
        channel.recv(1)
        close_politely(channel)


if __name__ == "__main__":
    TvsServer(from_arguments()).serve()
