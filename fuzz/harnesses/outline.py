"""Messages outlined field by field: whatever the bytes are, fields lie where they say."""

from __future__ import annotations

from collections.abc import Callable

from capf_dissectors.outline import MAX_NODES, Node
from capf_dissectors.outline.capf import outline_capf, outline_tvs
from capf_dissectors.outline.configuration import outline_configuration
from capf_dissectors.outline.dns import outline_dns
from capf_dissectors.outline.http import outline_http
from capf_dissectors.outline.signed_header import outline_signed_file
from capf_dissectors.outline.tftp import outline_tftp
from capf_dissectors.outline.tls_handshake import outline_handshake
from capf_dissectors.outline.tls_record import outline_record
from capf_dissectors.outline.trust_list import outline_trust_list
from capf_dissectors.outline.x509 import outline_certificate
from capf_dissectors.streams import Piece
from capf_dissectors.tls import dissect_stream

from capfpcap.inspection.headers import outline_headers
from capfpcap.inspection.tcp_header import Beginnings
from capfpcap.services import Service
from capfpcap.timeline.files import FileKind
from fuzz.harness import Harness
from fuzz.harnesses.inspection import check_places
from fuzz.plaintext import capf_seeds, tvs_seeds
from fuzz.seeds import carried, some
from fuzz.tape import Tape


def _headers(data: bytes) -> tuple[Node, ...]:
    return outline_headers(data[1:], data[0] if data else 1, Beginnings(7, 9)).nodes


def _records(data: bytes) -> tuple[Node, ...]:
    records = dissect_stream([Piece(0, data)]).records
    return tuple(
        node for record in records[:20] for node in outline_record(data, record.offset, record)
    )


OUTLINES: tuple[Callable[[bytes], tuple[Node, ...]], ...] = (
    outline_certificate,
    outline_configuration,
    outline_dns,
    outline_handshake,
    outline_http,
    outline_signed_file,
    outline_tftp,
    outline_trust_list,
    _records,
    _headers,
    outline_capf,
    outline_tvs,
)


def judge(data: bytes) -> None:
    """Outline bytes as one kind of message."""
    tape = Tape(data)
    outline = OUTLINES[tape.octet() % len(OUTLINES)]
    content = tape.rest()
    nodes = outline(content)
    count = 0
    for node in nodes:
        check_places(node, 0, len(content))
        count += sum(1 for _ in node.walk())
    assert count <= 2 * MAX_NODES


def seeds() -> list[bytes]:
    """One message of each kind, and more of those that nest."""
    known = carried()
    files = known.files
    of_kind: list[list[bytes]] = [
        known.certificates,
        files.get(FileKind.CONFIGURATION, []),
        known.datagrams.get(Service.DNS, []),
        [said[9 - 4 :] for pair in known.tls for said in pair if said],
        [said for pair in known.http for said in pair],
        files.get(FileKind.CONFIGURATION, []),
        known.datagrams.get(Service.TFTP, []),
        files.get(FileKind.ITL, []) + files.get(FileKind.CTL, []),
        [said for pair in known.tls for said in pair if said],
        [b"\1" + capture[40:200] for capture in known.captures],
        capf_seeds(),
        tvs_seeds(),
    ]
    return [
        bytes([number]) + content
        for number, contents in enumerate(of_kind)
        for content in some(contents)
    ]


HARNESS = Harness(judge, seeds, longest=1 << 15)
