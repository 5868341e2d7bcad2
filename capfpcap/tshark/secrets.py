"""What decrypts, as tshark takes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from capfpcap.capture.files.frames import Frame

if TYPE_CHECKING:
    from capf_dissectors.tls.decryption import Secrets as Known

_CLIENT_HELLO = re.compile(rb"\x16\x03.{3}\x01.{3}\x03.(.{32})", re.DOTALL)
"""A record of the handshake, the message in it, and its random (RFC 8446, sections 4.1.2, 5.1)."""


class Secrets(Struct, frozen=True):
    """Key logs and keys; nothing of them gets onto a command line or into a repr."""

    key_logs: tuple[bytes, ...] = ()
    """TLS key logs in the form of NSS."""
    rsa_keys: tuple[bytes, ...] = ()
    """Private keys as PEM, without a password."""

    def __repr__(self) -> str:
        return "Secrets()"


def secrets_for(frames: Iterable[Frame], known: Known | None) -> Secrets:
    """Of all that is known, what opens the sessions of which the frames show the beginning."""
    if known is None:
        return Secrets()
    randoms = {found for frame in frames for found in _CLIENT_HELLO.findall(frame.data)}
    excerpts = (log.excerpt(randoms) for log in known.logs)
    return Secrets(
        key_logs=tuple(excerpt for excerpt in excerpts if excerpt),
        rsa_keys=tuple(key.pem() for key in known.keys),
    )
