"""What elements say in words, for reports: short, and whatever their bytes are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from capf_dissectors.framed.message import Message
from capf_dissectors.text import decode_terminated, shown

Say = Callable[[bytes], str]
"""What a value says."""
MAX_TEXT = 256
"""Characters of one element's words; a device name has 15, a distinguished name hardly 200."""
MAX_DESCRIBED = 32
"""Elements of a message that are put in words; the rest is counted."""
_MAX_PREFIX = 64
"""Bytes in front of a certificate; the known forms have four and five."""
_SEQUENCE = 0x30
_SEQUENCES = bytes([_SEQUENCE])


def describe(
    message: Message, name: Callable[[int], str], say: Mapping[int, Say]
) -> dict[str, str]:
    """A message's elements by their names; those of one name stand behind one another."""
    said: dict[str, str] = {}
    for element in message.elements[:MAX_DESCRIBED]:
        words = say.get(element.tag, shown)(element.value)[:MAX_TEXT]
        named = name(element.tag)
        said[named] = f"{said[named]}; {words}" if named in said else words
    more = len(message.elements) - MAX_DESCRIBED
    return said | ({"more": f"{more} elements"} if more > 0 else {})


def number(value: bytes) -> str:
    """A number; one longer than eight bytes in hexadecimal."""
    return str(int.from_bytes(value, "big")) if 0 < len(value) <= 8 else shown(value)


def text(value: bytes) -> str:
    """Text up to its NUL."""
    return decode_terminated(value[: MAX_TEXT * 4])


def text_or_bytes(value: bytes) -> str:
    """Text where all of it can be read, else the bytes."""
    said = text(value)
    return said if said and said.isprintable() else shown(value)


def choice(words: Mapping[int, str]) -> Say:
    """A number that stands for something: ``null string (2)``."""

    def say(value: bytes) -> str:
        known = words.get(int.from_bytes(value[:8], "big")) if value else None
        return f"{known} ({number(value)})" if known else number(value)

    return say


def certificate(value: bytes) -> str:
    """Whose certificate it is, its serial number and its issuer."""
    from capf_dissectors.certificates import read_identity  # noqa: PLC0415 - slow to load

    der = certificate_in(value)
    if der is None:
        return f"no certificate: {shown(value)}"
    identity = read_identity(der)
    if identity is None:
        return f"a certificate that cannot be read: {shown(der)}"
    owner = identity.common_name or "without a common name"
    return f"{owner}, serial {identity.serial}, issued by {identity.issuer}"


def public_key(value: bytes) -> str:
    """``RSA 3072``; of bytes that are no public key these."""
    from capf_dissectors.certificates import key_name  # noqa: PLC0415 - slow to load

    return key_name(value) or shown(value)


def certificate_in(value: bytes) -> bytes | None:
    """The certificate in the value of an element, DER, whatever stands in front of it.

    CAPF puts an element inside the element, of tag 1 and with two bytes before the certificate;
    others four bytes. A SEQUENCE that begins with a SEQUENCE is taken for one, preferably if it
    ends where the value does.
    """
    found: bytes | None = None
    for start in range(min(_MAX_PREFIX, len(value)) + 1):
        end = _sequence_end(value, start)
        if end is None or end > len(value):
            continue
        if end == len(value):
            return value[start:]
        found = found or value[start:end]
    return found


def _sequence_end(value: bytes, start: int) -> int | None:
    """Where the SEQUENCE at a place ends that begins with another one; None if none does.

    A certificate is longer than 127 bytes, so its length stands in bytes of its own.
    """
    head = value[start : start + 6]
    octets = head[1] - 0x80 if len(head) > 1 else 0
    inner = 2 + octets
    if octets not in (1, 2, 3) or head[0] != _SEQUENCE or head[inner : inner + 1] != _SEQUENCES:
        return None
    return start + inner + int.from_bytes(head[2:inner], "big")
