"""Messages of CAPF and TVS, decrypted; see :mod:`capf_dissectors.framed`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from capf_dissectors import capf, tvs
from capf_dissectors.capf import words as capf_words
from capf_dissectors.framed import MAX_ELEMENTS, Framing
from capf_dissectors.framed.words import certificate_in
from capf_dissectors.framed.words import public_key as key_words
from capf_dissectors.outline.node import Node
from capf_dissectors.outline.outliner import Outliner, UnreadableError, hexadecimal, outlined
from capf_dissectors.outline.tlv_fields import (
    Reader,
    as_bytes,
    as_choice,
    as_number,
    as_serial,
    as_text,
    read_field,
)
from capf_dissectors.outline.x509 import read_certificate
from capf_dissectors.tvs import words as tvs_words

MAX_MESSAGES = 64
"""Messages of one outline; a record has one, seldom two."""


def outline_capf(data: bytes, start: int = 0, end: int | None = None) -> tuple[Node, ...]:
    """The fields of the CAPF messages that ``data[start:end]`` is; a password is hidden."""
    return outlined(_reader(_CAPF), data, start, end)


def outline_tvs(data: bytes, start: int = 0, end: int | None = None) -> tuple[Node, ...]:
    """The fields of the TVS messages that ``data[start:end]`` is."""
    return outlined(_reader(_TVS), data, start, end)


class _Kind(NamedTuple):
    framing: Framing
    commands: Mapping[int, str]
    tags: Mapping[int, str]
    readers: Mapping[int, Reader]
    header: tuple[tuple[str, int], ...]
    """What stands between the first byte and the length, and how many bytes that has."""


def _reader(kind: _Kind) -> Reader:
    def read(walk: Outliner) -> None:
        for _ in range(MAX_MESSAGES):
            if not walk.left:
                return
            _message(walk, kind)
        if walk.left:
            raise UnreadableError(f"more than {MAX_MESSAGES} messages: the rest is not shown")

    return read


def _message(walk: Outliner, kind: _Kind) -> None:
    framing, at = kind.framing, walk.position
    if walk.data[at] != framing.magic:
        raise UnreadableError(
            f"a message of {framing.protocol} begins with 0x{framing.magic:02x}, "
            f"not with 0x{walk.data[at]:02x}"
        )
    length = int.from_bytes(walk.data[at + framing.length - 2 : at + framing.length], "big")
    with walk.fields(f"{framing.protocol} message", framing.length + length) as message:
        message.number("First byte", 1, hexadecimal(2))
        for name, size in kind.header:
            number = message.number(name, size, _saying(name, kind))
            if name == "Command":
                message.value = kind.commands.get(number, f"COMMAND_{number}")
        message.number("Length", 2)
        for _ in range(MAX_ELEMENTS):
            if not message.left:
                return
            read_field(message, kind.tags, kind.readers)
        if message.left:
            raise UnreadableError(f"more than {MAX_ELEMENTS} elements: the rest is not shown")


def _saying(name: str, kind: _Kind) -> Callable[[int], str]:
    if name != "Command":
        return str
    return lambda number: f"{kind.commands.get(number, 'unknown')} ({number})"


def _certificate(value: Outliner) -> None:
    """A certificate, and what stands in front of it."""
    start, data = value.position, value.data[value.position : value.end]
    der = certificate_in(data)
    if der is None:
        as_bytes(value)
        return
    if before := data.index(der):
        value.octets("Before the certificate", before)
    with value.fields("Certificate", len(der)) as certificate:
        read_certificate(certificate)
    value.value = value.said
    assert value.position == start + before + len(der)


def _public_key(value: Outliner) -> None:
    value.value = key_words(value.data[value.position : value.end])


def _hidden(value: Outliner) -> None:
    value.value = capf_words.MASK


def _device_name(value: Outliner) -> None:
    value.value = tvs_words.device_name(value.data[value.position : value.end])


_CAPF = _Kind(
    capf.FRAMING,
    capf.COMMAND_NAMES,
    {int(tag): tag.name for tag in capf.Tag},
    {
        capf.Tag.REASON: as_choice(capf_words.REASONS),
        capf.Tag.CERT_TYPE: as_choice(capf_words.CERT_TYPES),
        capf.Tag.CERTIFICATE: _certificate,
        capf.Tag.VERSION: as_number,
        capf.Tag.AUTH_TYPE: as_choice(capf_words.AUTH_TYPES),
        capf.Tag.PUBLIC_KEY: _public_key,
        capf.Tag.KEY_SIZE: as_number,
        capf.Tag.PASSWORD: _hidden,
        capf.Tag.RETRY_DELAY: as_number,
        capf.Tag.DEVICE_NAME: as_text,
        capf.Tag.KEY_TYPE: as_choice(capf_words.KEY_TYPES),
        capf.Tag.CURVE: as_choice(capf_words.CURVES),
    },
    (("Command", 1), ("Session id", 4)),
)
_TVS = _Kind(
    tvs.FRAMING,
    tvs.COMMAND_NAMES,
    {int(tag): tag.name for tag in tvs.Tag},
    {
        tvs.Tag.DEVICE_NAME: _device_name,
        tvs.Tag.CERTIFICATE: _certificate,
        tvs.Tag.SUBJECT: as_text,
        tvs.Tag.ISSUER: as_text,
        tvs.Tag.SERIAL: as_serial,
        tvs.Tag.STATUS: as_choice(tvs_words.STATUSES),
        tvs.Tag.TTL: as_number,
    },
    (("Version", 1), ("Command", 1), ("Reserved", 1), ("Session id", 4)),
)
