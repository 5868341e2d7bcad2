"""The certificate that a server presented, beside the records that should stand for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from capf_dissectors.trust_list import Record, TrustFunction, TrustList

from capfpcap.capture.addresses import AddressTable
from capfpcap.enrolment.loaded import LoadedTrustList
from capfpcap.enrolment.phone import Phone
from capfpcap.inspection.certificates import CertificateComparison, compare_with_record
from capfpcap.rules.model.case import Scene
from capfpcap.services import Purpose
from capfpcap.vantage.flow import Flow, Sighting

MAX_COMPARISONS = 8
"""Records that one certificate is compared with; a list has one of CAPF, and one of TVS a node."""

_FUNCTIONS = {
    Purpose.ENROLMENT: (TrustFunction.CAPF,),
    Purpose.TRUST: (TrustFunction.TVS,),
    Purpose.REGISTRATION: (TrustFunction.CCM, TrustFunction.CCM_TFTP),
}
"""Functions of the records that stand for the server of a service, by what it is for."""


def comparisons_at(
    scene: Scene, flow: Flow, sighting: Sighting, row: int
) -> tuple[CertificateComparison, ...]:
    """The certificate that a row brought or refused, beside what the phone trusted then.

    What fits comes first, then the list loaded last; nothing where the row is about no certificate
    of a server, or the captures show no list that the phone held.
    """
    session = sighting.conversation.session
    phone = next((phone for phone in scene.phones if phone.name == flow.phone), None)
    if session is None or phone is None or session.server_certificate is None:
        return ()
    leaf, alert = session.server_leaf, session.fatal_alert
    refused = alert is not None and alert.from_client and alert.row == row
    if leaf is None or not (refused or session.server_certificate.row == row):
        return ()
    view = sighting.conversation.view
    server = f"{scene.addresses.text(view.server)}, port {view.server_port}"
    found = [
        compare_with_record(
            leaf, record, f"presented by {server}", _named(item, number, scene.addresses)
        )
        for item, number, record in islice(_records(phone, flow), MAX_COMPARISONS)
    ]
    return tuple(sorted(found, key=lambda one: one.matches is not True))


def _records(phone: Phone, flow: Flow) -> Iterator[tuple[LoadedTrustList, int, Record]]:
    """Records for the flow's service in the lists that the phone held, the last list first."""
    functions = _FUNCTIONS.get(flow.service.facts.purpose, ())
    trusted = sorted(phone.trusted_at(flow.started), key=lambda item: -item.time)
    for item in trusted:
        if isinstance(item.read.parsed, TrustList):
            for number, record in enumerate(item.read.parsed.records, 1):
                if record.function in functions:
                    yield item, number, record


def _named(item: LoadedTrustList, number: int, addresses: AddressTable) -> str:
    server = addresses.text(item.transfer.server)
    return f"record {number} of {item.transfer.name} from {server}"
