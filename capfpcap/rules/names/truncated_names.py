"""A name whose answer is too long for UDP, and that TCP does not bring either."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.enrolment.phone import Resolved
from capfpcap.flows.connection import Connection
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.screen import NameOf, ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.timeouts import NAME_ANSWER
from capfpcap.rules.names.open_names import watched_after
from capfpcap.rules.questions.needed_names import Need, lookups_of, needed_names, was_reached
from capfpcap.services import Service
from capfpcap.vantage.flow import Sighting

DNS_TRUNCATED = Code(
    code="dns-truncated",
    family=Family.NAMES,
    severity=Severity.CRITICAL,
    stage=Stage.NAMES,
    screen=ScreenRule.BY_NAME,
    looks_for=Sight.FAILED_LOOKUP,
    services=("dns",),
    meaning="The DNS answer for a name that the phone needs is too long for UDP, and the phone "
    "does not get it over TCP.",
    told_by="An answer with the TC bit set (RFC 1035, section 4.1.1), and no whole one behind it: "
    "TCP 53 is not tried, not answered or refused.",
    not_this="A truncated answer behind which the same question succeeds over TCP or at another "
    "server; a phone that goes on to CAPF with what the answer did hold.",
    remedy="Allow TCP 53 between the phones and their DNS server (RFC 7766 requires it), or make "
    "the answer shorter: fewer records for the name, or CUCM nodes named by address.",
)
_Retry = tuple[Sighting, Connection]


@DNS_TRUNCATED.by_phone
def truncated(case: Case) -> Iterator[Draft]:
    """A needed name of which only truncated answers came in the end."""
    told: set[int] = set()
    for need in needed_names(case):
        lookups = lookups_of(case, need.host)
        cut = _left_truncated(lookups)
        if not cut or id(cut[-1]) in told or _got_on(case, need, lookups):
            continue
        told.add(id(cut[-1]))
        yield _draft(case, need, cut)


def _left_truncated(lookups: list[Resolved]) -> list[Resolved]:
    """The truncated answers, where no whole one came behind them while there was time."""
    cut = [item for item in lookups if item.lookup.truncated]
    if not cut or watched_after(cut[0]) < NAME_ANSWER:
        return []
    since = cut[0].lookup.asked
    whole = (
        item.lookup.rcode is not None and not item.lookup.truncated and item.lookup.asked >= since
        for item in lookups
    )
    return [] if any(whole) else cut


def _got_on(case: Case, need: Need, lookups: list[Resolved]) -> bool:
    """Whether the phone did without the rest: a truncated answer may hold addresses, too."""
    if was_reached(case, need, lookups) or case.phone.attempts:
        return True
    return need.name_of is not NameOf.CAPF and any(item.lookup.addresses for item in lookups)


def _retries(case: Case, cut: list[Resolved]) -> list[_Retry]:
    """The phone's TCP connections to the DNS servers that truncated their answers."""
    servers, since = {item.lookup.server for item in cut}, cut[0].lookup.asked
    return [
        (flow.first, connection)
        for flow in case.phone.flows
        if flow.service is Service.DNS
        and flow.started >= since
        and (connection := flow.first.conversation.connection) is not None
        and connection.view.server in servers
    ]


def _draft(case: Case, need: Need, cut: list[Resolved]) -> Draft:
    retries = _retries(case, cut)
    servers = ", ".join(dict.fromkeys(case.address(item.lookup.server) for item in cut))
    answers = f"{len(cut)} answers" if len(cut) > 1 else "The answer"
    proofs = [
        proof(item.sighting, item.lookup.answer_row, f"truncated answer for {item.lookup.name}")
        for item in cut
        if item.lookup.answer_row is not None
    ]
    return Draft(
        DNS_TRUNCATED,
        title=f"The DNS answer is truncated, and no whole one comes over TCP: {need.host}",
        detail=f"{answers} of {servers} for {need.host} had the TC bit set: the rest is to be "
        f"fetched over TCP. {_what_became(retries)}",
        proofs=(*proofs[: MAX_EVIDENCE // 2], *_proofs(retries))[:MAX_EVIDENCE],
        service=Service.DNS,
        flow=cut[-1].flow,
        certainty=Certainty.PROVEN if retries and need.certain else Certainty.LIKELY,
        name_of=need.name_of,
    )


def _what_became(retries: list[_Retry]) -> str:
    """What became of the question over TCP, in a sentence."""
    if not retries:
        return "No TCP connection to port 53 followed that is seen here."
    tries = f"{len(retries)} TCP connections" if len(retries) > 1 else "1 TCP connection"
    connections = [connection for _, connection in retries]
    if all(connection.refused for connection in connections):
        return f"{tries} to port 53 followed; the server refused."
    if not any(connection.established_row is not None for connection in connections):
        return f"{tries} to port 53 followed; no SYN was answered."
    return f"{tries} to port 53 followed; no answer came over TCP."


def _proofs(retries: list[_Retry]) -> list[Proof]:
    """The opening packets of the connections."""
    return [
        proof(sighting, connection.view.start, "TCP to port 53") for sighting, connection in retries
    ]
