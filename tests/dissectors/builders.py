"""Trust lists and signed files built as a TFTP service builds them, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

DIGESTS: dict[int, hashes.HashAlgorithm] = {
    1: hashes.SHA1(),
    2: hashes.SHA256(),
    3: hashes.SHA512(),
}


@dataclass(frozen=True)
class Identity:
    """A private key with its self-signed certificate."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def serial(self) -> bytes:
        number = self.certificate.serial_number
        return number.to_bytes((number.bit_length() + 7) // 8, "big")

    @property
    def serial_text(self) -> str:
        return f"{self.certificate.serial_number:x}"

    @property
    def name(self) -> str:
        return self.certificate.subject.rfc4514_string()

    @property
    def public_key(self) -> bytes:
        key = self.key.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@cache
def identity(common_name: str, kind: str = "rsa", serial: int = 0x5A7D5C25799B5571) -> Identity:
    """An identity, the same each time it is asked for."""
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if kind == "rsa":
        key = rsa.generate_private_key(65537, 1024)
    else:
        key = ec.generate_private_key(ec.SECP384R1())
    return Identity(key, certify(key, common_name, serial))


def certify(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, common_name: str, serial: int
) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lab"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(2024, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2029, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )


def field(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + len(value).to_bytes(2, "big") + value


def text(tag: int, value: str) -> bytes:
    return field(tag, value.encode() + b"\0")


def record(*fields: bytes) -> bytes:
    """A record of the given fields behind its RECORDLENGTH."""
    body = b"".join(fields)
    return field(1, (5 + len(body)).to_bytes(2, "big")) + body


def certificate_record(function: int, owner: Identity, *more: bytes) -> bytes:
    """A record with a whole certificate."""
    return record(
        text(2, ""),
        text(3, owner.name),
        field(4, function.to_bytes(2, "big")),
        text(5, owner.name),
        field(6, owner.serial),
        field(7, owner.public_key),
        field(8, owner.certificate.signature),
        field(9, owner.der),
        *more,
    )


def hash_record(function: int, owner: Identity, digest: hashes.HashAlgorithm) -> bytes:
    """A record as CUCM 11.5 writes those of CAPF and TVS: key and hash, no certificate."""
    return record(
        text(2, "pub.lab.example"),
        text(3, owner.name),
        field(4, function.to_bytes(2, "big")),
        text(5, owner.name),
        field(6, owner.serial),
        field(7, owner.public_key),
        field(11, owner.certificate.fingerprint(digest)),
        field(12, b"\x01"),
    )


def signed(
    content: bytes,
    signer: Identity,
    digest: int = 1,
    version: bytes = b"\x01\x02",
    file_name: str = "ITLFile.tlv",
) -> bytes:
    """A signed file: the header, padded to a multiple of four octets, before ``content``."""
    assert isinstance(signer.key, rsa.RSAPrivateKey)
    size = signer.key.key_size // 8
    before = field(28, b"\x01\x00")
    before += field(3, text(4, signer.name) + field(5, signer.serial) + text(6, signer.name))
    before += field(7, field(8, bytes([digest])) + field(9, field(10, b"\0") + field(11, b"\x01")))
    after = text(14, file_name) + field(15, (1_700_000_000).to_bytes(4, "big"))
    length = 10 + len(before) + 3 + size + len(after)
    padding_length = -length % 4
    head = field(1, version) + field(2, (length + padding_length).to_bytes(2, "big")) + before
    tail = after + b"\x0d" * padding_length + content
    signature = signer.key.sign(head + tail, padding.PKCS1v15(), DIGESTS[digest])
    return head + field(12, signature) + tail


SIGNER = identity("PUB.lab.example")
CAPF = identity("CAPF-5a7d5c25", serial=0x9988776655443322)
TVS = identity("TVS", kind="ec", serial=0x0123456789ABCDEF)


def trust_list(digest: int = 1) -> bytes:
    """A list with a signer, a TFTP server, CAPF by hash and TVS with an elliptic curve key."""
    records = (
        certificate_record(0, SIGNER),
        certificate_record(2, SIGNER, field(10, bytes([10, 122, 138, 102]))),
        hash_record(4, CAPF, hashes.SHA1()),
        hash_record(21, TVS, hashes.SHA256()),
    )
    return signed(b"".join(records), SIGNER, digest)
