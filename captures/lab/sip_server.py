"""SIP over TLS on the publisher: it asks for the phone's certificate and answers REGISTER."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

from captures.lab import pki
from captures.lab.plan import from_arguments
from captures.lab.processes import READY
from captures.lab.tls import close_politely, server_context

PORT = 5061
OK = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"


def _answer(context: ssl.SSLContext, connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        channel = context.wrap_socket(connection, server_side=True)
        channel.recv(4096)
        channel.sendall(OK)
        close_politely(channel)


def main() -> None:
    """Serve until the process is ended; trusts the certificates that CAPF issues."""
    plan = from_arguments()
    settings = plan.record.sip
    context = server_context(settings.tls, plan.identities, "callmanager", None)
    context.verify_mode = ssl.CERT_REQUIRED
    for name in settings.trusts:
        context.load_verify_locations(cadata=pki.read(plan.identities, name).der)
    listener = socket.create_server(("", PORT))
    print(READY, flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer, args=(context, connection), daemon=True).start()


if __name__ == "__main__":
    main()
