"""The extensions of a certificate (RFC 5280, section 4.2.1)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from capf_dissectors.outline.der import (
    BIT_STRING,
    BOOLEAN,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    context,
    element,
    hex_of,
    identifier,
    leaf,
    next_tag,
    without_number,
)
from capf_dissectors.outline.node import plural, shown
from capf_dissectors.outline.outliner import Outliner
from capf_dissectors.text import decode_text

_KEY_USAGE = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
]
_DNS_NAME, _ADDRESS, _MAIL, _RESOURCE = 2, 7, 1, 6
"""Tags of a GeneralName whose content is text, or an address."""


def read_extensions(walk: Outliner) -> None:
    """All extensions; the block that holds them says how many there are."""
    count = 0
    with element(walk, "Extensions", SEQUENCE) as extensions:
        while extensions.left:
            _extension(extensions)
            count += 1
    walk.lift()
    walk.value = plural(count, "extension")


def _extension(walk: Outliner) -> None:
    with element(walk, "Extension", SEQUENCE) as extension:
        kind = without_number(leaf(extension, "Type", identifier, OBJECT_IDENTIFIER))
        extension.value = kind
        if next_tag(extension) == BOOLEAN:
            leaf(extension, "Critical", lambda _, data: _yes(data != b"\0"))
        with element(extension, "Data", OCTET_STRING) as data:
            reader = _READERS.get(kind)
            if reader is not None:
                reader(data)
            else:
                data.rest("Value")
        said = extension.lift()
        extension.value = f"{kind}: {said}" if said else kind


def _basic_constraints(walk: Outliner) -> None:
    authority, limit = "no", ""
    with element(walk, "Basic constraints", SEQUENCE) as constraints:
        if next_tag(constraints) == BOOLEAN:
            authority = leaf(constraints, "CA", lambda _, data: _yes(data != b"\0"))
        if next_tag(constraints) == INTEGER:
            limit = leaf(
                constraints, "Path length", lambda _, data: str(int.from_bytes(data, "big"))
            )
    walk.lift()
    walk.value = f"CA {authority}" + (f", path length {limit}" if limit else "")


def _key_usage(walk: Outliner) -> None:
    walk.value = leaf(walk, "Key usage", _usages, BIT_STRING)


def _usages(_tag: int, data: bytes) -> str:
    bits = "".join(f"{octet:08b}" for octet in data[1:3])
    names = (name for name, bit in zip(_KEY_USAGE, bits, strict=False) if bit == "1")
    return ", ".join(names) or "none"


def _extended_key_usage(walk: Outliner) -> None:
    with element(walk, "Extended key usage", SEQUENCE) as usages:
        while usages.left:
            leaf(usages, "Usage", identifier, OBJECT_IDENTIFIER)
        usages.value = ", ".join(without_number(node.value) for node in usages.nodes)
    walk.value = walk.lift()


def _key_identifier(walk: Outliner) -> None:
    walk.value = leaf(walk, "Key identifier", hex_of, OCTET_STRING)


def _authority_key_identifier(walk: Outliner) -> None:
    with element(walk, "Authority key identifier", SEQUENCE) as parts:
        while parts.left:
            is_key = next_tag(parts) == context(0, constructed=False)
            leaf(parts, "Key identifier" if is_key else "Issuer or serial number", hex_of)
        parts.value = parts.nodes[0].value if parts.nodes else ""
    walk.value = walk.lift()


def _alternative_names(walk: Outliner) -> None:
    with element(walk, "Names", SEQUENCE) as names:
        while names.left:
            leaf(names, "Name", _general_name)
        names.value = ", ".join(node.value for node in names.nodes)
    walk.value = walk.lift()


def _general_name(tag: int, data: bytes) -> str:
    kind = tag & 0x1F
    if kind in (_DNS_NAME, _MAIL, _RESOURCE):
        return decode_text(data)
    if kind == _ADDRESS and len(data) in (4, 16):
        return str(ipaddress.ip_address(data))
    return shown(data)


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


_READERS: dict[str, Callable[[Outliner], None]] = {
    "basicConstraints": _basic_constraints,
    "keyUsage": _key_usage,
    "extendedKeyUsage": _extended_key_usage,
    "subjectKeyIdentifier": _key_identifier,
    "authorityKeyIdentifier": _authority_key_identifier,
    "subjectAltName": _alternative_names,
    "issuerAltName": _alternative_names,
}
"""By the name that cryptography gives the extension's type."""
