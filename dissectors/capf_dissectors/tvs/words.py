"""What the elements of TVS say in words."""

from __future__ import annotations

from collections.abc import Mapping

from capf_dissectors.framed import Message, words
from capf_dissectors.tvs.registries import Status, Tag, element_name

STATUSES: Mapping[int, str] = {Status.VALID: "valid", Status.INVALID: "invalid"}
_BEFORE_NAME = b"\x01"
"""Stands in front of a device name, which has no NUL."""


def device_name(value: bytes) -> str:
    """A device name without the byte in front of it."""
    return words.text(value.removeprefix(_BEFORE_NAME))


def _roles(value: bytes) -> str:
    """What the certificate's owner may do; one byte each, whose meaning is not known."""
    return ", ".join(map(str, value[:64]))


_SAY: dict[int, words.Say] = {
    Tag.DEVICE_NAME: device_name,
    Tag.CERTIFICATE: words.certificate,
    Tag.SUBJECT: words.text_or_bytes,
    Tag.ISSUER: words.text_or_bytes,
    Tag.SERIAL: lambda value: value[:64].hex().lstrip("0") or "0",
    Tag.STATUS: words.choice(STATUSES),
    Tag.ROLES: _roles,
    Tag.TTL: words.number,
}


def describe(message: Message) -> dict[str, str]:
    """A message's elements in words, by the names of :func:`element_name`."""
    return words.describe(message, element_name, _SAY)
