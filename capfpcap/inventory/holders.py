"""Phones while what they showed is gathered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct, field

from capfpcap.compose.basics import describe_certificate, timestamp
from capfpcap.enrolment.choice import Identity, mac_digits, mac_text
from capfpcap.inventory.model import Held, InventoryPhone, Shown, Spot, Use
from capfpcap.report import Endpoint
from capfpcap.trust.certificate import CertificateFacts, read_certificate
from capfpcap.trust.issuers import CertificateOwner
from capfpcap.trust.validity import days_between

_DEVICE = re.compile(r"(?<![0-9A-Z])(?:SEP|ATA)[0-9A-F]{12}(?![0-9A-F])", re.IGNORECASE)
"""A device name in a common name: ``CP-8861-SEP2C31F694FAD9``, or the name alone."""
MOST_HOLDERS = 1 << 16
"""Phones; as many as an analysis knows."""
MOST_CERTIFICATES = 64
"""Certificates of one phone; a phone has two, and others as they are replaced."""
MOST_USES = 256
"""Places at which one certificate is shown: servers and services."""


_OF_PHONES = (CertificateOwner.LSC, CertificateOwner.MIC)


class Owner(NamedTuple):
    """What a certificate tells of the host that showed it."""

    device: str | None
    """The device name in its subject."""
    is_phone: bool
    """Whether CAPF or a manufacturing CA issued it, or its subject names a device."""


def owner_of(certificate: bytes) -> Owner:
    """Whose a certificate is; a PC or another server may show one where phones do."""
    facts = read_certificate(certificate)
    if not isinstance(facts, CertificateFacts):
        return Owner(None, is_phone=False)
    found = _DEVICE.search(facts.common_name)
    device = found[0].upper() if found else None
    return Owner(device, is_phone=device is not None or facts.owner in _OF_PHONES)


class Moment(Struct, frozen=True):
    """A frame that showed something."""

    time: int
    """Nanoseconds since 1970 UTC, as the file has it."""
    capture: str
    frame: int

    def described(self) -> Spot:
        """For the inventory."""
        return Spot(capture=self.capture, frame=self.frame, time=timestamp(self.time))


class Place(Struct, frozen=True):
    """To whom a certificate was shown."""

    service: Shown
    server: tuple[str, int] | None = None
    authenticator: str | None = None
    message: str | None = None


class _Times(Struct):
    count: int
    first: Moment
    last: Moment

    def add(self, moment: Moment) -> None:
        self.count += 1
        self.first = min(self.first, moment, key=_when)
        self.last = max(self.last, moment, key=_when)


def _when(moment: Moment) -> int:
    return moment.time


class Holder(Struct, eq=False):
    """A phone, and what it showed."""

    name: str
    mac: str | None = None
    addresses: dict[str, None] = field(default_factory=dict)
    shown: dict[bytes, dict[Place, _Times]] = field(default_factory=dict)
    """By certificate, DER."""
    hidden: int = 0
    limited: bool = False

    @property
    def identity(self) -> Identity:
        """By what a user names it."""
        return Identity(self.name, self.mac, tuple(self.addresses))

    def add(self, certificate: bytes, place: Place, moment: Moment) -> None:
        """Note that it showed a certificate."""
        if certificate not in self.shown and len(self.shown) >= MOST_CERTIFICATES:
            self.limited = True
            return
        places = self.shown.setdefault(certificate, {})
        if place in places:
            places[place].add(moment)
        elif len(places) < MOST_USES:
            places[place] = _Times(1, moment, moment)
        else:
            self.limited = True

    def described(self, at: int | None) -> InventoryPhone:
        """For the inventory; days are counted from ``at``."""
        held = sorted(self.shown.items(), key=lambda item: -_last(item[1].values()))
        return InventoryPhone(
            name=self.name,
            mac=self.mac,
            addresses=tuple(self.addresses),
            certificates=tuple(
                entry for der, places in held if (entry := _held(der, places, at)) is not None
            ),
            hidden=self.hidden,
        )


def _last(times: Iterable[_Times]) -> int:
    return max(each.last.time for each in times)


def _held(der: bytes, places: dict[Place, _Times], at: int | None) -> Held | None:
    certificate = describe_certificate(der)
    if certificate is None:
        return None
    facts = read_certificate(der)
    left = None
    if at is not None and isinstance(facts, CertificateFacts):
        left = days_between(at, facts.not_after)
    uses = sorted(places.items(), key=lambda item: item[1].first.time)
    return Held(
        certificate=certificate,
        days_left=left,
        uses=tuple(_use(place, times) for place, times in uses),
    )


def _use(place: Place, times: _Times) -> Use:
    server = place.server
    return Use(
        service=place.service,
        server=None if server is None else Endpoint(address=server[0], port=server[1]),
        authenticator=place.authenticator,
        message=place.message,
        times=times.count,
        first=times.first.described(),
        last=times.last.described(),
    )


class Holders:
    """All of them, found by what tells who they are."""

    def __init__(self) -> None:
        self._by_name: dict[str, Holder] = {}
        self._by_mac: dict[str, Holder] = {}
        self.left_out = 0
        self.strangers = 0
        """Certificates shown by hosts that nothing tells to be phones."""

    def __iter__(self) -> Iterator[Holder]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def known(
        self, name: str, mac: str | None = None, addresses: Iterable[str] = ()
    ) -> Holder | None:
        """The phone of that name, made where there is none; None where there are too many."""
        holder = self._by_name.get(name)
        if holder is None:
            if len(self._by_name) >= MOST_HOLDERS:
                self.left_out += 1
                return None
            holder = self._by_name[name] = Holder(name)
        holder.addresses.update(dict.fromkeys(addresses))
        if holder.mac is None:
            holder.mac = mac or mac_of_name(name)
            if holder.mac is not None:
                self._by_mac.setdefault(holder.mac, holder)
        return holder

    def of_mac(self, mac: str) -> Holder | None:
        """The phone that has a MAC address."""
        return self._by_mac.get(mac)


def mac_of_name(name: str) -> str | None:
    """The MAC address in a device name."""
    digits = mac_digits(name) if _DEVICE.fullmatch(name) else None
    return None if digits is None else mac_text(digits)
