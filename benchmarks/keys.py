"""RSA keys and certificates that are the same on every machine for the same seed.

The generated captures are to be equal octet for octet wherever they are made, yet no private key
is worth keeping in a repository. So the primes come from a seeded generator; PKCS #1 v1.5
signatures (RFC 8017) have no randomness of their own. Nothing here protects anything.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from math import gcd

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

KEY_BITS = 2048
PUBLIC_EXPONENT = 65537
MILLER_RABIN_ROUNDS = 4
"""Enough for random 1,024-bit candidates (Handbook of Applied Cryptography, table 4.4)."""

NOT_BEFORE = datetime.datetime(2025, 6, 1, tzinfo=datetime.UTC)
NOT_AFTER = datetime.datetime(2030, 5, 31, tzinfo=datetime.UTC)

_SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key and the self-signed certificate of its owner."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def name(self) -> str:
        """The subject as trust lists write it, most general attribute last."""
        return self.certificate.subject.rfc4514_string()

    @property
    def serial(self) -> bytes:
        """The serial number, 16 octets."""
        return self.certificate.serial_number.to_bytes(16, "big")

    @property
    def public_key(self) -> bytes:
        """The public key as a PKCS #1 RSAPublicKey in DER."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.PKCS1
        )


def make_identity(common_name: str, seed: int) -> Identity:
    """The identity of ``common_name``: the same arguments always give the same octets."""
    source = random.Random(f"{seed}/{common_name}")
    key = _rsa_key(source)
    return Identity(key, _self_signed(common_name, key, source))


def _rsa_key(source: random.Random) -> rsa.RSAPrivateKey:
    p, q = _prime(source), _prime(source)
    d = pow(PUBLIC_EXPONENT, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(PUBLIC_EXPONENT, p * q),
    ).private_key()


def _prime(source: random.Random) -> int:
    bits = KEY_BITS // 2
    while True:
        candidate = source.getrandbits(bits) | (3 << (bits - 2)) | 1
        if gcd(candidate - 1, PUBLIC_EXPONENT) == 1 and _is_prime(candidate, source):
            return candidate


def _is_prime(number: int, source: random.Random) -> bool:
    if any(number % prime == 0 for prime in _SMALL_PRIMES):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(
        _passes(number, source.randrange(2, number - 1), odd, twos)
        for _ in range(MILLER_RABIN_ROUNDS)
    )


def _passes(number: int, witness: int, odd: int, twos: int) -> bool:
    power = pow(witness, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def _self_signed(
    common_name: str, key: rsa.RSAPrivateKey, source: random.Random
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "UT"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "Utrecht"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Voice"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        key_cert_sign=True,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=subject)
        .public_key(key.public_key())
        .serial_number(source.getrandbits(126) | 1 << 126)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return builder.sign(key, hashes.SHA256())
