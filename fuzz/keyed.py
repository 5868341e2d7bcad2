"""Sessions with their secrets, of the captures that ship with a key log."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from capf_dissectors.tls import ClientHello

from capfpcap.analysis import CaptureInput, analyze
from fuzz.harness import ROOT

_LONGEST = 1 << 14
"""Bytes of both sides of a session that is begun with."""
_MOST_OF_A_CAPTURE = 3


class Keyed(NamedTuple):
    """One session."""

    log: bytes
    """The lines of the key log that are its own."""
    client: bytes
    server: bytes


@cache
def keyed() -> list[Keyed]:
    """A few sessions of each capture; read once."""
    logs = sorted((ROOT / "captures").glob("**/keylog.txt"))
    return [session for log in logs for session in _sessions(log)]


def _sessions(log: Path) -> list[Keyed]:
    lines = log.read_bytes().splitlines()
    capture = min(log.parent.glob("*.pcap*"))
    found: list[Keyed] = []
    for flow in analyze([CaptureInput((str(capture),))]).scene.flows:
        session = flow.best.conversation.session
        if session is None:
            continue
        hello = session.client_hello
        if hello is None or not isinstance(hello.message, ClientHello):
            continue
        random = hello.message.random.hex().encode()
        own = b"\n".join(line for line in lines if random in line)
        client, server = (
            b"".join(piece.data for piece in stream.pieces)
            for stream in (session.client_stream, session.server_stream)
        )
        if own and len(client) + len(server) <= _LONGEST and len(found) < _MOST_OF_A_CAPTURE:
            found.append(Keyed(own, client, server))
    return found
