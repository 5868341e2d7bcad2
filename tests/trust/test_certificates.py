"""What a certificate says, and whose it is."""

from __future__ import annotations

import datetime
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.trust.certificate import (
    NANOSECONDS,
    CertificateFacts,
    UnreadableCertificate,
    read_certificate,
)
from capfpcap.trust.issuers import CertificateOwner, owner_by_issuer
from capfpcap.trust.validity import day, days_between

BEGIN = datetime.datetime(2025, 10, 19, 12, 26, 58, tzinfo=datetime.UTC)
END = datetime.datetime(2030, 10, 18, 12, 26, 58, tzinfo=datetime.UTC)
SERIAL = 0x0AE098AD4A4A1C03
RSA_KEY = rsa.generate_private_key(65537, 2048)


def name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def certificate(
    subject: str = "CAPF-95b18d5b",
    issuer: str | None = None,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = RSA_KEY,
    *,
    authority: bool = True,
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer or subject))
        .public_key(key.public_key())
        .serial_number(SERIAL)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def facts_of(der: bytes) -> CertificateFacts:
    facts = read_certificate(der)
    assert isinstance(facts, CertificateFacts)
    return facts


def test_names_numbers_and_hashes_are_written_as_the_report_has_them() -> None:
    der = certificate()
    facts = facts_of(der)
    assert facts.subject == facts.issuer == "CN=CAPF-95b18d5b,C=NL"
    assert facts.self_signed
    assert facts.serial == "ae098ad4a4a1c03"
    assert facts.sha1 == hashlib.sha1(der).hexdigest()
    assert facts.sha256 == hashlib.sha256(der).hexdigest()
    assert facts.not_before == int(BEGIN.timestamp()) * NANOSECONDS
    assert facts.not_after == int(END.timestamp()) * NANOSECONDS
    assert (facts.key, facts.rsa_bits, facts.signature_hash) == ("RSA 2048", 2048, "sha256")
    assert facts.authority is True
    assert facts.signs_certificates is None


def test_an_elliptic_key_is_named_by_its_curve() -> None:
    facts = facts_of(certificate(key=ec.generate_private_key(ec.SECP384R1())))
    assert (facts.key, facts.rsa_bits) == ("EC secp384r1", None)


@pytest.mark.parametrize(
    ("subject", "issuer", "owner"),
    [
        ("CAPF-95b18d5b", "CAPF-95b18d5b", CertificateOwner.CAPF),
        ("CAPF-95b18d5b", "Example Enterprise CA", CertificateOwner.CAPF),
        ("SEP001122334455", "CAPF-95b18d5b", CertificateOwner.LSC),
        ("CP-8861-SEP001122334455", "CAPF-95b18d5b", CertificateOwner.LSC),
        ("CP-8861-SEP001122334455", "Example Enterprise CA", CertificateOwner.LSC),
        ("CP-8861-SEP001122334455", "Cisco Manufacturing CA SHA2", CertificateOwner.MIC),
        ("CP-8861-SEP001122334455", "High Assurance SUDI CA", CertificateOwner.MIC),
        ("CIPC-SEP001122334455", "CAP-RTP-002", CertificateOwner.MIC),
        ("PUB11.lab.example", "PUB11.lab.example", CertificateOwner.OTHER),
        ("CAPFISH", "CAPFISH", CertificateOwner.OTHER),
    ],
)
def test_an_owner_is_told_by_the_issuer(subject: str, issuer: str, owner: CertificateOwner) -> None:
    assert owner_by_issuer(subject, issuer, subject == issuer) is owner


@given(st.integers(0, 800), st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_refused_and_nothing_else(at: int, octet: int) -> None:
    der = bytearray(certificate())
    der[at % len(der)] = octet
    result = read_certificate(bytes(der))
    assert isinstance(result, CertificateFacts | UnreadableCertificate)


@given(st.binary(max_size=300))
def test_octets_that_are_no_certificate_are_refused_with_a_reason(octets: bytes) -> None:
    result = read_certificate(octets)
    assert isinstance(result, UnreadableCertificate)
    assert result.reason
    assert result.sha1 == hashlib.sha1(octets).hexdigest()
    assert result.sha256 == hashlib.sha256(octets).hexdigest()


def test_days_are_whole_and_dates_are_utc() -> None:
    midnight = int(datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC).timestamp()) * NANOSECONDS
    assert day(midnight) == "2026-11-23"
    assert day(midnight - 1) == "2026-11-22"
    assert days_between(midnight, midnight + 86_400 * NANOSECONDS - 1) == 0
    assert days_between(midnight, midnight - 1) == -1
    assert day(10**30) == "a date beyond the calendar"
