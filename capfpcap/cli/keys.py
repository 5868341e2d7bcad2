"""Key logs and RSA keys of a command line, to decrypt sessions with."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from capfpcap.cli.completion import FILE
from capfpcap.cli.errors import CommandError, reason

if TYPE_CHECKING:
    from capf_dissectors.tls.decryption import RsaKey

    from capfpcap.flows.keys import Keys

_Function = TypeVar("_Function", bound=Callable[..., Any])
MAX_KEY_FILE = 1 << 20
"""Bytes of a file with an RSA key or a password that are read."""
_PROMPTS = 3
"""How often a password is asked for."""


def key_files(function: _Function) -> _Function:
    """The options that name files with keys."""
    for decorate in (_password_file, _rsa_key, _keylog):
        decorate(function)
    return function


show_secrets = click.option(
    "--show-secrets",
    is_flag=True,
    help="Show the passwords in decrypted messages, which are hidden otherwise.",
)
_keylog = click.option(
    "--keylog",
    "keylogs",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="Decrypt TLS sessions with the secrets of this key log (SSLKEYLOGFILE); several: the "
    "option again.",
)
_rsa_key = click.option(
    "--rsa-key",
    "rsa_keys",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="Decrypt TLS sessions with RSA key exchange by this key of the server (PEM).",
)
_password_file = click.option(
    "--rsa-key-password-file",
    "rsa_key_password_file",
    metavar="FILE",
    type=FILE,
    help="The first line of this file is the password of the RSA key; without, it is asked for.",
)


def load_keys(
    keylogs: Sequence[str], rsa_keys: Sequence[str] = (), password_file: str | None = None
) -> Keys | None:
    """The keys in files; None where none is named.

    What a file lacks is among the remarks of the keys; a password may be asked for.

    Raises:
        CommandError: a file cannot be read at all.
    """
    if not keylogs and not rsa_keys:
        return None
    from capf_dissectors.tls.decryption import MAX_KEY_LOG  # noqa: PLC0415 - loads cryptography

    from capfpcap.flows.keys import keys_from  # noqa: PLC0415

    logs = [(path, _read(path, MAX_KEY_LOG)) for path in dict.fromkeys(keylogs)]
    password = None if password_file is None else _first_line(_read(password_file, MAX_KEY_FILE))
    remarks: list[str] = []
    keys = list(_rsa_keys(dict.fromkeys(rsa_keys), password, remarks))
    return keys_from(logs, keys, remarks)


def _read(path: str, most: int) -> bytes:
    """A file, and a byte more than ``most`` where it is longer."""
    try:
        with Path(path).open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise CommandError(f"cannot read {path}: {reason(error)}") from error


def _first_line(data: bytes) -> bytes:
    return data.split(b"\n", 1)[0].rstrip(b"\r")


def _rsa_keys(
    paths: Iterator[str] | dict[str, None], password: bytes | None, remarks: list[str]
) -> Iterator[RsaKey]:
    """The keys that can be read; of the others a remark says why not."""
    for path in paths:
        pem = _read(path, MAX_KEY_FILE)
        try:
            yield _rsa_key_in(path, pem, password)
        except ValueError as error:
            remarks.append(f"{path}: {error}")


def _rsa_key_in(path: str, pem: bytes, password: bytes | None) -> RsaKey:
    """The key in a file, for which a password may be asked for.

    Raises:
        ValueError: it cannot be read; the message is a sentence.
    """
    from capf_dissectors.tls.decryption import PasswordError, load_rsa_key  # noqa: PLC0415

    asked = 0
    while True:
        try:
            return load_rsa_key(pem, password)
        except PasswordError as error:
            if asked == _PROMPTS or not (asked or error.needed) or not _somebody_is_there():
                hint = "; --rsa-key-password-file FILE gives one" if error.needed else ""
                raise ValueError(f"{error}{hint}") from None
        prompt = f"Password of {path}" if not asked else f"That was wrong. Password of {path}"
        password = click.prompt(prompt, hide_input=True, err=True).encode()
        asked += 1


def _somebody_is_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
