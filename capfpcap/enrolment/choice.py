"""Phones as a user names them: by device name, by MAC address, or by any of their addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.enrolment.phone import Phone

_NAMED_BY_MAC = re.compile(r"(?:SEP|ATA)([0-9A-F]{12})", re.IGNORECASE)
_MAC = re.compile(
    r"[0-9A-F]{12}"
    r"|(?:[0-9A-F]{2}([ :.-])){5}[0-9A-F]{2}"
    r"|(?:[0-9A-F]{4}([:.-])){2}[0-9A-F]{4}"
    r"|[0-9A-F]{6}[:.-][0-9A-F]{6}",
    re.IGNORECASE,
)
"""A MAC address as IOS, Windows, Linux, HP or a label writes it."""
_SHORT_PAIRS = re.compile(r"[0-9A-F]{1,2}(?::[0-9A-F]{1,2}){5}", re.IGNORECASE)
"""``0:8:30:1c:e5:d2``, as BSD and Solaris write it."""
_NO_SEPARATORS = str.maketrans("", "", " :.-")
_MAX_HINTS = 3
"""Phones that a sentence about a missing one names."""
_ALIKE = 0.8
"""Of 1, how much two names must have in common for one to be meant for the other."""


class Identity(Struct, frozen=True):
    """What tells a phone from others."""

    name: str
    """Device name, or an address."""
    mac: str | None
    addresses: tuple[str, ...]
    """Its own, and those that a NAT gave it."""


class PhoneChoice(Struct, frozen=True):
    """The phones that were asked for; without a text, all of them."""

    wanted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted)

    def named(self, phone: Identity) -> list[str]:
        """The texts that ask for a phone."""
        return [text for text in self.wanted if names_phone(text, phone)]


def names_phone(text: str, phone: Identity) -> bool:
    """Whether ``text`` is a phone's name in any case, its MAC in any form, or an address of it."""
    text = text.strip()
    address = _address(text)
    if address is not None:
        return address in map(_address, phone.addresses)
    if text.casefold() == phone.name.casefold():
        return True
    digits = mac_digits(text)
    return digits is not None and phone.mac is not None and digits == mac_digits(phone.mac)


def mac_digits(text: str) -> str | None:
    """The twelve digits of a MAC address in any form, or of a device name made of one."""
    named = _NAMED_BY_MAC.fullmatch(text)
    if named:
        return named[1].lower()
    if _MAC.fullmatch(text):
        return text.translate(_NO_SEPARATORS).lower()
    if _SHORT_PAIRS.fullmatch(text):
        return "".join(pair.zfill(2) for pair in text.lower().split(":"))
    return None


def mac_text(digits: str) -> str:
    """A MAC address of twelve digits as the report writes it."""
    return ":".join([digits[index : index + 2] for index in range(0, 12, 2)])


def looks_like_a_phone(text: str) -> bool:
    """Whether ``text`` is meant for a phone: an address, a MAC, or a name made of one."""
    return mac_digits(text.strip()) is not None or _address(text.strip()) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IP address, however it was written; None where it is none."""
    try:
        address = ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


class NotShownError(LookupError):
    """Nothing in the captures is what was asked for; the message is one sentence."""


class Chosen(NamedTuple):
    """The phones that were asked for."""

    phones: list[Phone]
    texts: frozenset[str]
    """Of what was asked for, that which names any of them."""


def choose(phones: Iterable[Phone], choice: PhoneChoice, addresses: AddressTable) -> Chosen:
    """The phones of a choice, in their order."""
    chosen: list[Phone] = []
    texts: set[str] = set()
    for phone in phones:
        named = choice.named(_identity(phone, addresses)) if choice else ()
        if named or not choice:
            chosen.append(phone)
            texts.update(named)
    return Chosen(chosen, frozenset(texts))


def _identity(phone: Phone, addresses: AddressTable) -> Identity:
    """A phone by its own addresses and by those behind which other captures show it."""
    seen = {
        sighting.conversation.view.client for flow in phone.flows for sighting in flow.sightings
    }
    outside = tuple(addresses.text(client) for client in seen)
    return Identity(phone.name, phone.mac, (*phone.addresses, *outside))


def not_shown(choice: PhoneChoice, found: Collection[str], names: Iterable[str]) -> list[str]:
    """Of what was asked for, that which names no phone, a sentence each.

    Raises:
        NotShownError: nothing of it does.
    """
    missing = [text for text in dict.fromkeys(choice.wanted) if text not in found]
    if not missing:
        return []
    known = list(dict.fromkeys(names))
    sentences = [f"the captures show no phone {text}{_hint(text, known)}" for text in missing]
    if not found:
        raise NotShownError("; ".join(sentences))
    return sentences


def _hint(text: str, names: Sequence[str]) -> str:
    """The phones that may have been meant, or some of those that there are."""
    import difflib  # noqa: PLC0415 - only for names that are wrong

    if not names:
        return ""
    close = difflib.get_close_matches(text.upper(), names, n=_MAX_HINTS, cutoff=_ALIKE)
    shown = close or names[:_MAX_HINTS]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"; they show {', '.join(shown)}{more}"
