"""A name that leads to a host which is not the CAPF publisher."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.enrolment.phone import Resolved
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.screen import NameOf, ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.questions.tcp import Opening, openings
from capfpcap.services import Service
from capfpcap.timeline.lookup import ADDRESS_TYPES

DNS_WRONG_ADDRESS = Code(
    code="dns-wrong-address",
    family=Family.NAMES,
    severity=Severity.CRITICAL,
    stage=Stage.NAMES,
    screen=ScreenRule.BY_NAME,
    looks_for=Sight.UNANSWERED | Sight.UNDONE,
    services=("dns",),
    meaning="The name of the CAPF server leads to a host that is not the CAPF publisher.",
    told_by="The connection to the address in the DNS answer fails, and other evidence shows that "
    "CAPF runs elsewhere: other phones enrol at another address, the same name has another address "
    "in another answer, the trust list or the captures show another publisher.",
    not_this="A publisher whose CAPF service is down; a path that drops the connection.",
    remedy="Correct the DNS record (or the server's name under CUCM Administration > System > "
    "Server) so that it leads to the publisher, where CAPF runs, then reset the phone.",
)


@DNS_WRONG_ADDRESS.by_phone
def dns_wrong_address(case: Case) -> Iterator[Draft]:
    """A resolved CAPF host where CAPF does not answer, though it does elsewhere."""
    for (service, server), items in openings(case).items():
        if service is not Service.CAPF or any(_speaks(item) for item in items):
            continue
        address = case.address(server)
        resolved = [item for item in _lookups(case) if address in item.lookup.addresses]
        if not resolved:
            continue
        found = _elsewhere(case, resolved[-1].lookup.name, server)
        if found is not None:
            yield _draft(resolved, items, address, *found)


def _speaks(item: Opening) -> bool:
    """Whether the server opened the connection and spoke, or leaves the phone without any word.

    Only a refusal or a reset shows that another service's host was reached.
    """
    connection = item.connection
    return bool(connection.server.segments) or not connection.server.reset_rows


def _lookups(case: Case) -> list[Resolved]:
    """The phone's questions for the addresses of its CAPF hosts."""
    parsed = case.phone.configuration
    hosts = (
        []
        if parsed is None
        else [server.host.rstrip(".").lower() for server in parsed.capf_servers]
    )
    return [
        item
        for item in case.phone.lookups
        if item.lookup.type in ADDRESS_TYPES
        and any(
            item.lookup.name == host or item.lookup.name.startswith(f"{host}.") for host in hosts
        )
    ]


def _elsewhere(case: Case, name: str, server: int) -> tuple[str, Certainty] | None:
    """What shows that CAPF is at another address, and how surely."""
    scene = case.scene
    around = scene.around
    enrolling = around.capf_servers - {server}
    if enrolling and server not in around.capf_servers:
        return f"CAPF answers at {case.address(min(enrolling))}", Certainty.PROVEN
    listed = _listed(case)
    if listed and case.address(server) not in listed:
        return f"the trust list says that CAPF is at {min(listed)}", Certainty.PROVEN
    other = around.other_answer(name, case.address(server))
    if other is not None:
        return f"another answer for the same name is {other}", Certainty.LIKELY
    if around.publishers and server not in around.publishers:
        shown = ", ".join(case.address(code) for code in sorted(around.publishers)[:2])
        return f"the capture at the publisher shows it at {shown}", Certainty.LIKELY
    return None


def _listed(case: Case) -> set[str]:
    """Addresses in the CAPF records of the trust list that the phone loaded last."""
    if not case.phone.trust_lists:
        return set()
    records = case.phone.trust_lists[-1].read.capf_records
    return {record.ip_address for record in records if record.ip_address}


def _draft(
    resolved: list[Resolved],
    items: list[Opening],
    address: str,
    why: str,
    certainty: Certainty,
) -> Draft:
    name = resolved[-1].lookup.name
    proofs: list[Proof] = [
        proof(item.sighting, item.lookup.answer_row, f"{name} is {address}")
        for item in resolved
        if item.lookup.answer_row is not None
    ]
    proofs += [
        proof(item.sighting, item.connection.server.reset_rows[0], f"{address} refuses CAPF")
        for item in items
        if item.connection.server.reset_rows
    ]
    return Draft(
        DNS_WRONG_ADDRESS,
        title=f"The name {name} leads to {address}, where CAPF is not",
        detail=f"The phone's configuration names {name} as CAPF server; DNS answers {address}, "
        f"which refuses the connection. {why[0].upper()}{why[1:]}.",
        proofs=tuple(proofs[:MAX_EVIDENCE]),
        service=Service.DNS,
        flow=resolved[-1].flow,
        certainty=certainty,
        name_of=NameOf.CAPF,
    )
