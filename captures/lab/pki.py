"""Keys and certificates as a CUCM cluster and its phones have them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from captures.lab.knobs import Certificate

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

LSC_DAYS = 1825
_PEM = serialization.Encoding.PEM
_HASHES: dict[str, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_CURVES: dict[str, ec.EllipticCurve] = {
    "256": ec.SECP256R1(),
    "384": ec.SECP384R1(),
    "521": ec.SECP521R1(),
}
_SHORT_NAMES = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.COUNTRY_NAME: "C",
}
_CLUSTER_NAME = [
    x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Telephony"),
    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lab Example"),
    x509.NameAttribute(NameOID.LOCALITY_NAME, "Brno"),
    x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "JM"),
    x509.NameAttribute(NameOID.COUNTRY_NAME, "CZ"),
]
_MAKER_NAME = [
    x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "CTG"),
    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Cisco Systems Inc."),
]


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """Key and certificate, as OpenSSL loads them."""
        return self.key_pem + self.certificate.public_bytes(_PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key, not encrypted."""
        form = serialization.PrivateFormat.TraditionalOpenSSL
        return self.key.private_bytes(_PEM, form, serialization.NoEncryption())


def generate_key(kind: str) -> PrivateKey:
    """Make a key for ``rsa-<bits>`` or ``ec-<256|384|521>``."""
    family, _, size = kind.partition("-")
    if family == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=int(size))
    return ec.generate_private_key(_CURVES[size])


def text_name(name: x509.Name) -> str:
    """A distinguished name as CUCM writes it into trust lists: CN first."""
    return ",".join(f"{_SHORT_NAMES[each.oid]}={each.value!s}" for each in name)


def serial_bytes(certificate: x509.Certificate) -> bytes:
    """The serial number's octets, without a sign octet."""
    number = certificate.serial_number
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def _serial() -> int:
    """16 octets, the first of them neither 0 nor negative, as OpenSSL and CUCM draw them."""
    return int.from_bytes(bytes([0x40 | secrets.randbelow(64)]) + secrets.token_bytes(15), "big")


def loaded(der: bytes) -> x509.Certificate:
    """A certificate from its DER."""
    return x509.load_der_x509_certificate(der)


def make_certificate(settings: Certificate, issuer: Identity | None = None) -> Identity:
    """Make a certificate of the kind that the settings name, self-signed without an issuer."""
    key = generate_key(settings.key)
    common_name = settings.common_name or f"CAPF-{secrets.token_hex(4)}"
    rest = _CLUSTER_NAME
    if settings.organization:
        rest = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, settings.organization)]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name), *rest])
    now = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(_serial())
        .not_valid_before(now + timedelta(days=settings.begins_days))
        .not_valid_after(now + timedelta(days=settings.ends_days))
    )
    for extension, critical in _extensions(settings, key.public_key(), common_name):
        builder = builder.add_extension(extension, critical)
    signer = issuer.key if issuer else key
    return Identity(builder.sign(signer, _HASHES[settings.hash]), key)


def _extensions(
    settings: Certificate, key: PublicKey, common_name: str
) -> list[tuple[x509.ExtensionType, bool]]:
    """CAPF since 14SU2: a CA with path length 0; the other services: server and client."""
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)
    if settings.kind in ("capf", "authority"):
        usage = _key_usage(digital_signature=True, key_cert_sign=settings.authority)
        authority = x509.BasicConstraints(settings.authority, 0 if settings.authority else None)
        return [(usage, False), (authority, True), (identifier, False)]
    usage = _key_usage(
        digital_signature=True, key_encipherment=True, key_cert_sign=settings.kind == "recovery"
    )
    purposes = x509.ExtendedKeyUsage(
        [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    )
    names = x509.SubjectAlternativeName([x509.DNSName(common_name.replace("_", "-"))])
    return [(purposes, False), (usage, False), (identifier, False), (names, False)]


def _key_usage(
    *, digital_signature: bool, key_encipherment: bool = False, key_cert_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=key_encipherment,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def issue_lsc(issuer: Identity, public_key_der: bytes, device: str, model: str) -> bytes:
    """Sign a phone's public key (SubjectPublicKeyInfo) as CAPF does; returns DER."""
    return _issue(issuer, public_key_der, device, model, _CLUSTER_NAME)


def issue_mic(issuer: Identity, public_key_der: bytes, device: str, model: str) -> bytes:
    """Sign a phone's public key (SubjectPublicKeyInfo) as its maker does; returns DER."""
    return _issue(issuer, public_key_der, device, model, _MAKER_NAME)


def _issue(
    issuer: Identity,
    public_key_der: bytes,
    device: str,
    model: str,
    rest: list[x509.NameAttribute[str]],
) -> bytes:
    key = serialization.load_der_public_key(public_key_der)
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise TypeError(f"a phone's key is RSA or EC, not {type(key).__name__}")
    serial = hashlib.sha256(device.encode()).hexdigest()[:8].upper()
    subject = [
        x509.NameAttribute(NameOID.SERIAL_NUMBER, f"PID:{model} SN:FCH{serial}"),
        x509.NameAttribute(NameOID.COMMON_NAME, f"{model}-{device}"),
        *rest,
    ]
    now = datetime.now(UTC).replace(microsecond=0)
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(issuer.certificate.subject)
        .public_key(key)
        .serial_number(_serial())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=LSC_DAYS))
        .add_extension(x509.ExtendedKeyUsage(purposes), False)
        .add_extension(_key_usage(digital_signature=True, key_encipherment=True), True)
        .sign(issuer.key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def public_key_octets(certificate: x509.Certificate) -> bytes:
    """The key as a trust list's PUBLICKEY row has it: PKCS#1 for RSA, the point for EC."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = serialization.PublicFormat.UncompressedPoint
        return key.public_bytes(serialization.Encoding.X962, point)
    raise TypeError(f"a trust list holds RSA or EC keys, not {type(key).__name__}")


def write(identity: Identity, directory: Path, name: str) -> None:
    """Write ``name.crt`` and ``name.key`` (PEM) for a server to load."""
    (directory / f"{name}.crt").write_bytes(identity.certificate.public_bytes(_PEM))
    (directory / f"{name}.key").write_bytes(identity.key_pem)


def read(directory: Path, name: str) -> Identity:
    """Read what ``write`` wrote."""
    certificate = x509.load_pem_x509_certificate((directory / f"{name}.crt").read_bytes())
    key = serialization.load_pem_private_key((directory / f"{name}.key").read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(f"an identity's key is RSA or EC, not {type(key).__name__}")
    return Identity(certificate, key)
