"""Certificates, as the analyzer and as the dissectors read them."""

from __future__ import annotations

from capf_dissectors.certificates import read_identity, read_rsa_key
from capf_dissectors.distinguished_name import names_agree

from capfpcap.trust.certificate import CertificateFacts, read_certificate
from fuzz.harness import Harness
from fuzz.seeds import carried


def judge(data: bytes) -> None:
    """Two readers of one certificate tell the same serial number and agree on the issuer."""
    facts = read_certificate(data)
    identity = read_identity(data)
    read_rsa_key(data)
    if isinstance(facts, CertificateFacts):
        assert facts.not_before is not None
        if identity is not None:
            assert identity.issuer == facts.issuer
            assert names_agree(identity.issuer, facts.issuer)


def seeds() -> list[bytes]:
    """Every certificate that was presented."""
    return carried().certificates


HARNESS = Harness(judge, seeds, longest=4096)
