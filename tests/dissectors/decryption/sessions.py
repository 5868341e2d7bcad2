"""Sessions of the real OpenSSL with their key logs, in memory or between two of its programs."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from capf_dissectors.streams import Piece
from capf_dissectors.tls import ContentType, dissect_stream
from capf_dissectors.tls.decryption import Decryption, KeyLog, Secrets, Side, decrypt

from tests.dissectors.tls_endpoints import Conversation, certificate_and_key

APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_FLIGHTS = 4
"""From ClientHello to the end of the handshake, or to the tickets of TLS 1.3."""
PATIENCE = 30.0
"""Seconds that anything here may take."""


class Session:
    """What both sides sent, what they meant by it, and the secrets that they logged."""

    def __init__(
        self,
        name: str,
        flights: list[tuple[bool, bytes]],
        said: list[tuple[bool, bytes]],
        log: bytes,
    ) -> None:
        self.name = name
        self.flights = flights
        self.said = said
        self.log = log

    def __repr__(self) -> str:
        return self.name

    def octets(self, from_client: bool) -> bytes:
        return b"".join(data for side, data in self.flights if side == from_client)

    def side(self, from_client: bool, *holes: tuple[int, int]) -> Side:
        """One direction; of the stream offsets in ``holes`` nothing was captured."""
        data, pieces, start = self.octets(from_client), [], 0
        for begin, end in (*holes, (len(data), len(data))):
            if begin > start:
                pieces.append(Piece(start, data[start:begin]))
            start = end
        return Side(dissect_stream(pieces), pieces)

    def meant(self, from_client: bool) -> bytes:
        return b"".join(data for side, data in self.said if side == from_client)

    def opened(self, secrets: Secrets | None = None) -> Decryption:
        keys = Secrets([KeyLog(self.log)]) if secrets is None else secrets
        return decrypt(self.side(True), self.side(False), keys)


def read(result: Decryption, from_client: bool) -> bytes:
    """The application data that was opened."""
    plain = result.client if from_client else result.server
    return b"".join(one.data for one in plain if one.content_type == APPLICATION_DATA)


TURNS = [
    (False, b"\x55" * 16),
    (True, b"phone" * 9),
    (False, bytes(1200)),
    (True, b"!"),
    (False, b"end"),
]


def converse(conversation: Conversation, folder: Path, name: str = "") -> Session:
    """Talk in memory, and close."""
    log = folder / f"{id(conversation)}.log"
    conversation.client.context.keylog_filename = str(log)
    conversation.handshake()
    said = []
    for from_client, data in TURNS:
        sender = conversation.client if from_client else conversation.server
        sender.write(data)
        conversation.carry()
        with contextlib.suppress(ssl.SSLWantReadError):
            (conversation.server if from_client else conversation.client).read(1 << 14)
        said.append((from_client, data))
    conversation.close()
    return Session(name, conversation.flights, said, log.read_bytes())


class Relay:
    """Hands one connection on to a server, and keeps what passes."""

    def __init__(self, port: int) -> None:
        self.flights: list[tuple[bool, bytes]] = []
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(("127.0.0.1", self._server_port), PATIENCE)
        ends = {client: server, server: client}
        with client, server, self._listener:
            while True:
                for source in select.select([client, server], [], [], PATIENCE)[0]:
                    try:
                        data = source.recv(1 << 16)
                    except ConnectionError:
                        data = b""
                    if not data:
                        return
                    self.flights.append((source is client, data))
                    ends[source].sendall(data)

    def sent(self, from_client: bool) -> int:
        return sum(len(data) for side, data in self.flights if side == from_client)

    def end(self) -> None:
        self._thread.join(PATIENCE)


class Programs:
    """``openssl s_server``, and ``s_client`` behind a relay."""

    def __init__(self, folder: Path, *options: str) -> None:
        pem, _, key = certificate_and_key("rsa")
        (folder / "server.pem").write_bytes(pem + key)
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as spare:
            self.port = spare.getsockname()[1]
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert"]
        command += [str(folder / "server.pem"), "-quiet", *options]
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, bufsize=0
        )
        self._wait_for_server()

    def _wait_for_server(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self._server.poll() is None, self._server.stdout
            table = Path("/proc/net/tcp").read_text(encoding="ascii")
            if f"0100007F:{self.port:04X} 00000000:0000 0A" in table:
                return
            time.sleep(0.02)
        raise AssertionError("s_server does not listen")

    def session(self, name: str, steps: list[tuple[bool, bytes]], *options: str) -> Session:
        """A connection in which each side in turn is given a line; each is waited for."""
        relay = Relay(self.port)
        log = self._folder / f"{name}.log"
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{relay.port}"]
        command += ["-keylogfile", str(log), *options]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, bufsize=0
        ) as client:
            _await(lambda: len(relay.flights) >= _FLIGHTS)
            for from_client, line in steps:
                self._say(client if from_client else self._server, relay, from_client, line)
            assert client.stdin is not None
            client.stdin.write(b"Q\n")
            client.wait(PATIENCE)
        relay.end()
        return Session(name, relay.flights, [], log.read_bytes())

    @staticmethod
    def _say(
        program: subprocess.Popen[bytes], relay: Relay, from_client: bool, line: bytes
    ) -> None:
        before = relay.sent(from_client)
        assert program.stdin is not None
        program.stdin.write(line)
        _await(lambda: relay.sent(from_client) > before)
        time.sleep(0.15)  # the answer to a renegotiation or an update, which has no end to wait for

    def end(self) -> None:
        self._server.kill()
        self._server.wait(PATIENCE)


def _await(happens) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextlib.contextmanager
def programs(folder: Path, *options: str) -> Iterator[Programs]:
    started = Programs(folder, *options)
    try:
        yield started
    finally:
        started.end()
