"""The secrets at hand, of all logs and keys. None of them stands in a ``repr``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from capf_dissectors.certificates import read_rsa_key
from capf_dissectors.tls.decryption.derivation import MASTER_LENGTH
from capf_dissectors.tls.decryption.key_log import KeyLog, Label

_MOST_KEYS = 64
"""RSA keys that are tried where no certificate tells which it is."""


class PasswordError(Exception):
    """A key is encrypted, and no password was given, or the wrong one; the message is a sentence.

    ``needed`` tells that none was given.
    """

    def __init__(self, sentence: str, *, needed: bool) -> None:
        super().__init__(sentence)
        self.needed = needed


class RsaKey:
    """The private key of a server."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key
        self.modulus = key.public_key().public_numbers().n

    def __repr__(self) -> str:
        return f"<RSA key of {self._key.key_size} bits>"

    def pem(self) -> bytes:
        """The key itself as PKCS#8 in PEM, without a password, for another program."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def premaster(self, encrypted: bytes) -> bytes | None:
        """The premaster secret of a ClientKeyExchange; None where it is for another key.

        OpenSSL may make up a secret for one that does not fit: its version tells, then the records.
        """
        if len(encrypted) != (self._key.key_size + 7) // 8:
            return None
        with suppress(ValueError):
            secret = self._key.decrypt(encrypted, PKCS1v15())
            return secret if len(secret) == MASTER_LENGTH else None
        return None


def load_rsa_key(pem: bytes, password: bytes | None = None) -> RsaKey:
    """The RSA key in a PEM file, PKCS#1 or PKCS#8, encrypted or not.

    Raises:
        PasswordError: it is encrypted, and this is not its password.
        ValueError: it is no RSA key; the message is a sentence.
    """
    try:
        key = load_pem_private_key(pem, password)
    except TypeError as error:  # a password is needed, or there is none
        if password is None:
            raise PasswordError("it is encrypted, and no password is given", needed=True) from error
        return load_rsa_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        if password is not None and b"ENCRYPTED" in pem:
            raise PasswordError("the password is wrong", needed=False) from None
        raise ValueError("it is no private key in PEM form") from error
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("it is a private key, but not of RSA")
    return RsaKey(key)


class Secrets:
    """What opens sessions: key logs and RSA keys."""

    def __init__(self, logs: Iterable[KeyLog] = (), keys: Iterable[RsaKey] = ()) -> None:
        self.logs: Sequence[KeyLog] = tuple(log for log in logs if len(log))
        self.keys: Sequence[RsaKey] = tuple(keys)

    def __bool__(self) -> bool:
        return bool(self.logs or self.keys)

    def __repr__(self) -> str:
        count = sum(map(len, self.logs))
        return f"<{count} secrets of {len(self.logs)} key logs, {len(self.keys)} RSA keys>"

    def with_logs(self, logs: Iterable[KeyLog]) -> Secrets:
        """These, and those of further logs."""
        return Secrets((*self.logs, *logs), self.keys)

    def knows(self, client_random: bytes) -> bool:
        """Whether a log may have secrets of the session of that client random; quick."""
        return any(log.knows(client_random) for log in self.logs)

    @property
    def names_others(self) -> bool:
        """Whether a log names sessions otherwise than by their client random."""
        return any(log.names_others for log in self.logs)

    def of_random(self, client_random: bytes) -> dict[Label, list[bytes]]:
        """The secrets of the session of that client random; several logs may differ."""
        found: dict[Label, list[bytes]] = {}
        for log in self.logs:
            for label, secret in log.of_random(client_random):
                others = found.setdefault(label, [])
                if secret not in others:
                    others.append(secret)
        return found

    def of_session(self, session_id: bytes) -> list[bytes]:
        """Master secrets of sessions of that id."""
        if not session_id:
            return []
        return [secret for log in self.logs for secret in log.of_session(session_id)]

    def of_encrypted(self, premaster: bytes) -> list[bytes]:
        """Premaster secrets by their encrypted form."""
        return [secret for log in self.logs for secret in log.of_encrypted(premaster)]

    def keys_for(self, certificate: bytes | None) -> Sequence[RsaKey]:
        """The RSA keys that may be those of a server with this certificate, DER."""
        if not self.keys or certificate is None:
            return self.keys[:_MOST_KEYS]
        public = read_rsa_key(certificate)
        if public is None:
            return []
        modulus = public.public_numbers().n
        return [key for key in self.keys if key.modulus == modulus]
