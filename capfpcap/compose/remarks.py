"""What a report remarks beside its findings: no fault of an enrolment, and worth telling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from capfpcap.capture.columns import TcpFlag
from capfpcap.compose.decryption import remarks_on_keys
from capfpcap.flows.table import FlowView
from capfpcap.report import Phone
from capfpcap.rules.captures.captures import scan_of
from capfpcap.rules.files.not_genuine import FILE_NOT_GENUINE
from capfpcap.rules.model.case import Scene
from capfpcap.rules.questions.wording import MAX_NAMED, first_ones
from capfpcap.services import Service
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.infer import is_at_other_end

_MOST_LOOKED_AT = 1000
"""Connections of nobody known that are looked at; more are no phone's."""


def remarks_on(phones: Sequence[Phone]) -> Iterator[str]:
    """Remarks on ``phones`` and what they loaded; they leave the verdict as it is."""
    yield from _on_unread(phones)


def remarks_on_roles(points: Sequence[VantagePoint]) -> Iterator[str]:
    """That captures were handed in as recorded where their TTLs say they were not."""
    wrong = [point for point in points if is_at_other_end(point)]
    if not wrong:
        return
    named = [
        f"{point.table.capture.files[0].path} was given as recorded at the {point.role.value}"
        for point in wrong
    ]
    yield (
        f"{first_ones(named, ';')}: the TTLs are those of the other end, where that end's packets "
        "have passed no router. If the options for the captures changed places, hand them in the "
        "other way round, or without roles"
    )


def remarks_on_left_out(points: Sequence[VantagePoint]) -> Iterator[str]:
    """What of captures is not shown, for those who are shown no findings."""
    for point in points:
        if point.table.left_out is not None:
            yield f"{point.name}: {scan_of(point.table.left_out)}; they are left out"


def remark_on_address(address: str, names: Sequence[str]) -> str:
    """What is not known of connections of an address behind which several phones stand."""
    return (
        f"{first_ones(names)} share the address {address}: some connections from there may be any "
        "of these phones', and no packet tells whose. A capture on the phones' side of the NAT does"
    )


def _on_unread(phones: Sequence[Phone]) -> Iterator[str]:
    """Configurations that nothing can be made of."""
    unread = [
        (phone.configuration.file, phone.configuration.problem)
        for phone in phones
        if phone.configuration is not None
        and phone.configuration.problem is not None
        and phone.root_cause != FILE_NOT_GENUINE.code  # which says it better
    ]
    if not unread:
        return
    named = [f"{file} ({problem})" for file, problem in unread]
    yield (
        "Configurations that arrived whole and cannot be read, so that the CAPF server and the "
        f"operation that they name are not known: {first_ones(named, ';')}"
    )


def remarks_on_scene(scene: Scene, *, is_empty: bool) -> list[str]:
    """What of the captures is judged, where that is not all, and who may be a phone where none is.

    ``is_empty`` tells that no phone is known. Whoever asks for no file tells no name: one that
    turns to CUCM's file service alone, which does not answer, may be a phone or anybody.
    """
    judgement = scene.judgement
    judged = f"What phones did {judgement.period.words} is judged, and nothing else"
    nameless = _on_nameless(scene) if is_empty else ()
    on_keys = remarks_on_keys(scene.points)
    return [*on_keys, *([judged] if judgement.period else []), *nameless]


def _on_nameless(scene: Scene) -> Iterator[str]:
    refused: dict[str, set[str]] = {}
    views = (view for point in scene.points for view in point.table.views)
    by_http = (view for view in views if view.service is Service.HTTP)
    for view in filter(_is_turned_down, islice(by_http, _MOST_LOOKED_AT)):
        server = f"{scene.addresses.text(view.server)}:{view.server_port}"
        refused.setdefault(server, set()).add(scene.addresses.text(view.client))
    for server, clients in list(refused.items())[:MAX_NAMED]:
        yield (
            f"{first_ones(sorted(clients))} tried to connect to {server}, where CUCM serves "
            "files by HTTP, and did not get through. A phone that gets no file tells no name: if "
            "that is the phone, look there first (Cisco Tftp on that node, a filter for TCP "
            f"{server.rpartition(':')[2]}, the TFTP server that DHCP names)"
        )


def _is_turned_down(view: FlowView) -> bool:
    """Whether a client's SYN is answered by nothing, or by RST alone."""
    flags = view.table.columns.flags[view.rows].tolist()
    turns = list(zip(flags, view.directions(), strict=True))
    asked = any(flag & TcpFlag.SYN for flag, to_server in turns if to_server)
    return asked and all(flag & TcpFlag.RST for flag, to_server in turns if not to_server)
