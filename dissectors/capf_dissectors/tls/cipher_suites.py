"""Cipher suites by name; the table is taken apart only when a name is first asked for."""

from __future__ import annotations

from functools import cache

from capf_dissectors.tls.cipher_suite_names import CIPHER_SUITE_NAMES
from capf_dissectors.tls.registries import is_grease


@cache
def _names() -> dict[int, str]:
    lines = (line.split(" ", 1) for line in CIPHER_SUITE_NAMES.splitlines())
    return {int(value, 16): f"TLS_{name}" for value, name in lines}


def cipher_suite_name(suite: int) -> str:
    """``TLS_RSA_WITH_AES_128_GCM_SHA256`` for 0x009C; an unknown suite as hexadecimal digits."""
    if is_grease(suite):
        return f"GREASE (0x{suite:04X})"
    return _names().get(suite, f"0x{suite:04X}")
