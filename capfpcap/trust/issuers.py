"""Whose certificate it is, told by who issued it, never by the form of its subject."""

from __future__ import annotations

import re
from enum import Enum


class CertificateOwner(Enum):
    """The value is the report's ``kind``."""

    CAPF = "capf"
    LSC = "lsc"
    MIC = "mic"
    OTHER = "other"


_CAPF_NAME = re.compile(r"CAPF(-[0-9A-Fa-f]{8})?\b", re.IGNORECASE)
"""CUCM names its CAPF certificate ``CAPF-`` and eight hexadecimal digits."""

_MANUFACTURING = frozenset(
    name.casefold()
    for name in (
        "CAP-RTP-001",
        "CAP-RTP-002",
        "Cisco Manufacturing CA",
        "Cisco Manufacturing CA II",
        "Cisco Manufacturing CA SHA2",
        "Cisco Manufacturing CA III",
        "ACT2 SUDI CA",
        "High Assurance SUDI CA",
        "Cisco Basic Assurance Root CA 2099",
        "Cisco Root CA 2048",
        "Cisco Root CA M2",
        "Cisco Root CA 2099",
    )
)
"""Issuers of manufacturer-installed certificates (Cisco 200860, and the CA pages it cites)."""

_DEVICE = re.compile(r"SEP[0-9A-F]{12}", re.IGNORECASE)


def is_capf_name(common_name: str) -> bool:
    """Whether a common name is that of a CAPF service."""
    return _CAPF_NAME.match(common_name) is not None


def is_manufacturing_ca(common_name: str) -> bool:
    """Whether a common name is that of a Cisco manufacturing certificate authority."""
    return common_name.strip().casefold() in _MANUFACTURING


def owner_by_issuer(common_name: str, issuer: str, self_issued: bool) -> CertificateOwner:
    """Whose certificate carries these two common names.

    A phone's certificate from an enterprise CA has no issuer to know it by; its subject then holds
    the device name.
    """
    if self_issued or is_capf_name(common_name):
        return CertificateOwner.CAPF if is_capf_name(common_name) else CertificateOwner.OTHER
    if is_manufacturing_ca(issuer):
        return CertificateOwner.MIC
    if is_capf_name(issuer) or _DEVICE.search(common_name):
        return CertificateOwner.LSC
    return CertificateOwner.OTHER
