"""Records opened, one direction under one key: the plaintext, or nothing where the check fails.

Nothing is ever handed out whose authentication code or tag does not fit.
"""

from __future__ import annotations

import hmac
from struct import Struct
from typing import NamedTuple, Protocol, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from capf_dissectors.tls.decryption.suites import AEAD, CBC, Kind, Suite
from capf_dissectors.tls.registries import Version

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
except ImportError:  # before cryptography 43
    from cryptography.hazmat.primitives.ciphers.algorithms import (
        ARC4,
        TripleDES,
    )

_PSEUDO_HEADER = Struct(">QBHH")
"""Sequence number, content type, version, length (RFC 5246, section 6.2.3.1)."""
_HEADER = Struct(">BHH")
_Aead: TypeAlias = AESGCM | AESCCM | ChaCha20Poly1305


class Inner(NamedTuple):
    """An opened record."""

    content_type: int
    data: bytes


class Protection(Protocol):
    """What opens the records of one direction under one key."""

    def open(self, sequence: int, kind: int, version: int, fragment: bytes) -> Inner | None:
        """The plaintext of a record; None where it fails its check."""
        ...

    def passed(self, fragment: bytes | None, length: int, /, *, verified: bool) -> None:
        """Be told of each record once it is done with; None for one that was not captured whole."""
        ...

    def lost(self) -> None:
        """Be told that an unknown number of records was not captured."""
        ...


class _Stateless:
    """Each record stands for itself."""

    def passed(self, fragment: bytes | None, length: int, /, *, verified: bool) -> None:
        """Nothing is carried over."""

    def lost(self) -> None:
        """Nothing is carried over."""


class _Authenticated(_Stateless):
    """AEAD up to TLS 1.2 (RFC 5246, section 6.2.3.3)."""

    def __init__(self, suite: Suite, key: bytes, iv: bytes) -> None:
        self._cipher = _aead(suite, key)
        self._iv = iv
        self._explicit = suite.cipher.explicit
        self._tag = suite.cipher.tag

    def open(self, sequence: int, kind: int, version: int, fragment: bytes) -> Inner | None:
        length = len(fragment) - self._explicit - self._tag
        if length < 0:
            return None
        header = _PSEUDO_HEADER.pack(sequence, kind, version, length)
        explicit = fragment[: self._explicit]
        nonce = self._iv + explicit if self._explicit else _nonce(self._iv, sequence)
        data = _opened(self._cipher, nonce, fragment[self._explicit :], header)
        return None if data is None else Inner(kind, data)


class _Tls13(_Stateless):
    """Records of TLS 1.3 (RFC 8446, section 5.2)."""

    def __init__(self, suite: Suite, key: bytes, iv: bytes) -> None:
        self._cipher = _aead(suite, key)
        self._iv = iv
        self._tag = suite.cipher.tag

    def open(self, sequence: int, kind: int, version: int, fragment: bytes) -> Inner | None:
        if len(fragment) <= self._tag:
            return None
        header = _HEADER.pack(kind, version, len(fragment))
        padded = _opened(self._cipher, _nonce(self._iv, sequence), fragment, header)
        data = b"" if padded is None else padded.rstrip(b"\0")
        return Inner(data[-1], data[:-1]) if data else None


class _Hashed:
    """Ciphers with an HMAC beside them: CBC, RC4, NULL."""

    def __init__(self, suite: Suite, mac_key: bytes) -> None:
        self._mac = suite.mac or ""
        self._mac_length = suite.mac_length
        self._mac_key = mac_key

    def _fits(self, header: tuple[int, int, int], data: bytes, mac: bytes) -> bool:
        sequence, kind, version = header
        content = _PSEUDO_HEADER.pack(sequence, kind, version, len(data)) + data
        return hmac.compare_digest(hmac.digest(self._mac_key, content, self._mac), mac)

    def _checked(self, header: tuple[int, int, int], plain: bytes) -> Inner | None:
        """The data in front of its code, if that fits."""
        length = len(plain) - self._mac_length
        if length < 0 or not self._fits(header, plain[:length], plain[length:]):
            return None
        return Inner(header[1], plain[:length])


class _Null(_Hashed, _Stateless):
    """Plaintext with an HMAC (RFC 5246, section 6.2.3.1)."""

    def open(self, sequence: int, kind: int, version: int, fragment: bytes) -> Inner | None:
        return self._checked((sequence, kind, version), fragment)


