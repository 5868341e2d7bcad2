"""Whether the signature of a trust list or signed file is its signer's.

RSA PKCS#1 v1.5 over the whole file with the SIGNATURE field cut out.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from capf_dissectors.distinguished_name import names_agree
from capf_dissectors.signed_header import SignatureAlgorithm, SignedHeader, Signer
from capf_dissectors.trust_list import Record, TrustList

MAX_CANDIDATE_KEYS = 8
"""Distinct keys tried for one signature; a serial number names one, so more is a hostile list."""


class SignatureCheck(Enum):
    """What verifying showed."""

    VALID = "valid"
    INVALID = "invalid"
    """The signer's key is known and did not make this signature, or there is none."""
    SIGNER_NOT_IN_LIST = "signer not in list"
    """No record that was given holds the certificate or key that SIGNERID names."""
    UNSUPPORTED = "unsupported"
    """Signed with an algorithm, digest or key that cannot be verified here."""


def verify(data: bytes, trust_list: TrustList, *trusted: TrustList) -> SignatureCheck:
    """Verify a trust list with the signer's record in it, or in other lists the phone trusts."""
    return verify_by_lists(data, trust_list.header, (trust_list, *trusted))


def verifying_record(
    data: bytes, trust_list: TrustList, header: SignedHeader | None = None
) -> int | None:
    """The place among a list's records of the first whose key made the signature of ``data``.

    ``data`` is that list itself, or the signed file whose header is ``header``.
    """
    signed = header or trust_list.header
    named = _named_signer(signed.signer, [trust_list])
    for record in named[:MAX_CANDIDATE_KEYS]:
        key = record.certificate or record.public_key
        if key and verify_by_key(data, signed, key) is SignatureCheck.VALID:
            return trust_list.records.index(record)
    return None


def verify_by_lists(
    data: bytes, header: SignedHeader, trusted: Sequence[TrustList]
) -> SignatureCheck:
    """Verify a signed file, whose header is ``header``, with the signer's record in ``trusted``."""
    keys = _signer_keys(header.signer, trusted)
    if not keys:
        return SignatureCheck.SIGNER_NOT_IN_LIST
    checks = {verify_by_key(data, header, key) for key in keys}
    outcomes = (SignatureCheck.VALID, SignatureCheck.INVALID, SignatureCheck.UNSUPPORTED)
    return next(outcome for outcome in outcomes if outcome in checks)


def verify_by_key(data: bytes, header: SignedHeader, key: bytes) -> SignatureCheck:
    """Verify a signed file with one key: a certificate, PKCS#1 key or public key info in DER."""
    from capf_dissectors.certificates import read_rsa_key, verifies  # noqa: PLC0415 - slow to load

    if not header.signature:
        return SignatureCheck.INVALID
    public_key = read_rsa_key(key)
    digest = header.digest_algorithm
    rsa = header.signature_algorithm in (None, SignatureAlgorithm.RSA)
    if public_key is None or digest is None or not rsa:
        return SignatureCheck.UNSUPPORTED
    start, end = header.signature_span
    verdict = verifies(public_key, header.signature, data[:start] + data[end:], digest)
    if verdict is None:
        return SignatureCheck.UNSUPPORTED
    return SignatureCheck.VALID if verdict else SignatureCheck.INVALID


def _named_signer(signer: Signer, trusted: Sequence[TrustList]) -> list[Record]:
    """The records whose serial number is the signer's.

    Those whose names agree too come first; names are no ground to pass a record over, since
    programs write them differently.
    """
    if not signer.serial:
        return []
    named = [
        record
        for trust_list in trusted
        for record in trust_list.records
        if record.serial == signer.serial
    ]
    named.sort(key=lambda record: not names_agree(record.subject, signer.name))
    return named


def _signer_keys(signer: Signer, trusted: Sequence[TrustList]) -> list[bytes]:
    """Distinct certificates or keys of the records that name the signer."""
    named = _named_signer(signer, trusted)
    keys = (record.certificate or record.public_key for record in named)
    return list(dict.fromkeys(key for key in keys if key))[:MAX_CANDIDATE_KEYS]
