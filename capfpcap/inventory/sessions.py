"""Certificates that phones showed in TLS connections: to call processing, TVS and CAPF."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.enrolment.phone import Phone
from capfpcap.inventory.holders import Holder, Holders, Moment, Place, owner_of
from capfpcap.inventory.model import Shown
from capfpcap.rules.model.case import Scene
from capfpcap.services import Reader, Service, read_as
from capfpcap.timeline.capf import Command
from capfpcap.timeline.session import Session
from capfpcap.vantage.flow import Flow, Sighting

_SERVICES = {service: Shown(service.value) for service in read_as(Reader.TLS)}


def gather(scene: Scene, holders: Holders) -> None:
    """Note every phone of a scene, and every certificate that a client showed."""
    phones = {phone.name: phone for phone in scene.phones}
    for phone in scene.phones:
        if not phone.is_several:
            holders.known(phone.name, phone.mac, phone.addresses)
    for flow in scene.flows:
        shown = _SERVICES.get(flow.service)
        theirs = phones.get(flow.phone or "")
        if shown is not None:
            _of_flow(flow, shown, theirs, scene, holders)
        if shown is Shown.CAPF and theirs is not None:
            _inside_capf(flow, theirs, scene, holders)


def _of_flow(flow: Flow, shown: Shown, phone: Phone | None, scene: Scene, holders: Holders) -> None:
    client = scene.addresses.text(flow.first.conversation.view.client)
    for sighting, session in _sessions(flow):
        said, leaf = session.client_certificate, session.client_leaf
        if said is None or leaf is None:
            continue
        holder = _holder(leaf, phone, client, holders)
        if holder is not None:
            place = Place(shown, _server(flow, scene))
            holder.add(leaf, place, moment_of(sighting, said.row))
        return
    if phone is not None and not phone.is_several and _hides(flow):
        known = holders.known(phone.name)
        if known is not None:
            known.hidden += 1


def _inside_capf(flow: Flow, phone: Phone, scene: Scene, holders: Holders) -> None:
    """What the messages of CAPF hold, where keys open them.

    The phone shows its certificate to authenticate itself or on request; what CAPF has it store is
    its own from then on.
    """
    known = phone.capf_session(flow)
    if known is None or not known.decrypted:
        return
    for leaf, command in (
        (known.presented, Command.AUTH_RESPONSE),
        (known.fetched, Command.FETCH_RESPONSE),
        (known.installed, Command.STORE_CERT_REQUEST),
    ):
        rows = [said.row for said in known.messages if said.command == command]
        if leaf is None or not rows:
            continue
        holder = _holder(leaf, phone, phone.name, holders)
        if holder is not None:
            place = Place(Shown.CAPF, _server(flow, scene), message=command.name)
            holder.add(leaf, place, moment_of(flow.best, rows[-1]))


def _server(flow: Flow, scene: Scene) -> tuple[str, int]:
    view = flow.first.conversation.view
    return scene.addresses.text(view.server or view.asked), view.server_port


def _sessions(flow: Flow) -> Iterator[tuple[Sighting, Session]]:
    """What each capture shows, the one in which the least is missing first."""
    best = flow.best
    for sighting in (best, *(other for other in flow.sightings if other is not best)):
        session = sighting.conversation.session
        if session is not None:
            yield sighting, session


def _holder(leaf: bytes, phone: Phone | None, client: str, holders: Holders) -> Holder | None:
    """Whose a certificate is: of the device that it names, else of the client that showed it."""
    owner = owner_of(leaf)
    if owner.device is not None and (phone is None or owner.device != phone.name):
        return holders.known(owner.device, None, (client,))
    if phone is not None and not phone.is_several:
        return holders.known(phone.name)
    if owner.is_phone:
        return holders.known(client, None, (client,))
    holders.strangers += 1
    return None


def moment_of(sighting: Sighting, row: int) -> Moment:
    """The frame of a row."""
    at = sighting.at
    columns = at.table.columns
    capture = at.ids[int(columns.file[row])]
    return Moment(at.recorded_time(row), capture, int(columns.frame[row]))


def _hides(flow: Flow) -> bool:
    """Whether a certificate of the client may have been shown where it cannot be read.

    To CAPF a phone shows none in TLS itself, whichever version.
    """
    session = flow.best.conversation.session
    if session is None or flow.service is Service.CAPF:
        return False
    return session.certificate_hidden and session.handshake_complete
