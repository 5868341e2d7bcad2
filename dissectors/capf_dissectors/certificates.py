"""Everything here that needs ``cryptography``: keys of certificates and signatures made with them.

Loading that library takes longer than all dissectors together: import this module only inside the
functions that cannot do without it.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from cryptography.x509.oid import NameOID

from capf_dissectors.signed_header import DigestAlgorithm

_REMEMBERED = 1024
"""Certificates whose identity is kept."""
_UNREADABLE = (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What hostile DER makes the library raise; it also warns of oddities, which is no one's news."""


class Identity(NamedTuple):
    """What tells a certificate from others."""

    public_keys: frozenset[bytes]
    """The key in every form that a trust list's PUBLICKEY may have; empty for an unknown kind."""
    common_name: str
    """Its owner's, as the subject has it; empty where it has none."""
    issuer: str
    """As RFC 4514 text."""
    serial: str
    """In hexadecimal, lower case, without leading zeros."""


@lru_cache(maxsize=_REMEMBERED)
def read_identity(certificate: bytes) -> Identity | None:
    """The identity of a certificate in DER, or None where it cannot be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed = x509.load_der_x509_certificate(certificate)
            serial = f"{parsed.serial_number:x}"
            owner, issuer = common_name(parsed.subject), parsed.issuer.rfc4514_string()
        except _UNREADABLE:
            return None
        try:
            keys = _key_forms(parsed.public_key())
        except _UNREADABLE:
            keys = frozenset()
    return Identity(keys, owner, issuer, serial)


def common_name(name: x509.Name) -> str:
    """The first common name of a distinguished name; empty where it has none."""
    values = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(values[0].value) if values else ""


def named_key(key: PublicKeyTypes) -> str:
    """``RSA 2048``, ``EC secp384r1``, or the name of another kind."""
    if isinstance(key, RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey").strip("_")


@lru_cache(maxsize=_REMEMBERED)
def key_name(encoded: bytes) -> str | None:
    """The name of a SubjectPublicKeyInfo in DER, as of :func:`named_key`; None for all else."""
    try:
        return named_key(load_der_public_key(encoded))
    except _UNREADABLE:
        return None


def _key_forms(key: PublicKeyTypes) -> frozenset[bytes]:
    forms = {key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}
    if isinstance(key, RSAPublicKey):
        forms.add(key.public_bytes(Encoding.DER, PublicFormat.PKCS1))
    elif isinstance(key, EllipticCurvePublicKey):
        forms.add(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    return frozenset(forms)


@lru_cache(maxsize=_REMEMBERED)
def read_rsa_key(encoded: bytes) -> RSAPublicKey | None:
    """The RSA key of a certificate, PKCS#1 key or public key info in DER; None for all else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for load in (_certified_key, load_der_public_key):
            try:
                key = load(encoded)
            except _UNREADABLE:
                continue
            return key if isinstance(key, RSAPublicKey) else None
    return None


def _certified_key(certificate: bytes) -> PublicKeyTypes:
    return x509.load_der_x509_certificate(certificate).public_key()


_DIGESTS: dict[int, tuple[hashes.HashAlgorithm, ...]] = {
    DigestAlgorithm.SHA1: (hashes.SHA1(),),
    DigestAlgorithm.SHA256: (hashes.SHA256(), hashes.SHA512()),
    DigestAlgorithm.SHA512: (hashes.SHA512(),),
}
"""What a DIGESTALGORITHM can mean: some writings number SHA-512 2 instead of 3."""


def verifies(key: RSAPublicKey, signature: bytes, signed: bytes, digest: int) -> bool | None:
    """Whether an RSA PKCS#1 v1.5 signature is good; None where it cannot be verified.

    ``digest`` is a DIGESTALGORITHM.
    """
    verdict: bool | None = None
    for algorithm in _DIGESTS.get(digest, ()):
        try:
            key.verify(signature, signed, PKCS1v15(), algorithm)
        except InvalidSignature:
            verdict = False
        except _UNREADABLE:
            continue
        else:
            return True
    return verdict
