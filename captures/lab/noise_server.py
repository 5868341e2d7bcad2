"""The subscriber: services that have nothing to do with enrolment, on TLS 443 and UDP."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

from captures.lab.knobs import Tls
from captures.lab.plan import from_arguments
from captures.lab.processes import READY
from captures.lab.tls import close_politely, server_context

HTTPS_PORT = 443
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\n" + b"x" * 6000


def _answer(context: ssl.SSLContext, connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        channel = context.wrap_socket(connection, server_side=True)
        channel.recv(4096)
        channel.sendall(PAGE)
        close_politely(channel)


def main() -> None:
    """Serve until the process is ended."""
    plan = from_arguments()
    context = server_context(Tls(minimum="1.2", maximum="1.3"), plan.identities, "tvs", None)
    listener = socket.create_server(("", HTTPS_PORT))
    print(READY, flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer, args=(context, connection), daemon=True).start()


if __name__ == "__main__":
    main()