class _Rc4(_Hashed):
    """A stream cipher: what it makes of a record depends on all records before."""

    def __init__(self, suite: Suite, mac_key: bytes, key: bytes) -> None:
        super().__init__(suite, mac_key)
        self._stream: CipherContext | None = Cipher(ARC4(key), None).decryptor()
        self._ahead: bytes | None = None
        """The last record's plaintext, which must not be decrypted twice."""

    def open(self, sequence: int, kind: int, version: int, fragment: bytes) -> Inner | None:
        if self._stream is None:
            return None
        if self._ahead is None:
            self._ahead = self._stream.update(fragment)
        return self._checked((sequence, kind, version), self._ahead)

    def passed(self, _fragment: bytes | None, length: int, /, *, verified: bool) -> None:  # noqa: ARG002
        if self._ahead is None and self._stream is not None:
            self._stream.update(bytes(length))
        self._ahead = None

    def lost(self) -> None:
        self._stream = None


class _Chained(_Hashed):
    """CBC (RFC 5246, section 6.2.3.2), with encrypt-then-MAC as well (RFC 7366)."""

    def __init__(
        self, suite: Suite, mac_key: bytes, key: bytes, iv: bytes | None, *, mac_last: bool
    ) -> None:
        """``iv`` is that of TLS 1.0; None where each record carries its own."""
        super().__init__(suite, mac_key)
        aes = suite.cipher.kind is Kind.AES_CBC
        self._algorithm: AES | TripleDES = AES(key) if aes else TripleDES(key)
        self._block = suite.cipher.fixed_iv
        self._explicit = iv is None
        self._iv = iv
        self._mac_last = mac_last
        """Whether the HMAC is over what is encrypted already."""
        self._sound = False
        """Whether the last record's HMAC fits, even if its vector is unknown."""

    def open(self, sequence: int, kind: int, version: int, fragment: bytes) -> Inner | None:
        header = sequence, kind, version
        if self._mac_last:
            length = max(0, len(fragment) - self._mac_length)
            if not self._fits(header, fragment[:length], fragment[length:]):
                return None
            self._sound = True
            plain = self._decrypted(fragment[:length])
            return None if plain is None else Inner(kind, plain)
        plain = self._decrypted(fragment)
        return None if plain is None else self._checked(header, plain)

    def _decrypted(self, octets: bytes) -> bytes | None:
        """The plaintext without its padding; None where there is none, or no vector for it."""
        iv = octets[: self._block] if self._explicit else self._iv
        octets = octets[self._block :] if self._explicit else octets
        if iv is None or not octets or len(octets) % self._block:
            return None
        decryptor = Cipher(self._algorithm, modes.CBC(iv)).decryptor()
        plain = decryptor.update(octets) + decryptor.finalize()
        padding = plain[-1]
        length = len(plain) - padding - 1
        if length < 0 or plain[length:] != bytes([padding]) * (padding + 1):
            return None
        return plain[:length]

    def passed(self, fragment: bytes | None, _length: int, /, *, verified: bool) -> None:
        """The last block is the next vector; a code over what is encrypted does not cover it."""
        if self._explicit:
            return
        end = len(fragment or b"") - (self._mac_length if self._mac_last else 0)
        last = (fragment or b"")[max(0, end - self._block) : max(0, end)]
        known = len(last) == self._block and (verified or self._sound or not self._mac_last)
        self._sound = False
        self._iv = last if known else None

    def lost(self) -> None:
        if not self._explicit:
            self._iv = None


def _aead(suite: Suite, key: bytes) -> _Aead:
    if suite.cipher.kind is Kind.GCM:
        return AESGCM(key)
    if suite.cipher.kind is Kind.CCM:
        return AESCCM(key, suite.cipher.tag)
    return ChaCha20Poly1305(key)


def _nonce(iv: bytes, sequence: int) -> bytes:
    return (int.from_bytes(iv, "big") ^ sequence).to_bytes(len(iv), "big")


def _opened(cipher: _Aead, nonce: bytes, octets: bytes, header: bytes) -> bytes | None:
    try:
        return cipher.decrypt(nonce, octets, header)
    except (InvalidTag, ValueError):  # ValueError: too short, or too long for CCM
        return None


def tls13_protection(suite: Suite, key: bytes, iv: bytes) -> Protection:
    """What opens records of TLS 1.3."""
    return _Tls13(suite, key, iv)


def protection(
    version: int, suite: Suite, mac_key: bytes, key: bytes, iv: bytes, *, encrypt_then_mac: bool
) -> Protection:
    """What opens records up to TLS 1.2."""
    kind = suite.cipher.kind
    if kind in AEAD:
        return _Authenticated(suite, key, iv)
    if kind in CBC:
        own = None if version >= Version.TLS_1_1 else iv
        return _Chained(suite, mac_key, key, own, mac_last=encrypt_then_mac)
    return _Null(suite, mac_key) if kind is Kind.NULL else _Rc4(suite, mac_key, key)
