"""Numbers of TLS and the names people know them by.

Source of all: IANA "Transport Layer Security (TLS) Parameters" and "TLS ExtensionType Values",
which cite RFC 5246, RFC 8446 and RFC 8422; values gone from those registries are from RFC 6101
(SSL 3.0) and RFC 2246. Members carry the registry's own spelling.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache


class ContentType(IntEnum):
    """TLS ContentType (IANA TLS Parameters)."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    APPLICATION_DATA = 23
    HEARTBEAT = 24


class HandshakeType(IntEnum):
    """TLS HandshakeType (IANA TLS Parameters)."""

    HELLO_REQUEST = 0
    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    HELLO_VERIFY_REQUEST = 3
    NEW_SESSION_TICKET = 4
    END_OF_EARLY_DATA = 5
    ENCRYPTED_EXTENSIONS = 8
    CERTIFICATE = 11
    SERVER_KEY_EXCHANGE = 12
    CERTIFICATE_REQUEST = 13
    SERVER_HELLO_DONE = 14
    CERTIFICATE_VERIFY = 15
    CLIENT_KEY_EXCHANGE = 16
    FINISHED = 20
    CERTIFICATE_URL = 21
    CERTIFICATE_STATUS = 22
    SUPPLEMENTAL_DATA = 23
    KEY_UPDATE = 24
    COMPRESSED_CERTIFICATE = 25


class AlertLevel(IntEnum):
    """AlertLevel (RFC 5246, section 7.2)."""

    WARNING = 1
    FATAL = 2


class AlertDescription(IntEnum):
    """TLS Alerts (IANA TLS Parameters); 41 is SSL 3.0's (RFC 6101, section 5.4)."""

    CLOSE_NOTIFY = 0
    UNEXPECTED_MESSAGE = 10
    BAD_RECORD_MAC = 20
    DECRYPTION_FAILED = 21
    RECORD_OVERFLOW = 22
    DECOMPRESSION_FAILURE = 30
    HANDSHAKE_FAILURE = 40
    NO_CERTIFICATE = 41
    BAD_CERTIFICATE = 42
    UNSUPPORTED_CERTIFICATE = 43
    CERTIFICATE_REVOKED = 44
    CERTIFICATE_EXPIRED = 45
    CERTIFICATE_UNKNOWN = 46
    ILLEGAL_PARAMETER = 47
    UNKNOWN_CA = 48
    ACCESS_DENIED = 49
    DECODE_ERROR = 50
    DECRYPT_ERROR = 51
    TOO_MANY_CIDS_REQUESTED = 52
    EXPORT_RESTRICTION = 60
    PROTOCOL_VERSION = 70
    INSUFFICIENT_SECURITY = 71
    INTERNAL_ERROR = 80
    INAPPROPRIATE_FALLBACK = 86
    USER_CANCELED = 90
    NO_RENEGOTIATION = 100
    MISSING_EXTENSION = 109
    UNSUPPORTED_EXTENSION = 110
    CERTIFICATE_UNOBTAINABLE = 111
    UNRECOGNIZED_NAME = 112
    BAD_CERTIFICATE_STATUS_RESPONSE = 113
    BAD_CERTIFICATE_HASH_VALUE = 114
    UNKNOWN_PSK_IDENTITY = 115
    CERTIFICATE_REQUIRED = 116
    GENERAL_ERROR = 117
    NO_APPLICATION_PROTOCOL = 120
    ECH_REQUIRED = 121


class Extension(IntEnum):
    """The TLS ExtensionType values this package looks into (IANA TLS ExtensionType Values)."""

    SERVER_NAME = 0
    SUPPORTED_GROUPS = 10
    SIGNATURE_ALGORITHMS = 13
    ENCRYPT_THEN_MAC = 22
    EXTENDED_MASTER_SECRET = 23
    SESSION_TICKET = 35
    SUPPORTED_VERSIONS = 43
    KEY_SHARE = 51
    RENEGOTIATION_INFO = 0xFF01


class Version(IntEnum):
    """ProtocolVersion as it stands in hellos and record headers."""

    SSL_2_0 = 0x0002
    SSL_3_0 = 0x0300
    TLS_1_0 = 0x0301
    TLS_1_1 = 0x0302
    TLS_1_2 = 0x0303
    TLS_1_3 = 0x0304


_TLS_13_DRAFTS = range(0x7F00, 0x7F80)
"""0x7f00 + N is draft N of TLS 1.3 (draft-ietf-tls-tls13, section 4.2.1.1)."""

_CURVES = """
sect163k1 sect163r1 sect163r2 sect193r1 sect193r2 sect233k1 sect233r1 sect239k1 sect283k1
sect283r1 sect409k1 sect409r1 sect571k1 sect571r1 secp160k1 secp160r1 secp160r2 secp192k1
secp192r1 secp224k1 secp224r1 secp256k1 secp256r1 secp384r1 secp521r1 brainpoolP256r1
brainpoolP384r1 brainpoolP512r1 x25519 x448 brainpoolP256r1tls13 brainpoolP384r1tls13
brainpoolP512r1tls13 GC256A GC256B GC256C GC256D GC512A GC512B GC512C curveSM2
"""
_FINITE_FIELDS = "ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192"
_LATTICES = "MLKEM512 MLKEM768 MLKEM1024"
_NAMED_GROUPS = {
    **dict(enumerate(_CURVES.split(), start=1)),
    **dict(enumerate(_FINITE_FIELDS.split(), start=256)),
    **dict(enumerate(_LATTICES.split(), start=512)),
    4587: "SecP256r1MLKEM768",
    4588: "X25519MLKEM768",
    4589: "SecP384r1MLKEM1024",
}
"""TLS Supported Groups (IANA TLS Parameters)."""


def is_tls13(version: int) -> bool:
    """Whether a negotiated version is TLS 1.3 or one of its drafts."""
    return version == Version.TLS_1_3 or version in _TLS_13_DRAFTS


@lru_cache(maxsize=16)
def version_name(version: int) -> str:
    """``TLS 1.2`` for 0x0303; an unknown version as four hexadecimal digits."""
    if version in _TLS_13_DRAFTS:
        return f"TLS 1.3 draft {version & 0x7F}"
    try:
        return Version(version).name.replace("_", " ", 1).replace("_", ".")
    except ValueError:
        return f"0x{version:04X}"


def alert_name(description: int) -> str:
    """``unknown_ca`` for 48; an unknown description as its number."""
    try:
        return AlertDescription(description).name.lower()
    except ValueError:
        return str(description)


def group_name(group: int) -> str:
    """``secp256r1`` for 23; an unknown group as four hexadecimal digits."""
    return _NAMED_GROUPS.get(group, f"0x{group:04X}")


def is_known_group(group: int) -> bool:
    """Whether IANA names this group."""
    return group in _NAMED_GROUPS


def is_grease(value: int) -> bool:
    """Whether a suite, extension, group or version is one of the sixteen of RFC 8701."""
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF
