"""Findings on the names that a phone must resolve."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from capfpcap.enrolment.phone import Resolved
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.capf.attempt import asks_for_nothing
from capfpcap.rules.connections.unreachable import ICMP_UNREACHABLE
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.screen import NameOf, ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.timeouts import NAME_ANSWER
from capfpcap.rules.names.open_names import good_answers, left_open, watched_after
from capfpcap.rules.questions.needed_names import Need, lookups_of, needed_names, was_reached
from capfpcap.services import Service

DNS_NXDOMAIN = Code(
    code="dns-nxdomain",
    family=Family.NAMES,
    severity=Severity.CRITICAL,
    stage=Stage.NAMES,
    screen=ScreenRule.BY_NAME,
    by_start=True,
    looks_for=Sight.FAILED_LOOKUP,
    services=("dns",),
    meaning="The DNS server says that a name which the phone needs does not exist.",
    told_by="NXDOMAIN for a name that the phone needs: the CAPF, TFTP or TVS host of its "
    "configuration.",
    not_this="NXDOMAIN for names that no service of an enrolment uses, such as wpad or "
    "_cisco-uds; a short name whose full form resolves; a name that resolves later in the same "
    "start. An earlier success does not count.",
    remedy="Add the record to the DNS zone that the phone's server answers for, or name the "
    "server by address (CUCM Administration > System > Server). Then reset the phone.",
)
DNS_NO_ANSWER = Code(
    code="dns-no-answer",
    family=Family.NAMES,
    severity=Severity.CRITICAL,
    stage=Stage.NAMES,
    screen=ScreenRule.BY_NAME,
    by_start=True,
    looks_for=Sight.FAILED_LOOKUP,
    services=("dns",),
    causes=(ICMP_UNREACHABLE,),
    meaning="No DNS server answers the phone's queries for a name that it needs.",
    told_by="Queries repeated, none answered while the capture went on.",
    not_this="A query in the last seconds of a capture; queries that were lost, or that one "
    "server left unanswered, where the name resolves later in the same start.",
    remedy="Check the DNS servers that DHCP gives the phone, that they are up, and that UDP 53 "
    "passes both ways. A capture beside the DNS server tells whether the queries arrive.",
)
DNS_SERVER_FAILURE = Code(
    code="dns-server-failure",
    family=Family.NAMES,
    severity=Severity.CRITICAL,
    stage=Stage.NAMES,
    screen=ScreenRule.BY_NAME,
    by_start=True,
    looks_for=Sight.FAILED_LOOKUP,
    services=("dns",),
    meaning="The DNS server answers with an error for a name that the phone needs.",
    told_by="SERVFAIL, REFUSED and the like for such a name, and no good answer from any server.",
    not_this="An error from one server where another one answers.",
    remedy="Look at the DNS server: forwarders, zone transfer, recursion allowed for the phones' "
    "network. Test from that network: 'nslookup NAME SERVER'.",
)
DNS_NO_ADDRESS = Code(
    code="dns-no-address",
    family=Family.NAMES,
    severity=Severity.CRITICAL,
    stage=Stage.NAMES,
    screen=ScreenRule.BY_NAME,
    by_start=True,
    looks_for=Sight.FAILED_LOOKUP,
    services=("dns",),
    meaning="The name exists and has no address that the phone can use.",
    told_by="NOERROR without a usable address for every type that the phone asked for.",
    not_this="An empty AAAA answer beside a good A answer.",
    remedy="Add an A record (or AAAA for phones that use IPv6 alone) for the name.",
)

_NAMED_ERRORS_OK = frozenset({"NOERROR", "NXDOMAIN"})


def _failing(
    case: Case, kind: Callable[[list[Resolved]], bool]
) -> Iterator[tuple[Need, list[Resolved]]]:
    """Needed names that did not resolve in the end, and whose failure is of one kind.

    A short name beside its full one is told once: the same questions were for both.
    """
    told: set[tuple[int, ...]] = set()
    for need in needed_names(case):
        lookups = left_open(case, lookups_of(case, need.host))
        same = tuple(map(id, lookups))
        if not lookups or same in told:
            continue
        told.add(same)
        if kind(lookups) and not was_reached(case, need, lookups):
            yield need, lookups


def _rcodes(lookups: list[Resolved]) -> set[str]:
    return {item.lookup.rcode for item in lookups if item.lookup.rcode is not None}


def _is_nxdomain(lookups: list[Resolved]) -> bool:
    if "NXDOMAIN" not in _rcodes(lookups):
        return False
    fully_qualified = "." in lookups[-1].lookup.name
    return fully_qualified or _asks_no_more(lookups)


def _is_failure(lookups: list[Resolved]) -> bool:
    rcodes = _rcodes(lookups)
    return not _is_nxdomain(lookups) and bool(rcodes - _NAMED_ERRORS_OK)


def _is_without_address(lookups: list[Resolved]) -> bool:
    whole = [item for item in lookups if not item.lookup.truncated]
    asked = {item.lookup.type for item in lookups}
    empty = {item.lookup.type for item in whole if item.lookup.rcode == "NOERROR"}
    if _rcodes(whole) != {"NOERROR"} or asked != empty:
        return False
    return asked != {"AAAA"} or _asks_no_more(lookups)


def _asks_no_more(lookups: list[Resolved]) -> bool:
    """Whether the phone had the time to ask for another type or a fuller name, and did not."""
    return watched_after(lookups[0]) >= NAME_ANSWER


def _is_unanswered(lookups: list[Resolved]) -> bool:
    if _rcodes(lookups) or all(item.sighting.at.table.one_sided for item in lookups):
        return False
    queries: dict[str, int] = {}
    for item in lookups:
        kind = item.lookup.type
        queries[kind] = queries.get(kind, 0) + len(item.lookup.query_rows)
    waited = max(item.sighting.watched_until for item in lookups) - lookups[0].lookup.asked
    return max(queries.values()) > 1 and waited >= NAME_ANSWER


def _answers(lookups: list[Resolved], rcodes: Callable[[str], bool]) -> tuple[Proof, ...]:
    """The answers that prove it, each with its question."""
    proofs = []
    for item in lookups:
        lookup = item.lookup
        if lookup.answer_row is not None and lookup.rcode is not None and rcodes(lookup.rcode):
            proofs.append(
                proof(
                    item.sighting,
                    lookup.answer_row,
                    f"{lookup.rcode} for {lookup.name} {lookup.type}",
                )
            )
    return tuple(proofs[:MAX_EVIDENCE])


def _servers(case: Case, lookups: list[Resolved]) -> str:
    names = dict.fromkeys(case.address(item.lookup.server) for item in lookups)
    return ", ".join(names)


def _draft(
    case: Case,
    code: Code,
    need: Need,
    lookups: list[Resolved],
    said: str,
    proofs: tuple[Proof, ...],
) -> Draft:
    source = (
        f"its configuration names it as {need.name_of.value} server"
        if need.certain
        else "no configuration in the captures says what it is for"
    )
    known = good_answers(case, need)
    gets_on = need.certain and bool(case.phone.attempts or known)
    matters = need.name_of is NameOf.CAPF or not (gets_on or asks_for_nothing(case))
    return Draft(
        code,
        title=f"{said}: {need.host}",
        detail=f"The phone asked {_servers(case, lookups)} for {need.host} ({source}); "
        f"{said[0].lower()}{said[1:]}."
        + _who_knows(case, lookups, known)
        + case.whereabouts(item.flow for item in lookups),
        proofs=(*proofs, *_good_answers(known))[:MAX_EVIDENCE],
        service=Service.DNS,
        flow=lookups[-1].flow,
        certainty=Certainty.PROVEN if need.certain else Certainty.LIKELY,
        severity=None if matters else Severity.WARNING,
        name_of=need.name_of,
    )


def _who_knows(case: Case, lookups: list[Resolved], known: list[Resolved]) -> str:
    """Which server gave an address for the name, and when, where one did."""
    if not known:
        return ""
    address = known[-1].lookup.addresses[0]
    failing = {item.lookup.server for item in lookups if not item.lookup.addresses}
    others = {item.lookup.server for item in known} - failing
    if not others:
        return f" Before that the same server answered {address}."
    knowing = ", ".join(sorted(map(case.address, others)))
    return (
        f" {knowing} answers {address} for it: these DNS servers do not say the same, and a phone "
        "goes by the first answer. Give phones only servers that know the zone."
    )


def _good_answers(known: list[Resolved]) -> list[Proof]:
    """The last answer with an address."""
    return [
        proof(item.sighting, item.lookup.answer_row, f"{item.lookup.name} is here")
        for item in known[-1:]
        if item.lookup.answer_row is not None
    ]


@DNS_NXDOMAIN.by_phone
def nxdomain(case: Case) -> Iterator[Draft]:
    """A needed name does not exist."""
    for need, lookups in _failing(case, _is_nxdomain):
        proofs = _answers(lookups, lambda rcode: rcode == "NXDOMAIN")
        yield _draft(case, DNS_NXDOMAIN, need, lookups, "The name does not exist in DNS", proofs)


@DNS_SERVER_FAILURE.by_phone
def server_failure(case: Case) -> Iterator[Draft]:
    """A needed name is answered with an error only."""
    for need, lookups in _failing(case, _is_failure):
        errors = ", ".join(sorted(_rcodes(lookups) - _NAMED_ERRORS_OK))
        proofs = _answers(lookups, lambda rcode: rcode not in _NAMED_ERRORS_OK)
        yield _draft(
            case, DNS_SERVER_FAILURE, need, lookups, f"The DNS server answers {errors}", proofs
        )


@DNS_NO_ADDRESS.by_phone
def no_address(case: Case) -> Iterator[Draft]:
    """A needed name has no address."""
    for need, lookups in _failing(case, _is_without_address):
        proofs = _answers(lookups, lambda rcode: rcode == "NOERROR")
        yield _draft(case, DNS_NO_ADDRESS, need, lookups, "The name has no address in DNS", proofs)


@DNS_NO_ANSWER.by_phone
def no_answer(case: Case) -> Iterator[Draft]:
    """A needed name is asked for again and again."""
    for need, lookups in _failing(case, _is_unanswered):
        queries = [
            proof(item.sighting, row, f"query {item.lookup.name} {item.lookup.type}")
            for item in lookups
            for row in item.lookup.query_rows
        ]
        said = f"No DNS server answered ({len(queries)} queries)"
        yield _draft(case, DNS_NO_ANSWER, need, lookups, said, tuple(queries[:MAX_EVIDENCE]))
