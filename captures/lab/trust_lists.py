"""ITL and CTL files and signed configurations, byte by byte as CUCM's TFTP service writes them.

The signature is RSA PKCS#1 v1.5 over the whole file without the SIGNATURE row.
"""

from __future__ import annotations

import hashlib
import ipaddress
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from captures.lab.pki import Identity, public_key_octets, serial_bytes, text_name
from captures.lab.trust_rows import (
    LENGTH_ROW,
    MODULUS_CODES,
    Function,
    HeaderTag,
    RecordTag,
    padding_behind,
    row,
    text,
)

LIST_VERSION = (1, 2)
SIGNED_FILE_VERSION = (1, 0)
SIGNER_VERSION = (1, 1)
_DER = serialization.Encoding.DER
DIGESTS: dict[str, tuple[int, hashes.HashAlgorithm]] = {
    "sha1": (1, hashes.SHA1()),
    "sha512": (3, hashes.SHA512()),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to write."""

    function: Function
    certificate: x509.Certificate
    dns_name: str = ""
    ip_address: str = ""
    hash_only: bool = False


def record(entry: Entry) -> bytes:
    """One record; its first row carries the length of all of it, itself included."""
    certificate = entry.certificate
    rows = [
        row(RecordTag.DNS_NAME, text(entry.dns_name)) if entry.dns_name else b"",
        row(RecordTag.SUBJECT_NAME, text(text_name(certificate.subject))),
        row(RecordTag.FUNCTION, struct.pack("!H", entry.function)),
        row(RecordTag.ISSUER_NAME, text(text_name(certificate.issuer))),
        row(RecordTag.SERIAL_NUMBER, serial_bytes(certificate)),
        row(RecordTag.PUBLIC_KEY, public_key_octets(certificate)),
        row(RecordTag.SIGNATURE, certificate.signature),
    ]
    der = certificate.public_bytes(_DER)
    if not entry.hash_only:
        rows.append(row(RecordTag.CERTIFICATE, der))
    if entry.ip_address:
        address = ipaddress.ip_address(entry.ip_address).packed
        rows.append(row(RecordTag.IP_ADDRESS, address))
    if entry.hash_only:
        rows.append(row(RecordTag.CERTIFICATE_HASH, hashlib.sha1(der).digest()))
        rows.append(row(RecordTag.HASH_ALGORITHM, b"\0"))
    body = b"".join(rows)
    return row(RecordTag.RECORD_LENGTH, struct.pack("!H", LENGTH_ROW + len(body))) + body


def trust_list(file_name: str, signer: Identity, digest: str, entries: Sequence[Entry]) -> bytes:
    """A whole signed ITL or CTL file."""
    content = b"".join(record(entry) for entry in entries)
    version = row(HeaderTag.SIGNER_VERSION, bytes(SIGNER_VERSION)) if digest == "sha512" else b""
    return _sign(
        LIST_VERSION, version, file_name=file_name, signer=signer, digest=digest, content=content
    )


def signed_file(file_name: str, signer: Identity, digest: str, content: bytes) -> bytes:
    """A ``.sgn`` file: a header and the content as it is."""
    return _sign(
        SIGNED_FILE_VERSION, b"", file_name=file_name, signer=signer, digest=digest, content=content
    )


def _sign(
    version: tuple[int, int],
    signer_version: bytes,
    *,
    file_name: str,
    signer: Identity,
    digest: str,
    content: bytes,
) -> bytes:
    key = signer.key
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("trust lists are signed with RSA")
    digest_code, algorithm = DIGESTS[digest]
    before = signer_version + _signer_id(signer) + _signature_info(digest_code, key.key_size)
    after = row(HeaderTag.FILE_NAME, text(file_name))
    after += row(HeaderTag.TIMESTAMP, struct.pack("!I", int(time.time()) & 0xFFFFFFFF))
    unpadded = 2 * LENGTH_ROW + len(before) + 3 + key.key_size // 8 + len(after)
    filling = padding_behind(unpadded)
    after += filling
    length = unpadded + len(filling)
    start = row(HeaderTag.VERSION, bytes(version))
    start += row(HeaderTag.HEADER_LENGTH, struct.pack("!H", length)) + before
    signature = key.sign(start + after + content, padding.PKCS1v15(), algorithm)
    return start + row(HeaderTag.SIGNATURE, signature) + after + content


def _signer_id(signer: Identity) -> bytes:
    certificate = signer.certificate
    return row(
        HeaderTag.SIGNER_ID,
        b"".join(
            (
                row(HeaderTag.SIGNER_NAME, text(text_name(certificate.subject))),
                row(HeaderTag.SERIAL_NUMBER, serial_bytes(certificate)),
                row(HeaderTag.CA_NAME, text(text_name(certificate.issuer))),
            )
        ),
    )


def _signature_info(digest_code: int, key_size: int) -> bytes:
    algorithm = row(HeaderTag.SIGNATURE_ALGORITHM, b"\0")
    algorithm += row(HeaderTag.SIGNATURE_MODULUS, bytes([MODULUS_CODES[key_size]]))
    digest = row(HeaderTag.DIGEST_ALGORITHM, bytes([digest_code]))
    info = digest + row(HeaderTag.SIGNATURE_ALGORITHM_INFO, algorithm)
    return row(HeaderTag.SIGNATURE_INFO, info)
