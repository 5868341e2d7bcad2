"""What an X.509 certificate says, as far as an enrolment is concerned.

``cryptography`` is imported only when a certificate is read: it is slow to load, and many captures
hold none. Each distinct certificate is read once.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from capfpcap.trust.issuers import CertificateOwner, owner_by_issuer

if TYPE_CHECKING:
    from cryptography import x509

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NANOSECONDS = 1_000_000_000
_CACHED = 65_536
_SIGNATURE_DIGESTS = re.compile(r"(md5|sha1|sha224|sha256|sha384|sha512)", re.IGNORECASE)


class CertificateFacts(Struct, frozen=True):
    """A certificate's fields; hexadecimal is lower case without separators."""

    der: bytes
    subject: str
    """RFC 4514, in the certificate's own order reversed as that RFC has it."""
    issuer: str
    common_name: str
    issuer_common_name: str
    serial: str
    sha1: str
    sha256: str
    not_before: int
    """Nanoseconds since 1970 UTC; negative before."""
    not_after: int
    key: str
    """For example ``RSA 2048`` or ``EC secp384r1``."""
    rsa_bits: int | None
    signature_hash: str | None
    """For example ``sha256``; None for signatures without one."""
    owner: CertificateOwner
    authority: bool | None
    """The CA flag of basicConstraints, None without that extension."""
    signs_certificates: bool | None
    """The keyCertSign bit of keyUsage, None without that extension."""

    @property
    def self_signed(self) -> bool:
        """Whether subject and issuer are the same name."""
        return self.subject == self.issuer


class UnreadableCertificate(Struct, frozen=True):
    """What is left of a certificate that cannot be read."""

    sha1: str
    sha256: str
    reason: str


def read_certificate(der: bytes) -> CertificateFacts | UnreadableCertificate:
    """The facts of a certificate, or why it cannot be read."""
    return _read(der)


def _sha1(der: bytes) -> str:
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()


def _sha256(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


@lru_cache(_CACHED)
def _read(der: bytes) -> CertificateFacts | UnreadableCertificate:
    from cryptography import x509  # noqa: PLC0415 - slow to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _facts(x509.load_der_x509_certificate(der), der)
        except (ValueError, TypeError, OverflowError, x509.InvalidVersion) as error:
            reason = str(error).split("\n", 1)[0] or "not DER"
            return UnreadableCertificate(_sha1(der), _sha256(der), reason)


def _facts(certificate: x509.Certificate, der: bytes) -> CertificateFacts:
    from capf_dissectors.certificates import common_name  # noqa: PLC0415 - slow to load

    subject, issuer = certificate.subject, certificate.issuer
    owner_name, issuer_name = common_name(subject), common_name(issuer)
    key, rsa_bits = _key(certificate)
    return CertificateFacts(
        der=der,
        subject=subject.rfc4514_string(),
        issuer=issuer.rfc4514_string(),
        common_name=owner_name,
        issuer_common_name=issuer_name,
        serial=f"{certificate.serial_number:x}",
        sha1=_sha1(der),
        sha256=_sha256(der),
        not_before=_nanoseconds(certificate.not_valid_before_utc),
        not_after=_nanoseconds(certificate.not_valid_after_utc),
        key=key,
        rsa_bits=rsa_bits,
        signature_hash=_signature_hash(certificate),
        owner=owner_by_issuer(owner_name, issuer_name, subject == issuer),
        authority=_authority(certificate),
        signs_certificates=_signs_certificates(certificate),
    )


def _nanoseconds(moment: datetime) -> int:
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * NANOSECONDS


def _key(certificate: x509.Certificate) -> tuple[str, int | None]:
    """The key as text, and its size in bits where it is RSA."""
    from capf_dissectors.certificates import named_key  # noqa: PLC0415 - slow to load
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - slow to load
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - slow to load

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "unknown", None
    return named_key(key), key.key_size if isinstance(key, rsa.RSAPublicKey) else None


def _signature_hash(certificate: x509.Certificate) -> str | None:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - slow to load

    try:
        digest = certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        named = _SIGNATURE_DIGESTS.search(certificate.signature_algorithm_oid._name)
        return named[1].lower() if named else None
    return digest.name if digest else None


def _authority(certificate: x509.Certificate) -> bool | None:
    from cryptography import x509  # noqa: PLC0415 - slow to load

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None


def _signs_certificates(certificate: x509.Certificate) -> bool | None:
    from cryptography import x509  # noqa: PLC0415 - slow to load

    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None
