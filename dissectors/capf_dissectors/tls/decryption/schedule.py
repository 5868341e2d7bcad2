"""From secrets to what opens records."""

from __future__ import annotations

from typing import NamedTuple

from capf_dissectors.tls.decryption.derivation import MASTER_LENGTH, expand_label, prf
from capf_dissectors.tls.decryption.protection import Protection, protection, tls13_protection
from capf_dissectors.tls.decryption.suites import CBC, Suite
from capf_dissectors.tls.registries import Version


class Terms(NamedTuple):
    """What both sides agreed on up to TLS 1.2."""

    version: int
    suite: Suite
    encrypt_then_mac: bool
    client_random: bytes
    server_random: bytes


def master_secret(terms: Terms, premaster: bytes, session_hash: bytes | None) -> bytes:
    """The master secret (RFC 5246, section 8.1); of ``session_hash`` if extended (RFC 7627)."""
    if session_hash is None:
        label, seed = b"master secret", terms.client_random + terms.server_random
    else:
        label, seed = b"extended master secret", session_hash
    return prf(terms.version, terms.suite.hash, premaster, label, seed, MASTER_LENGTH)


def protections(terms: Terms, master: bytes) -> tuple[Protection, Protection]:
    """What opens the client's records, and the server's (RFC 5246, section 6.3)."""
    suite, cipher = terms.suite, terms.suite.cipher
    chained = cipher.kind in CBC and terms.version < Version.TLS_1_1
    iv_length = cipher.fixed_iv if cipher.kind not in CBC or chained else 0
    lengths = [length for length in (suite.mac_length, cipher.key, iv_length) for _ in range(2)]
    seed = terms.server_random + terms.client_random
    block = prf(terms.version, suite.hash, master, b"key expansion", seed, sum(lengths))
    parts = []
    for length in lengths:
        parts.append(block[:length])
        block = block[length:]
    client, server = (
        protection(terms.version, suite, *keys, encrypt_then_mac=terms.encrypt_then_mac)
        for keys in (parts[0::2], parts[1::2])
    )
    return client, server


def traffic_protection(suite: Suite, secret: bytes) -> Protection:
    """What opens records under a traffic secret of TLS 1.3 (RFC 8446, section 7.3)."""
    key = expand_label(suite.hash, secret, b"key", suite.cipher.key)
    iv = expand_label(suite.hash, secret, b"iv", suite.cipher.fixed_iv)
    return tls13_protection(suite, key, iv)


def updated_secret(suite: Suite, secret: bytes) -> bytes:
    """The traffic secret behind a KeyUpdate (RFC 8446, section 7.2)."""
    return expand_label(suite.hash, secret, b"traffic upd", len(secret))
