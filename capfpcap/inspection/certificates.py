"""Two certificates field by field, with what differs; or one, and a record that stands for one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from capf_dissectors.certificates import read_identity
from capf_dissectors.distinguished_name import names_agree
from capf_dissectors.outline import Node
from capf_dissectors.outline.x509 import outline_certificate
from capf_dissectors.trust_list import Record, RecordMatch, record_matches
from msgspec import Struct

_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")
"""Where a word begins in ``basicConstraints``."""
_SHOWN = (
    "Version",
    "Serial number",
    "Subject",
    "Issuer",
    "Not before",
    "Not after",
    "Signed with",
)
"""Fields that are compared one by one, in this order; then each extension, and the signature."""
_DECIDING = {
    RecordMatch.SAME_CERTIFICATE: "SHA-1",
    RecordMatch.DIFFERENT_CERTIFICATE: "SHA-1",
    RecordMatch.SAME_HASH: "Hash",
    RecordMatch.DIFFERENT_HASH: "Hash",
    RecordMatch.SAME_KEY: "Public key",
    RecordMatch.DIFFERENT_KEY: "Public key",
    RecordMatch.REISSUED: "Public key",
    RecordMatch.SAME_ISSUER_AND_SERIAL: "Serial number",
    RecordMatch.DIFFERENT_SERIAL: "Serial number",
}
"""The field on whose ground two are the same or not."""


class FieldPair(Struct, frozen=True):
    """A field of both sides."""

    name: str
    left: str | None
    """None where that side has no such field."""
    right: str | None
    same: bool | None
    """None where one side alone has it and nothing follows from that."""
    decides: bool = False
    """Whether the comparison as a whole rests on it."""


class CertificateComparison(Struct, frozen=True):
    """What a certificate has in common with another, or with what stands for another."""

    left: str
    """Whose it is, in a few words."""
    right: str
    verdict: str
    """What comparing them showed, in a few words."""
    matches: bool | None
    """None where nothing could be compared."""
    pairs: tuple[FieldPair, ...]


def compare_with_record(
    certificate: bytes, record: Record, left: str, right: str
) -> CertificateComparison:
    """A certificate in DER beside a record of a trust list, which may hold less than one."""
    match = record_matches(record, certificate)
    if record.certificate is not None:
        pairs = tuple(_compared(certificate, record.certificate))
    else:
        pairs = tuple(_beside_record(certificate, record))
    return CertificateComparison(
        left=left,
        right=right,
        verdict=match.value,
        matches=match.matches,
        pairs=_marked(pairs, _DECIDING.get(match, "")),
    )


def _marked(pairs: tuple[FieldPair, ...], deciding: str) -> tuple[FieldPair, ...]:
    """The same fields, the deciding one first."""
    first = tuple(
        FieldPair(one.name, one.left, one.right, one.same, decides=True)
        for one in pairs
        if one.name == deciding
    )
    return (*first, *(one for one in pairs if one.name != deciding))


class _Field(NamedTuple):
    """A field as it is shown, and what makes it the same as another."""

    value: str
    octets: bytes


def _compared(left: bytes, right: bytes) -> Iterator[FieldPair]:
    """Two certificates."""
    yield _hashes("SHA-1", left, right)
    fields = _fields(left), _fields(right)
    for name in dict.fromkeys((*fields[0], *fields[1])):
        yield _pair(name, fields[0].get(name), fields[1].get(name))
    yield _hashes("SHA-256", left, right)


def _hashes(name: str, left: bytes, right: bytes) -> FieldPair:
    """The hashes of two certificates by an algorithm such as ``SHA-1``."""
    algorithm = name.replace("-", "")
    ours, theirs = (hashlib.new(algorithm, der, usedforsecurity=False) for der in (left, right))
    return FieldPair(name, ours.hexdigest(), theirs.hexdigest(), left == right)


def _pair(name: str, left: _Field | None, right: _Field | None) -> FieldPair:
    same = left is not None and right is not None and left.octets == right.octets
    return FieldPair(name, left and left.value, right and right.value, same)


def _fields(der: bytes) -> Mapping[str, _Field]:
    """The fields of a certificate by name, in the order in which they are shown."""
    nodes = [below for node in outline_certificate(der) for below in node.walk()]
    found: dict[str, _Field] = {}
    for name in _SHOWN:
        node = next((one for one in nodes if one.name == name), None)
        if node is not None:
            found[name] = _Field(node.value, der[node.start : node.end])
    for node in nodes:
        if node.name == "Public key":
            encoded = der[node.start : node.end]
            found["Public key"] = _Field(f"{node.value}, {_fingerprint(encoded)}", encoded)
        elif node.name == "Extension":
            name, _, value = node.value.partition(": ")
            name = _CAPITAL.sub(lambda letter: f" {letter[0].lower()}", name).capitalize()
            found.setdefault(name, _Field(value or "present", _extension(node, der)))
        elif node.name == "Signature":
            found["Signature"] = _Field(node.value, der[node.start : node.end])
        elif node.is_problem:
            found["Problem"] = _Field(node.value, b"")
    return found


def _extension(node: Node, der: bytes) -> bytes:
    """An extension without its type: whether it is critical, and its content."""
    return der[node.children[0].end : node.end] if node.children else der[node.start : node.end]


def _beside_record(certificate: bytes, record: Record) -> Iterator[FieldPair]:
    """A certificate, and what a record says of one that it does not hold."""
    fields = _fields(certificate)
    if record.certificate_hash:
        yield _hash(certificate, record.certificate_hash)
    presented = read_identity(certificate)
    keys = presented.public_keys if presented else frozenset()
    if record.public_key:
        ours = min(keys, key=len, default=b"")
        same = record.public_key in keys if keys else None
        theirs = record.public_key
        yield FieldPair(
            "Public key", _fingerprint(theirs if same else ours), _fingerprint(theirs), same
        )
    serial = presented.serial if presented else None
    yield _words("Serial number", serial, record.serial, serial == record.serial)
    for name, told in (("Subject", record.subject), ("Issuer", record.issuer)):
        own = fields[name].value if name in fields else None
        yield _words(name, own, told, names_agree(own or "", told))
    for name in ("Not before", "Not after", "Signed with"):
        if name in fields:
            yield FieldPair(name, fields[name].value, None, None)


def _hash(certificate: bytes, recorded: bytes) -> FieldPair:
    """The hash in a record beside that of a certificate, by the algorithm of its length."""
    name = {16: "md5", 20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}.get(len(recorded))
    if name is None:
        return FieldPair("Hash", None, recorded.hex(), None)
    own = hashlib.new(name, certificate, usedforsecurity=False).digest()
    return FieldPair("Hash", own.hex(), recorded.hex(), own == recorded)


def _fingerprint(encoded: bytes) -> str:
    """What tells a key from others, as far as somebody can read."""
    return f"SHA-1 {hashlib.sha1(encoded, usedforsecurity=False).hexdigest()}"


def _words(name: str, left: str | None, right: str, same: bool) -> FieldPair:
    return FieldPair(name, left, right or None, same if left and right else None)
