"""A TLS record: its header, and what is in the clear of its content."""

from __future__ import annotations

from collections.abc import Sequence

from capf_dissectors.outline.node import Node, plural
from capf_dissectors.outline.outliner import Outliner, by_name, named, outlined
from capf_dissectors.outline.tls_handshake import read_handshake
from capf_dissectors.tls.messages import Record
from capf_dissectors.tls.registries import (
    AlertLevel,
    ContentType,
    Version,
    alert_name,
    version_name,
)

_ALERT_LENGTH = 2
_TELLING = frozenset({"Handshake message", "Alert"})
"""Fields of a record that its own line repeats."""


def outline_record(
    data: bytes, at: int, record: Record, whole: Sequence[tuple[int, int]] = ()
) -> tuple[Node, ...]:
    """The fields of a record that begins at ``data[at]``.

    ``whole`` are the places in ``data`` of the handshake messages that lie in it from their
    beginning to their end, in order.
    """
    if record.version == Version.SSL_2_0:
        return outlined(_ssl2, data, at, at + record.end - record.offset)

    def read(walk: Outliner) -> None:
        with walk.fields("TLS record", record.end - record.offset) as one:
            _fields(one, record, whole)
            told = [node.value for node in one.nodes if node.name in _TELLING]
            size = plural(record.length, "byte")
            one.value = ", ".join([content_name(record), *told, version_name(record.version), size])

    return outlined(read, data, at, at + record.end - record.offset)


def content_name(record: Record) -> str:
    """What a record holds, in words."""
    try:
        name = ContentType(record.content_type).name.replace("_", " ").lower()
    except ValueError:
        name = f"content type {record.content_type}"
    return f"encrypted {name}" if record.encrypted else name


def _fields(walk: Outliner, record: Record, whole: Sequence[tuple[int, int]]) -> None:
    walk.number("Content type", 1, named(ContentType))
    walk.number("Version", 2, by_name(version_name))
    walk.number("Length", 2)
    if record.encrypted:
        walk.rest("Encrypted data")
    elif record.content_type == ContentType.ALERT:
        while walk.left >= _ALERT_LENGTH:
            _alert(walk)
    elif record.content_type == ContentType.HANDSHAKE:
        _messages(walk, record.version, whole)
    elif record.content_type == ContentType.CHANGE_CIPHER_SPEC:
        walk.rest("Message", lambda data: "change_cipher_spec (1)" if data == b"\1" else data.hex())
    else:
        walk.rest("Data")


def _alert(walk: Outliner) -> None:
    with walk.group("Alert") as alert:
        level = alert.number("Level", 1, named(AlertLevel))
        description = alert.number("Description", 1, lambda code: f"{alert_name(code)} ({code})")
        alert.value = f"{named(AlertLevel)(level).partition(' (')[0]} {alert_name(description)}"


def _messages(walk: Outliner, version: int, whole: Sequence[tuple[int, int]]) -> None:
    """Messages that are whole, and the ends of those that other records complete."""
    for start, end in whole:
        if walk.position < start <= walk.end:
            walk.octets("End of a message", start - walk.position)
        if start == walk.position and end <= walk.end:
            read_handshake(walk, version)
    walk.rest("Part of a message that goes on in other records")


def _ssl2(walk: Outliner) -> None:
    """A ClientHello in an SSL 2.0 record (RFC 5246, appendix E.2)."""
    header = 2 if walk.data[walk.position] & 0x80 else 3
    with walk.fields("SSL 2.0 record: ClientHello", walk.left) as hello:
        hello.octets("Record header", header)
        hello.number("Type", 1)
        hello.number("Version", 2, by_name(version_name))
        suites = hello.number("Cipher specs length", 2)
        session = hello.number("Session id length", 2)
        challenge = hello.number("Challenge length", 2)
        with hello.fields("Cipher specs", suites) as listed:
            while listed.left >= 3:
                listed.octets("Cipher spec", 3)
        hello.octets("Session id", session)
        hello.octets("Challenge", challenge)
