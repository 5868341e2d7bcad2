"""Messages of CAPF and TVS as bytes, written here and by none of the code that reads them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import strategies as st

Elements = Sequence[tuple[int, bytes]]


def body_of(elements: Elements) -> bytes:
    return b"".join(struct.pack("!BH", tag, len(value)) + value for tag, value in elements)


def capf(command: int, *elements: tuple[int, bytes], session: int = 1) -> bytes:
    body = body_of(elements)
    return struct.pack("!BBIH", 0x55, command, session, len(body)) + body


def tvs(command: int, *elements: tuple[int, bytes], session: int = 1001, junk: int = 0) -> bytes:
    body = body_of(elements)
    return struct.pack("!BBBBIH", 0x57, 1, command, junk, session, len(body)) + body


def nested(der: bytes) -> bytes:
    """A CERTIFICATE value as CAPF writes it."""
    return struct.pack("!BHH", 1, len(der) + 2, 1) + der


@cache
def certificate(name: str = "SEP001122334455", issuer: str = "CAPF-95b18d5b") -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(0x50639E30)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1825))
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


@cache
def key_of(certificate: bytes) -> bytes:
    """A certificate's key, as SubjectPublicKeyInfo."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def public_key(kind: str) -> bytes:
    """``rsa-2048``, ``ec-384``, as SubjectPublicKeyInfo."""
    family, _, size = kind.partition("-")
    curves = {"256": ec.SECP256R1(), "384": ec.SECP384R1(), "521": ec.SECP521R1()}
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = (
        rsa.generate_private_key(65537, int(size))
        if family == "rsa"
        else ec.generate_private_key(curves[size])
    )
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


ELEMENTS = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=6)
KNOWN_ELEMENTS = st.lists(
    st.tuples(st.sampled_from([1, 3, 7, 8, 10, 12, 13]), st.binary(max_size=20)), max_size=5
)
