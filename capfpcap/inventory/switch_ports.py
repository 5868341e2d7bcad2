"""Certificates that phones showed to their switch: EAP-TLS over IEEE 802.1X."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from capf_dissectors.eap import Code, EapPacket, dissect
from capf_dissectors.eap_tls import Exchange, begins
from capf_dissectors.tls import Certificate, ServerHello, TlsStream, dissect_stream
from msgspec import Struct

from capfpcap.capture.eapol import EapolFrame
from capfpcap.enrolment.choice import mac_text
from capfpcap.inventory.holders import Holder, Holders, Moment, Place, owner_of
from capfpcap.inventory.model import Shown

_GROUP = 1 << 40
"""The bit of a MAC address that makes it that of a group (IEEE 802-2014, clause 8.2.2)."""
MOST_OPEN = 1 << 12
"""Supplicants whose exchanges are put together at a time; of more, the oldest one's is closed."""


class _Open(Struct):
    """The exchange of one supplicant that is being put together."""

    exchange: Exchange
    authenticator: int = 0


def gather(frames: Iterable[EapolFrame], capture: str, holders: Holders) -> int:
    """Note the certificates that the frames of one file show; returns how many were too long."""
    limited = 0
    rows = list(frames)
    for mac, opened in _exchanges(rows):
        limited += opened.exchange.peer.limited
        _note(mac, opened, rows, capture, holders)
    return limited


def _exchanges(frames: list[EapolFrame]) -> Iterator[tuple[int, _Open]]:
    """The exchanges with the supplicant's MAC address, as they end."""
    opened: dict[int, _Open] = {}
    asked: dict[int, tuple[int, EapPacket]] = {}
    for tag, frame in enumerate(frames):
        packet = dissect(frame.data)
        if not isinstance(packet, EapPacket):
            continue
        if packet.code is Code.RESPONSE:
            mac = frame.source
            yield from _close_some(opened, mac)
            current = opened.setdefault(mac, _Open(Exchange()))
            request = asked.pop(packet.identifier, None)
            if request is not None:
                yield from _add_request(opened, mac, *request, frames)
                current = opened[mac]
            current.exchange.add(packet, tag)
            continue
        mac = frame.destination
        if not mac or mac & _GROUP:
            if packet.code is Code.REQUEST:
                asked[packet.identifier] = tag, packet
            else:
                yield from _ended_by_group(opened, frame.source)
            continue
        if packet.code is Code.REQUEST:
            yield from _close_some(opened, mac)
            yield from _add_request(opened, mac, tag, packet, frames)
        elif mac in opened:
            opened[mac].exchange.add(packet, tag)
            yield mac, opened.pop(mac)
    yield from opened.items()


def _add_request(
    opened: dict[int, _Open], mac: int, tag: int, packet: EapPacket, frames: list[EapolFrame]
) -> Iterator[tuple[int, _Open]]:
    """Take a request to a supplicant; one that begins another exchange ends the one before."""
    current = opened.get(mac)
    if current is None or (begins(packet) and current.exchange.peer.pieces):
        if current is not None:
            yield mac, current
        current = opened[mac] = _Open(Exchange())
    current.authenticator = frames[tag].source
    current.exchange.add(packet, tag)


def _close_some(opened: dict[int, _Open], mac: int) -> Iterator[tuple[int, _Open]]:
    if mac not in opened and len(opened) >= MOST_OPEN:
        oldest = next(iter(opened))
        yield oldest, opened.pop(oldest)


def _ended_by_group(opened: dict[int, _Open], switch: int) -> Iterator[tuple[int, _Open]]:
    """A success or failure to the group ends the one exchange that the switch's port has."""
    theirs = [mac for mac, each in opened.items() if each.authenticator == switch]
    if len(theirs) == 1:
        yield theirs[0], opened.pop(theirs[0])


def _note(mac: int, opened: _Open, rows: list[EapolFrame], capture: str, holders: Holders) -> None:
    exchange = opened.exchange
    peer = dissect_stream(exchange.peer.pieces, from_start=exchange.from_start)
    server = dissect_stream(exchange.server.pieces, from_start=exchange.from_start)
    certificate = next((one for one in peer.messages if isinstance(one, Certificate)), None)
    leaf = certificate.certificates[0] if certificate and certificate.certificates else None
    if not peer.records and not server.records:
        return
    holder = _holder(mac, leaf, holders)
    if holder is None:
        return
    tag = exchange.peer.tag_at(certificate.end) if certificate is not None else None
    if leaf is not None and tag is not None:
        frame = rows[tag]
        switch = mac_text(f"{opened.authenticator:012x}") if opened.authenticator else None
        place = Place(Shown.EAP_TLS, authenticator=switch)
        holder.add(leaf, place, Moment(frame.time, capture, frame.number))
    elif _speaks_tls13(server):
        holder.hidden += 1


def _holder(mac: int, leaf: bytes | None, holders: Holders) -> Holder | None:
    """The phone that a certificate names, else that of the MAC address, if it is a phone's."""
    text = mac_text(f"{mac:012x}")
    if leaf is None:
        return holders.of_mac(text)
    owner = owner_of(leaf)
    if owner.device is not None:
        return holders.known(owner.device)
    known = holders.of_mac(text)
    if known is not None:
        return known
    if owner.is_phone:
        return holders.known(text, text if mac else None)
    holders.strangers += 1
    return None


def _speaks_tls13(server: TlsStream) -> bool:
    return any(isinstance(one, ServerHello) and one.tls13 for one in server.messages)
