"""What the elements of CAPF say in words. A password is never said unless that is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from capf_dissectors.capf.registries import (
    AuthType,
    CertType,
    Curve,
    KeyType,
    Reason,
    Tag,
    element_name,
)
from capf_dissectors.framed import Message, words

MASK = "********"
"""Stands for every password, whatever its length, an empty one too."""

REASONS: Mapping[int, str] = {
    Reason.NONE: "none",
    Reason.OK: "OK",
    Reason.DECLINED: "declined",
    Reason.UNKNOWN_DEVICE: "unknown device",
}
AUTH_TYPES: Mapping[int, str] = {
    AuthType.NONE: "none",
    AuthType.STRING: "authentication string",
    AuthType.NULL_STRING: "null string",
    AuthType.LSC: "LSC",
    AuthType.MIC: "MIC",
}
CERT_TYPES: Mapping[int, str] = {CertType.LSC: "LSC", CertType.MIC: "MIC"}
KEY_TYPES: Mapping[int, str] = {KeyType.RSA: "RSA", KeyType.EC: "EC"}
CURVES: Mapping[int, str] = {curve: curve.name.lower() for curve in Curve}

_SAY: dict[int, words.Say] = {
    Tag.REASON: words.choice(REASONS),
    Tag.REASON_INFO: words.text_or_bytes,
    Tag.CERT_TYPE: words.choice(CERT_TYPES),
    Tag.CERTIFICATE: words.certificate,
    Tag.VERSION: words.number,
    Tag.AUTH_TYPE: words.choice(AUTH_TYPES),
    Tag.PUBLIC_KEY: words.public_key,
    Tag.KEY_SIZE: words.number,
    Tag.PASSWORD: lambda _: MASK,
    Tag.RETRY_DELAY: words.number,
    Tag.DEVICE_NAME: words.text,
    Tag.KEY_TYPE: words.choice(KEY_TYPES),
    Tag.CURVE: words.choice(CURVES),
}
_SAY_ALL = {**_SAY, Tag.PASSWORD: words.text}


def describe(message: Message, *, show_secrets: bool = False) -> dict[str, str]:
    """A message's elements in words, by the names of :func:`element_name`."""
    return words.describe(message, element_name, _SAY_ALL if show_secrets else _SAY)


def reason_words(message: Message) -> str | None:
    """``unknown device (9)``; None where a message gives no reason."""
    value = message.value(Tag.REASON)
    return None if value is None else _SAY[Tag.REASON](value)


def key_asked_for(message: Message) -> str | None:
    """The key that a KEYGEN_REQUEST asks for: ``RSA 2048``, ``EC secp384r1``, or ``RSA``, ``EC``.

    Without a KEY_TYPE, which old versions lack, the size or the curve tells.
    """
    kind, size, curve = map(message.number, (Tag.KEY_TYPE, Tag.KEY_SIZE, Tag.CURVE))
    if kind == KeyType.EC or (kind is None and size is None and curve is not None):
        return " ".join(filter(None, ("EC", CURVES.get(-1 if curve is None else curve))))
    if kind == KeyType.RSA or (kind is None and size is not None):
        return "RSA" if size is None else f"RSA {size}"
    return None
