"""Key derivation of TLS 1.0 to 1.3."""

from __future__ import annotations

import hmac
from hashlib import md5, sha1, sha256, sha384

from capf_dissectors.tls.registries import Version

MASTER_LENGTH = 48
"""Bytes of a master secret, and of the premaster secret of RSA (RFC 5246, section 8.1)."""
_HASHES = {"md5": md5, "sha1": sha1, "sha256": sha256, "sha384": sha384}


def digest(hash_name: str, data: bytes) -> bytes:
    """The hash of ``data``."""
    return _HASHES[hash_name](data, usedforsecurity=False).digest()


def prf(
    version: int, hash_name: str, secret: bytes, label: bytes, seed: bytes, length: int
) -> bytes:
    """The pseudorandom function (RFC 5246, section 5; before TLS 1.2: RFC 2246, section 5)."""
    seed = label + seed
    if version >= Version.TLS_1_2:
        return _expanded(hash_name, secret, seed, length)
    half = (len(secret) + 1) // 2
    one = _expanded("md5", secret[:half], seed, length)
    other = _expanded("sha1", secret[len(secret) - half :], seed, length)
    mixed = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return mixed.to_bytes(length, "big")


def _expanded(hash_name: str, secret: bytes, seed: bytes, length: int) -> bytes:
    parts: list[bytes] = []
    chain, had = seed, 0
    while had < length:
        chain = hmac.digest(secret, chain, hash_name)
        parts.append(hmac.digest(secret, chain + seed, hash_name))
        had += len(parts[-1])
    return b"".join(parts)[:length]


def session_hash(version: int, hash_name: str, transcript: bytes) -> bytes:
    """The hash of the handshake up to ClientKeyExchange (RFC 7627, section 3)."""
    if version >= Version.TLS_1_2:
        return digest(hash_name, transcript)
    return digest("md5", transcript) + digest("sha1", transcript)


def expand_label(hash_name: str, secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446, section 7.1)."""
    name = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    parts: list[bytes] = []
    block, had = b"", 0
    while had < length:
        block = hmac.digest(secret, block + info + bytes([len(parts) + 1]), hash_name)
        parts.append(block)
        had += len(block)
    return b"".join(parts)[:length]
