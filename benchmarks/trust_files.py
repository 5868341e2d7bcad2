"""Trust lists and signed configurations as a TFTP server of a cluster hands them out.

Both are TLV: tag of one octet, length of two, big-endian. The signature is RSA PKCS #1 v1.5 with
SHA-512 over the whole file without the signature's own tag, length and value.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from benchmarks.keys import Identity
from benchmarks.templates import Octets, Quantity, Template, Values, hole

SIGNATURE_LENGTH = 256
SHA_512 = 3
RSA = 0
MODULUS_2048 = 2
PADDING = b"\x0d"


class HeaderTag(IntEnum):
    """Tags of the file's header."""

    VERSION = 1
    HEADER_LENGTH = 2
    SIGNER_ID = 3
    SIGNER_NAME = 4
    SERIAL_NUMBER = 5
    CA_NAME = 6
    SIGNATURE_INFO = 7
    DIGEST_ALGORITHM = 8
    SIGNATURE_ALGORITHM_INFO = 9
    SIGNATURE_ALGORITHM = 10
    SIGNATURE_MODULUS = 11
    SIGNATURE = 12
    FILENAME = 14
    TIMESTAMP = 15


class RecordTag(IntEnum):
    """Tags of a trust list's record."""

    RECORD_LENGTH = 1
    DNS_NAME = 2
    SUBJECT_NAME = 3
    FUNCTION = 4
    ISSUER_NAME = 5
    SERIAL_NUMBER = 6
    PUBLIC_KEY = 7
    SIGNATURE = 8
    CERTIFICATE = 9
    CERTIFICATE_HASH = 11


class Function(IntEnum):
    """What the owner of a record's certificate is trusted to do."""

    SYSTEM_ADMINISTRATOR = 0
    CALL_MANAGER_AND_TFTP = 2
    CAPF = 4
    TVS = 21


def record(function: Function, owner: Identity, host: str, *, whole: bool) -> bytes:
    """One record of a list, with the whole certificate or with its SHA-1 only.

    Clusters of release 11.5 write the CAPF and TVS records with the hash only.
    """
    rows = (
        _row(RecordTag.DNS_NAME, _text(host))
        + _row(RecordTag.SUBJECT_NAME, _text(owner.name))
        + _row(RecordTag.FUNCTION, function.to_bytes(2, "big"))
        + _row(RecordTag.ISSUER_NAME, _text(owner.name))
        + _row(RecordTag.SERIAL_NUMBER, owner.serial)
        + _row(RecordTag.PUBLIC_KEY, owner.public_key)
        + _row(RecordTag.SIGNATURE, owner.certificate.signature)
    )
    if whole:
        rows += _row(RecordTag.CERTIFICATE, owner.der)
    else:
        rows += _row(RecordTag.CERTIFICATE_HASH, owner.certificate.fingerprint(hashes.SHA1()))
    return _row(RecordTag.RECORD_LENGTH, (len(rows) + 5).to_bytes(2, "big")) + rows


def trust_list(records: list[bytes], signer: Identity, timestamp: int) -> bytes:
    """A whole ITLFile.tlv, version 1.2, signed by ``signer``."""
    before, after = _header(b"\x01\x02", signer, Template(b"ITLFile.tlv"), timestamp)
    content = b"".join(records)
    signature = _sign(before.octets + after.octets + content, signer)
    return before.octets + _row(HeaderTag.SIGNATURE, signature) + after.octets + content


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
        _row(HeaderTag.SIGNER_NAME, _text(signer.name))
        + _row(HeaderTag.SERIAL_NUMBER, signer.serial)
        + _row(HeaderTag.CA_NAME, _text(signer.name))
    )
    algorithm = _row(HeaderTag.SIGNATURE_ALGORITHM, bytes([RSA]))
    algorithm += _row(HeaderTag.SIGNATURE_MODULUS, bytes([MODULUS_2048]))
    information = _row(HeaderTag.DIGEST_ALGORITHM, bytes([SHA_512]))
    information += _row(HeaderTag.SIGNATURE_ALGORITHM_INFO, algorithm)
    middle = _row(HeaderTag.SIGNER_ID, signer_id) + _row(HeaderTag.SIGNATURE_INFO, information)
    after = bytes([HeaderTag.FILENAME]) + (len(filename) + 1).to_bytes(2, "big") + filename
    after += b"\0" + _row(HeaderTag.TIMESTAMP, timestamp.to_bytes(4, "big"))
    length = 10 + len(middle) + 3 + SIGNATURE_LENGTH + len(after)
    after += PADDING * (-length % 4)
    length += -length % 4
    before = _row(HeaderTag.VERSION, version)
    before += _row(HeaderTag.HEADER_LENGTH, length.to_bytes(2, "big"))
    return Template(before + middle), after


def _sign(content: bytes, signer: Identity) -> bytes:
    return signer.key.sign(content, padding.PKCS1v15(), hashes.SHA512())


def _row(tag: IntEnum, value: bytes) -> bytes:
    return bytes([tag]) + len(value).to_bytes(2, "big") + value


def _text(text: str) -> bytes:
    return text.encode() + b"\0"
