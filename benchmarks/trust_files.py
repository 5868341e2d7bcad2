"""Trust lists and signed configurations as a TFTP server of a cluster hands them out.

The signature is RSA PKCS #1 v1.5 with SHA-512 over the whole file without the signature's row.
"""

from __future__ import annotations

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from benchmarks.keys import Identity
from benchmarks.templates import Octets, Quantity, Template, Values, hole
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

SIGNATURE_LENGTH = 256
SHA_512 = 3
RSA = 0


def record(function: Function, owner: Identity, host: str, *, whole: bool) -> bytes:
    """One record of a list, with the whole certificate or with its SHA-1 only.

    Clusters of release 11.5 write the CAPF and TVS records with the hash only.
    """
    rows = (
        row(RecordTag.DNS_NAME, text(host))
        + row(RecordTag.SUBJECT_NAME, text(owner.name))
        + row(RecordTag.FUNCTION, function.to_bytes(2, "big"))
        + row(RecordTag.ISSUER_NAME, text(owner.name))
        + row(RecordTag.SERIAL_NUMBER, owner.serial)
        + row(RecordTag.PUBLIC_KEY, owner.public_key)
        + row(RecordTag.SIGNATURE, owner.certificate.signature)
    )
    if whole:
        rows += row(RecordTag.CERTIFICATE, owner.der)
    else:
        rows += row(RecordTag.CERTIFICATE_HASH, owner.certificate.fingerprint(hashes.SHA1()))
    return row(RecordTag.RECORD_LENGTH, (len(rows) + LENGTH_ROW).to_bytes(2, "big")) + rows


def trust_list(records: list[bytes], signer: Identity, timestamp: int) -> bytes:
    """A whole ITLFile.tlv, version 1.2, signed by ``signer``."""
    before, after = _header(b"\x01\x02", signer, Template(b"ITLFile.tlv"), timestamp)
    content = b"".join(records)
    signature = _sign(before.octets + after.octets + content, signer)
    return before.octets + row(HeaderTag.SIGNATURE, signature) + after.octets + content


class SignedConfiguration:
    """``SEP<MAC>.cnf.xml.sgn`` of every phone, each with its own signature."""

    def __init__(self, xml: Template, signer: Identity, timestamp: int) -> None:
        name = b"SEP" + hole(Quantity.DEVICE, 12) + b".cnf.xml.sgn"
        self._before, after = _header(b"\x01\x00", signer, name, timestamp)
        self._after = after + xml
        self._signer = signer

    @property
    def file(self) -> Template:
        """The file, with a hole for the signature that :meth:`sign` makes."""
        head = bytes([HeaderTag.SIGNATURE]) + SIGNATURE_LENGTH.to_bytes(2, "big")
        signature = hole(Quantity.SIGNATURE, SIGNATURE_LENGTH)
        return self._before + head + signature + self._after

    def sign(self, values: Values) -> None:
        """Give ``values`` the signature of each phone's file."""
        rows = (self._before + self._after).fill(values)
        signatures = b"".join(_sign(row.tobytes(), self._signer) for row in rows)
        values.set(Quantity.SIGNATURE, _matrix(signatures))


def _matrix(signatures: bytes) -> Octets:
    return np.frombuffer(signatures, np.uint8).reshape(-1, SIGNATURE_LENGTH)


def _header(
    version: bytes, signer: Identity, filename: Template, timestamp: int
) -> tuple[Template, Template]:
    signer_id = (
        row(HeaderTag.SIGNER_NAME, text(signer.name))
        + row(HeaderTag.SERIAL_NUMBER, signer.serial)
        + row(HeaderTag.CA_NAME, text(signer.name))
    )
    algorithm = row(HeaderTag.SIGNATURE_ALGORITHM, bytes([RSA]))
    algorithm += row(HeaderTag.SIGNATURE_MODULUS, bytes([MODULUS_CODES[8 * SIGNATURE_LENGTH]]))
    information = row(HeaderTag.DIGEST_ALGORITHM, bytes([SHA_512]))
    information += row(HeaderTag.SIGNATURE_ALGORITHM_INFO, algorithm)
    middle = row(HeaderTag.SIGNER_ID, signer_id) + row(HeaderTag.SIGNATURE_INFO, information)
    after = bytes([HeaderTag.FILE_NAME]) + (len(filename) + 1).to_bytes(2, "big") + filename
    after += b"\0" + row(HeaderTag.TIMESTAMP, timestamp.to_bytes(4, "big"))
    length = 2 * LENGTH_ROW + len(middle) + 3 + SIGNATURE_LENGTH + len(after)
    filling = padding_behind(length)
    after += filling
    length += len(filling)
    before = row(HeaderTag.VERSION, version)
    before += row(HeaderTag.HEADER_LENGTH, length.to_bytes(2, "big"))
    return Template(before + middle), after


def _sign(content: bytes, signer: Identity) -> bytes:
    return signer.key.sign(content, padding.PKCS1v15(), hashes.SHA512())
