"""How much plaintext an encrypted record holds, as far as its length tells.

Padding is taken to be what it is in practice: in CBC the least that fills the last block (RFC 5246,
section 6.2.3.2, allows up to 255 octets more), in TLS 1.3 none (RFC 8446, section 5.4).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from capf_dissectors.tls.cipher_suites import cipher_suite_name
from capf_dissectors.tls.registries import Version, is_tls13

_EXPLICIT_NONCE = 8
"""Octets of the nonce that GCM and CCM carry in the record (RFC 5288, section 3; RFC 6655)."""
_TAG = 16
_SHORT_TAG = 8
"""The tag of suites whose name ends in CCM_8 (RFC 6655), and of Magma's MGM (RFC 9367)."""
_INNER_CONTENT_TYPE = 1
_MAC_LENGTHS = {"MD5": 16, "SHA": 20, "SHA256": 32, "SHA384": 48, "SM3": 32, "IMIT": 4}
"""Octets of HMAC by the last part of the suite's name."""
_SHORT_BLOCKS = ("3DES_EDE_CBC", "DES_CBC", "DES40_CBC", "DES_CBC_40", "IDEA_CBC", "RC2_CBC")
"""Ciphers with blocks of 8 octets; those of all other CBC suites have 16."""


class _Layout(NamedTuple):
    """What a record holds beside its plaintext."""

    before: int
    """Initialisation vector or explicit nonce."""
    after: int
    """Authentication code or tag, and in TLS 1.3 the inner content type."""
    block: int
    """Octets the cipher rounds up to; 1 where it does not round."""


@lru_cache(maxsize=4096)
def plaintext_bounds(
    version: int, cipher_suite: int, record_length: int, encrypt_then_mac: bool
) -> tuple[int, int]:
    """The smallest and the largest plaintext of an encrypted record.

    ``record_length`` counts the fragment without the header. Where suite and version do not explain
    the length, nothing is known but that the plaintext is not longer than the record.
    """
    layout = _layout(version, cipher_suite)
    if layout is None:
        return 0, record_length
    before, after, block = layout
    largest = record_length - before - after
    if block == 1:
        return (largest, largest) if largest >= 0 else (0, record_length)
    blocks = record_length - before - (after if encrypt_then_mac else 0)
    if largest < 1 or blocks % block:
        return 0, record_length
    return max(0, largest - block), largest - 1


def finished_hash_length(cipher_suite: int) -> int:
    """Octets of the hash in a Finished of TLS 1.3: of SHA-256, or of the suite's SHA-384."""
    return 48 if cipher_suite_name(cipher_suite).endswith("_SHA384") else 32


@lru_cache(maxsize=64)
def _layout(version: int, cipher_suite: int) -> _Layout | None:
    name = cipher_suite_name(cipher_suite)
    if not name.startswith("TLS_"):
        return None
    if is_tls13(version):
        return _tls13_layout(name)
    protected = name.partition("_WITH_")[2]
    if "CHACHA20_POLY1305" in protected:
        return _Layout(0, _TAG, 1)
    if "_GCM" in protected or "_CCM" in protected:
        return _Layout(_EXPLICIT_NONCE, _tag_length(protected), 1)
    mac = _MAC_LENGTHS.get(protected.rpartition("_")[2])
    if mac is None:
        return None
    if "_CBC" in protected:
        block = 8 if protected.startswith(_SHORT_BLOCKS) else 16
        return _Layout(block if version >= Version.TLS_1_1 else 0, mac, block)
    if protected.startswith(("RC4_", "NULL_", "28147_CNT")):
        return _Layout(0, mac, 1)
    return None


def _tls13_layout(name: str) -> _Layout | None:
    """RFC 8446, section 5.2; the suites without encryption are of RFC 9150."""
    if name in {"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"}:
        return _Layout(0, _MAC_LENGTHS[name.rpartition("_")[2]] + _INNER_CONTENT_TYPE, 1)
    return _Layout(0, _tag_length(name) + _INNER_CONTENT_TYPE, 1)


def _tag_length(name: str) -> int:
    short = name.endswith(("_CCM_8", "_CCM_8_SHA256")) or "MAGMA_MGM" in name
    return _SHORT_TAG if short else _TAG
