"""A server that speaks TLS and has one answer to whatever it is asked."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

from captures.lab.processes import READY
from captures.lab.tls import close_politely

_LONGEST_REQUEST = 4096


def serve_one_answer(context: ssl.SSLContext, port: int, answer: bytes) -> None:
    """Serve until the process is ended."""
    listener = socket.create_server(("", port))
    print(READY, flush=True)
    while True:
        connection, _ = listener.accept()
        arguments = (context, connection, answer)
        threading.Thread(target=_answer, args=arguments, daemon=True).start()


def _answer(context: ssl.SSLContext, connection: socket.socket, answer: bytes) -> None:
    with contextlib.suppress(OSError):
        channel = context.wrap_socket(connection, server_side=True)
        channel.recv(_LONGEST_REQUEST)
        channel.sendall(answer)
        close_politely(channel)
