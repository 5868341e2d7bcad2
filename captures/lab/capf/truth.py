"""``truth.json``: what was really said inside TLS, written by the side that said and heard it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
import threading
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from captures.lab.capf.messages import Channel

_LOCK = threading.Lock()
_MOST_SHOWN = 24
"""Octets of an element that stand in the file; of a longer one its length stands there."""
_SERVICES = {
    "capf": (struct.Struct("!xBIH"), 0x55),
    "tvs": (struct.Struct("!xxBxIH"), 0x57),
}
"""Header (command, session, length of the elements) and first octet."""


class Tapped:
    """The server's end of a connection, of which a copy is kept."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.said: list[tuple[str, bytes]] = []

    def recv(self, size: int, /) -> bytes:
        """Return what has come."""
        data = self._channel.recv(size)
        self.said.append(("phone", data))
        return data

    def sendall(self, data: bytes, /) -> None:
        """Send all of the bytes."""
        self.said.append(("server", data))
        self._channel.sendall(data)

    def messages(self, service: str) -> list[dict[str, object]]:
        """Each message in order: who sent it, and what it says."""
        return [
            {"from": side} | message
            for side, pieces in groupby(self.said, key=lambda piece: piece[0])
            for message in _messages(service, b"".join(data for _, data in pieces))
        ]


def _messages(service: str, data: bytes) -> Iterator[dict[str, object]]:
    header, first = _SERVICES[service]
    while data:
        command, session, length = header.unpack_from(data.ljust(header.size, b"\0"))
        whole = header.size + length if data[0] == first else len(data)
        yield {
            "command": command if data[0] == first else None,
            "session": session if data[0] == first else None,
            "length": len(data[:whole]),
            "sha256": hashlib.sha256(data[:whole]).hexdigest(),
            "elements": _elements(data[header.size : whole]) if data[0] == first else [],
        }
        data = data[whole:]


def _elements(body: bytes) -> list[list[object]]:
    """Tag, and value in hex or its length; the last one may be cut short."""
    elements: list[list[object]] = []
    with contextlib.suppress(struct.error):
        while body:
            tag, length = struct.unpack_from("!BH", body)
            value = body[3 : 3 + length]
            elements.append([tag, value.hex() if length <= _MOST_SHOWN else length])
            body = body[3 + length :]
    return elements


def tell(path: Path, session: dict[str, object]) -> None:
    """Append a session to the file that :func:`gather` reads."""
    with _LOCK, path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(session) + "\n")


def gather(paths: list[Path], destination: Path) -> None:
    """Write the sessions of all services into one file, a line each."""
    lines = [line for path in paths if path.exists() for line in path.read_text().splitlines()]
    destination.write_text("[\n" + ",\n".join(sorted(lines)) + "\n]\n", encoding="utf-8")
