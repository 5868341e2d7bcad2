"""What a cipher suite's name says of keys, records and hashes."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from capf_dissectors.tls.cipher_suites import cipher_suite_name
from capf_dissectors.tls.registries import is_tls13


class Kind(Enum):
    """How records are protected."""

    GCM = "AES-GCM"
    CCM = "AES-CCM"
    CHACHA = "ChaCha20-Poly1305"
    AES_CBC = "AES-CBC"
    TRIPLE_DES_CBC = "3DES-CBC"
    RC4 = "RC4"
    NULL = "NULL"


AEAD = frozenset({Kind.GCM, Kind.CCM, Kind.CHACHA})
"""Ciphers that authenticate as well."""
CBC = frozenset({Kind.AES_CBC, Kind.TRIPLE_DES_CBC})


class Cipher(NamedTuple):
    """Lengths in bytes."""

    kind: Kind
    key: int
    fixed_iv: int = 0
    """Of AEAD, the part of the nonce that is derived with the key; of CBC, the block."""
    explicit: int = 0
    """Of AEAD up to TLS 1.2, the part of the nonce that stands in each record."""
    tag: int = 0


_CIPHERS = {
    "AES_128_GCM": Cipher(Kind.GCM, 16, 4, 8, 16),
    "AES_256_GCM": Cipher(Kind.GCM, 32, 4, 8, 16),
    "AES_128_CCM": Cipher(Kind.CCM, 16, 4, 8, 16),
    "AES_256_CCM": Cipher(Kind.CCM, 32, 4, 8, 16),
    "AES_128_CCM_8": Cipher(Kind.CCM, 16, 4, 8, 8),
    "AES_256_CCM_8": Cipher(Kind.CCM, 32, 4, 8, 8),
    "CHACHA20_POLY1305": Cipher(Kind.CHACHA, 32, 12, 0, 16),
    "AES_128_CBC": Cipher(Kind.AES_CBC, 16, 16),
    "AES_256_CBC": Cipher(Kind.AES_CBC, 32, 16),
    "3DES_EDE_CBC": Cipher(Kind.TRIPLE_DES_CBC, 24, 8),
    "RC4_128": Cipher(Kind.RC4, 16),
    "NULL": Cipher(Kind.NULL, 0),
}
"""RFC 5246, appendix C; RFC 5288, 6655, 7251, 7905, 8446 (appendix B.4)."""
_HASHES = {"MD5": "md5", "SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384"}
_MAC_LENGTHS = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48}
_TLS13_IV = 12
"""Bytes of a nonce of TLS 1.3 (RFC 8446, section 5.3)."""


class Suite(NamedTuple):
    """What decryption needs to know."""

    rsa: bool
    """Whether the client encrypts the premaster secret for the server's RSA key."""
    cipher: Cipher
    mac: str | None
    """Hash of the HMAC of each record; None for AEAD."""
    hash: str
    """Hash of the key derivation from TLS 1.2 on."""

    @property
    def mac_length(self) -> int:
        """Bytes of the HMAC of each record."""
        return _MAC_LENGTHS[self.mac] if self.mac else 0


@lru_cache(256)
def suite_of(version: int, number: int) -> Suite | None:
    """A cipher suite as a version of TLS uses it; None for one that is not read here."""
    name = cipher_suite_name(number).removeprefix("TLS_")
    exchange, _, protected = name.rpartition("WITH_")
    if is_tls13(version):
        return None if exchange else _tls13(name)
    if protected.endswith(("_CCM", "_CCM_8")):
        cipher_name, hash_name = protected, "SHA256"
    else:
        cipher_name, _, hash_name = protected.rpartition("_")
    cipher, digest = _CIPHERS.get(cipher_name), _HASHES.get(hash_name)
    if not exchange or cipher is None or digest is None or "EXPORT" in exchange:
        return None
    mac = None if cipher.kind in AEAD else digest
    return Suite(exchange == "RSA_", cipher, mac, "sha384" if digest == "sha384" else "sha256")


def is_rsa_exchange(version: int, number: int) -> bool:
    """Whether a server's RSA key opens sessions of a cipher suite."""
    suite = suite_of(version, number)
    return suite is not None and suite.rsa


def _tls13(name: str) -> Suite | None:
    cipher_name, _, hash_name = name.rpartition("_")
    cipher, digest = _CIPHERS.get(cipher_name), _HASHES.get(hash_name)
    if cipher is None or digest is None or cipher.kind not in AEAD:
        return None
    return Suite(False, cipher._replace(fixed_iv=_TLS13_IV, explicit=0), None, digest)
