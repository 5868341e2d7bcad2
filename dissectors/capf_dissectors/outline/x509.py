"""An X.509 certificate, field by field (RFC 5280, section 4.1)."""

from __future__ import annotations

from capf_dissectors.outline.der import (
    BIT_STRING,
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    SET,
    context,
    element,
    hex_of,
    identifier,
    leaf,
    next_tag,
    text_of,
    time_of,
    without_number,
)
from capf_dissectors.outline.node import Node, shown
from capf_dissectors.outline.outliner import Outliner, outlined
from capf_dissectors.outline.x509_extensions import read_extensions

_VERSIONS = {b"\0": "1", b"\1": "2", b"\2": "3"}
_SHORT_NAMES = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "organizationName": "O",
    "organizationalUnitName": "OU",
}
"""Attribute types as people write them (RFC 4514, section 3)."""
_RSA = "rsaEncryption"


def outline_certificate(data: bytes, start: int = 0, end: int | None = None) -> tuple[Node, ...]:
    """The fields of the certificate that ``data[start:end]`` is."""
    return outlined(read_certificate, data, start, end)


def read_certificate(walk: Outliner) -> None:
    """A certificate; its subject is what the block that holds it says."""
    with element(walk, "Certificate", SEQUENCE) as certificate:
        with element(certificate, "Signed part", SEQUENCE) as signed:
            signed.value = _signed(signed)
        certificate.value = certificate.lift()
        _algorithm(certificate, "Signature algorithm")
        leaf(certificate, "Signature", _bits, BIT_STRING)
    walk.value = walk.lift()


def _signed(walk: Outliner) -> str:
    """The part that the signature covers; returns the subject."""
    if next_tag(walk) == context(0):
        with element(walk, "Version") as version:
            leaf(version, "Version", lambda _, data: _VERSIONS.get(data, shown(data)), INTEGER)
        walk.lift()
    leaf(walk, "Serial number", lambda _, data: data.hex().lstrip("0") or "0", INTEGER)
    _algorithm(walk, "Signed with")
    _name(walk, "Issuer")
    with element(walk, "Validity", SEQUENCE) as validity:
        begins = leaf(validity, "Not before", time_of)
        ends = leaf(validity, "Not after", time_of)
        validity.value = f"{begins} to {ends}"
    subject = _name(walk, "Subject")
    _public_key(walk)
    while (tag := next_tag(walk)) is not None:
        if tag == context(3):
            with element(walk, "Extensions") as extensions:
                read_extensions(extensions)
        else:
            leaf(walk, "Unique id", hex_of)
    return subject


def _name(walk: Outliner, name: str) -> str:
    with element(walk, name, SEQUENCE) as sequence:
        sequence.value = read_name_content(sequence)
    return walk.said


def read_name(walk: Outliner) -> str:
    """A distinguished name, its attributes as fields; returns it as text, first attribute first."""
    with element(walk, "Name", SEQUENCE) as sequence:
        sequence.value = read_name_content(sequence)
    return walk.lift()


def read_name_content(walk: Outliner) -> str:
    """The attributes inside a distinguished name."""
    parts = []
    while walk.left:
        with element(walk, "Attributes", SET) as attributes:
            while attributes.left:
                parts.append(_attribute(attributes))
        walk.lift()
    return ", ".join(parts)


def _attribute(walk: Outliner) -> str:
    with element(walk, "Attribute", SEQUENCE) as attribute:
        kind = without_number(leaf(attribute, "Type", identifier, OBJECT_IDENTIFIER))
        value = leaf(attribute, "Value", text_of)
        attribute.value = f"{_SHORT_NAMES.get(kind, kind)}={value}"
    return walk.said


def _algorithm(walk: Outliner, name: str) -> str:
    with element(walk, name, SEQUENCE) as algorithm:
        kind = leaf(algorithm, "Algorithm", identifier, OBJECT_IDENTIFIER)
        algorithm.value = without_number(kind)
        if next_tag(algorithm) == OBJECT_IDENTIFIER:
            parameter = leaf(algorithm, "Parameter", identifier)
            algorithm.value += f", {without_number(parameter)}"
        elif next_tag(algorithm) == NULL:
            leaf(algorithm, "Parameter", lambda *_: "none")
        elif algorithm.left:
            leaf(algorithm, "Parameter", hex_of)
    return walk.said


def _public_key(walk: Outliner) -> None:
    with element(walk, "Public key", SEQUENCE) as key:
        key.value = _algorithm(key, "Algorithm")
        if key.value != _RSA:
            leaf(key, "Key", _bits, BIT_STRING)
            return
        with element(key, "Key", BIT_STRING) as bits:
            bits.number("Unused bits", 1)
            with element(bits, "RSA key", SEQUENCE) as numbers:
                numbers.value = leaf(numbers, "Modulus", hex_of, INTEGER)
                leaf(numbers, "Exponent", lambda _, data: str(int.from_bytes(data, "big")), INTEGER)
            bits.value = bits.lift()


def _bits(_tag: int, data: bytes) -> str:
    """A bit string, whose first byte counts the bits of the last one that do not belong to it."""
    return shown(data[1:])
