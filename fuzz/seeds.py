"""Inputs to begin with: the shipped captures, and what their conversations carried."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from capfpcap.analysis import Analysis, CaptureInput, analyze
from capfpcap.flows.reassembly import Stream
from capfpcap.services import Service
from capfpcap.timeline.conversation import read_conversation
from capfpcap.timeline.files import FileKind
from fuzz.harness import ROOT

LARGEST = 1 << 15
"""Octets of a capture to begin with: engines favour small inputs, and so many are tried."""
_GZIP = ".gz"


@dataclass
class Carried:
    """What the shipped captures carried, each distinct item once and in a stable order."""

    captures: list[bytes] = field(default_factory=list)
    pairs: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Captures of one scenario at two vantage points."""
    datagrams: dict[Service, list[bytes]] = field(default_factory=dict)
    tls: list[tuple[bytes, bytes]] = field(default_factory=list)
    """What client and server said, from the connection's beginning."""
    http: list[tuple[bytes, bytes]] = field(default_factory=list)
    dns_streams: list[bytes] = field(default_factory=list)
    files: dict[FileKind, list[bytes]] = field(default_factory=dict)
    certificates: list[bytes] = field(default_factory=list)


@cache
def carried() -> Carried:
    """Read the shipped captures, once."""
    result = Carried()
    for folder in sorted((ROOT / "captures").iterdir()):
        paths = sorted(path for path in folder.glob("p*.pcap*") if path.is_file())
        contents = [data for data in map(_octets, paths) if len(data) <= LARGEST]
        result.captures += contents
        if len(contents) > 1:
            result.pairs.append((contents[0], contents[1]))
        for path in paths:
            if path.suffix != _GZIP:
                _collect(result, analyze([CaptureInput((str(path),))]))
    _drop_repetitions(result)
    return result


def _octets(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == _GZIP else data


def _collect(result: Carried, analysis: Analysis) -> None:
    for view in analysis.scene.points[0].table.views:
        conversation = read_conversation(view)
        if view.service in (Service.DNS, Service.TFTP) and conversation.connection is None:
            result.datagrams.setdefault(view.service, []).extend(view.payloads())
        for transfer in conversation.transfers:
            if transfer.content:
                result.files.setdefault(transfer.kind, []).append(transfer.content)
        if session := conversation.session:
            said = _whole(session.client_stream), _whole(session.server_stream)
            result.tls.append(said)
            result.certificates += filter(None, (session.server_leaf, session.client_leaf))
        elif connection := conversation.connection:
            octets = [
                b"".join(segment.data for segment in side.segments)
                for side in (connection.client, connection.server)
            ]
            if view.service is Service.HTTP:
                result.http.append((octets[0], octets[1]))
            elif view.service is Service.DNS:
                result.dns_streams += octets


def _whole(stream: Stream) -> bytes:
    return b"".join(piece.data for piece in stream.pieces)


def _drop_repetitions(result: Carried) -> None:
    result.captures = list(dict.fromkeys(result.captures))
    result.tls = list(dict.fromkeys(result.tls))
    result.http = list(dict.fromkeys(result.http))
    result.certificates = list(dict.fromkeys(result.certificates))
    for groups in (result.datagrams.values(), result.files.values()):
        for group in groups:
            group[:] = dict.fromkeys(group)


def some(items: Iterable[bytes], most: int = 200) -> Iterator[bytes]:
    """``most`` of the items at the most, evenly out of all."""
    everything = list(items)
    step = max(1, -(-len(everything) // most))
    yield from everything[::step]
