"""Elements and values of CAPF by name, and the words for those without one."""

from __future__ import annotations

from enum import IntEnum


class Tag(IntEnum):
    """What an element is; 14 and 15 are not known."""

    REASON = 1
    REASON_INFO = 2
    CERT_TYPE = 3
    CERTIFICATE = 4
    CERT_ID = 5
    SIGNED_DATA = 6
    VERSION = 7
    AUTH_TYPE = 8
    PUBLIC_KEY = 9
    KEY_SIZE = 10
    PASSWORD = 11
    RETRY_DELAY = 12
    DEVICE_NAME = 13
    SUDI_DATA = 16
    KEY_TYPE = 17
    CURVE = 18
    DIGEST = 19
    SHA2_SIGNED_DATA = 20


class Reason(IntEnum):
    """REASON; the others that CAPF sends are not known."""

    NONE = 0
    OK = 1
    DECLINED = 7
    """An element that CAPF does not accept: a wrong authentication string, a certificate."""
    UNKNOWN_DEVICE = 9


class AuthType(IntEnum):
    """AUTH_TYPE: how the phone is to show, or shows, that it is who it says."""

    NONE = 0
    STRING = 1
    NULL_STRING = 2
    LSC = 3
    MIC = 4


class CertType(IntEnum):
    """CERT_TYPE."""

    LSC = 1
    MIC = 2


class KeyType(IntEnum):
    """KEY_TYPE."""

    RSA = 0
    EC = 1


class Curve(IntEnum):
    """CURVE, by the names of SEC 2."""

    SECP256R1 = 0
    SECP384R1 = 1
    SECP521R1 = 2


_FILTER_NAMES = {Tag.CERT_TYPE: "certificate_type", Tag.CERT_ID: "certificate_id"}
ELEMENT_NAMES = {int(tag): _FILTER_NAMES.get(tag, tag.name.lower()) for tag in Tag}
"""The names of elements in reports, and behind ``capf.`` in display filters of the plugin."""


def element_name(number: int) -> str:
    """``device_name``, or ``element_77``."""
    return ELEMENT_NAMES.get(number) or f"element_{number}"
