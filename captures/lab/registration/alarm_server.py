"""SIP in the clear on the publisher, TCP and UDP: it takes whatever it is told."""

from __future__ import annotations

import socketserver
import threading

from captures.lab.processes import READY
from captures.lab.registration.alarms import ACCEPTED, PORT


class _Stream(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while self.request.recv(65536):
            self.request.sendall(ACCEPTED)


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request[1].sendto(ACCEPTED, self.client_address)


def main() -> None:
    """Serve until the process is ended."""
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    streams = socketserver.ThreadingTCPServer(("", PORT), _Stream)
    datagrams = socketserver.UDPServer(("", PORT), _Datagram)
    threading.Thread(target=datagrams.serve_forever, daemon=True).start()
    print(READY, flush=True)
    streams.serve_forever()


if __name__ == "__main__":
    main()
