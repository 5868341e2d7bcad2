"""Whether a certificate is the one that a trust list's record stands for, and on what grounds.

``cryptography`` is imported only when a certificate must be read: it is slow to load, and most
comparisons are of whole certificates or hashes that agree.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import TYPE_CHECKING

from capf_dissectors.distinguished_name import names_agree
from capf_dissectors.trust_list.records import Record

if TYPE_CHECKING:
    from capf_dissectors.certificates import Identity


class RecordMatch(Enum):
    """What comparing a record with a certificate showed; the strongest grounds are named."""

    SAME_CERTIFICATE = "same certificate"
    SAME_HASH = "same certificate hash"
    SAME_KEY = "same public key"
    """The record holds neither certificate nor hash to compare."""
    SAME_ISSUER_AND_SERIAL = "same issuer and serial number"
    """The record holds nothing stronger."""
    REISSUED = "another certificate with the same public key"
    DIFFERENT_CERTIFICATE = "another certificate"
    DIFFERENT_HASH = "another certificate hash"
    DIFFERENT_KEY = "another public key"
    DIFFERENT_SERIAL = "another serial number"
    NOTHING_TO_COMPARE = "nothing to compare"
    """An emptied record, or a certificate that cannot be read."""

    @property
    def matches(self) -> bool | None:
        """Whether the certificate is the record's; None where nothing could be compared."""
        return _VERDICTS.get(self)


_VERDICTS = {
    RecordMatch.SAME_CERTIFICATE: True,
    RecordMatch.SAME_HASH: True,
    RecordMatch.SAME_KEY: True,
    RecordMatch.SAME_ISSUER_AND_SERIAL: True,
    RecordMatch.REISSUED: False,
    RecordMatch.DIFFERENT_CERTIFICATE: False,
    RecordMatch.DIFFERENT_HASH: False,
    RecordMatch.DIFFERENT_KEY: False,
    RecordMatch.DIFFERENT_SERIAL: False,
}
_HASHES_BY_LENGTH = {16: "md5", 20: "sha1", 28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}


def certificate_sha1(record: Record) -> bytes:
    """SHA-1 of a record's certificate, or the hash that it holds in place of one, whichever."""
    if record.certificate is not None:
        return hashlib.sha1(record.certificate, usedforsecurity=False).digest()
    return record.certificate_hash


def record_matches(record: Record, certificate: bytes) -> RecordMatch:
    """Compare ``record`` with an X.509 certificate in DER.

    The whole certificate is the strongest ground, then its hash, the public key, the serial.
    """
    if record.certificate is not None:
        if record.certificate == certificate:
            return RecordMatch.SAME_CERTIFICATE
        return _unless_reissued(record, certificate, RecordMatch.DIFFERENT_CERTIFICATE)
    algorithm = _HASHES_BY_LENGTH.get(len(record.certificate_hash))
    if algorithm is not None:
        digest = hashlib.new(algorithm, certificate, usedforsecurity=False).digest()
        if digest == record.certificate_hash:
            return RecordMatch.SAME_HASH
        return _unless_reissued(record, certificate, RecordMatch.DIFFERENT_HASH)
    return _compare_identity(record, certificate)


def _unless_reissued(record: Record, certificate: bytes, difference: RecordMatch) -> RecordMatch:
    presented = _identity(certificate)
    if presented is None:
        return difference
    keys = {record.public_key} if record.public_key else set()
    if record.certificate is not None and (recorded := _identity(record.certificate)):
        keys |= recorded.public_keys
    return difference if keys.isdisjoint(presented.public_keys) else RecordMatch.REISSUED


def _compare_identity(record: Record, certificate: bytes) -> RecordMatch:
    presented = _identity(certificate)
    if presented is None:
        return RecordMatch.NOTHING_TO_COMPARE
    if record.public_key and presented.public_keys:
        same = record.public_key in presented.public_keys
        return RecordMatch.SAME_KEY if same else RecordMatch.DIFFERENT_KEY
    if record.serial:
        same = record.serial == presented.serial and names_agree(record.issuer, presented.issuer)
        return RecordMatch.SAME_ISSUER_AND_SERIAL if same else RecordMatch.DIFFERENT_SERIAL
    return RecordMatch.NOTHING_TO_COMPARE


def _identity(certificate: bytes) -> Identity | None:
    from capf_dissectors.certificates import read_identity  # noqa: PLC0415 - slow to load

    return read_identity(certificate)
