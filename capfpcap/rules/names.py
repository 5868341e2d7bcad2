"""Findings on the names that a phone must resolve."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

from msgspec import Struct

from capfpcap.enrolment.phone import Resolved
from capfpcap.flows.service import Service
from capfpcap.report import Certainty, Severity
from capfpcap.rules.case import Case
from capfpcap.rules.code import Code
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.later import tried_capf
from capfpcap.rules.patience import NAME_ANSWER
from capfpcap.rules.sight import Sight
from capfpcap.timeline.lookup import ADDRESS_TYPES

FAMILY = "Names"

DNS_NXDOMAIN = Code(
    code="dns-nxdomain",
    by_start=True,
    looks_for=Sight.FAILED_LOOKUP,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=("dns",),
    meaning="The DNS server says that a name which the phone needs does not exist.",
    told_by="NXDOMAIN for a name that the phone needs: the CAPF, TFTP or TVS host of its "
    "configuration.",
    not_this="NXDOMAIN for names that no service of an enrolment uses, such as wpad or "
    "_cisco-uds; nor for a short name whose full form resolves.",
    remedy="Add the record to the DNS zone that the phone's server answers for, or name the "
    "server by address (CUCM Administration > System > Server). Then reset the phone.",
)
DNS_NO_ANSWER = Code(
    code="dns-no-answer",
    by_start=True,
    looks_for=Sight.FAILED_LOOKUP,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=("dns",),
    causes=("icmp-unreachable",),
    meaning="No DNS server answers the phone's queries for a name that it needs.",
    told_by="Queries repeated, none answered while the capture went on.",
    not_this="A query in the last seconds of a capture; a lost query whose repetition is answered.",
    remedy="Check the DNS servers that DHCP gives the phone, that they are up, and that UDP 53 "
    "passes both ways. A capture beside the DNS server tells whether the queries arrive.",
)
DNS_SERVER_FAILURE = Code(
    code="dns-server-failure",
    by_start=True,
    looks_for=Sight.FAILED_LOOKUP,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=("dns",),
    meaning="The DNS server answers with an error for a name that the phone needs.",
    told_by="SERVFAIL, REFUSED and the like for such a name, and no good answer from any server.",
    not_this="An error from one server where another one answers.",
    remedy="Look at the DNS server: forwarders, zone transfer, recursion allowed for the phones' "
    "network. Test from that network: 'nslookup NAME SERVER'.",
)
DNS_NO_ADDRESS = Code(
    code="dns-no-address",
    by_start=True,
    looks_for=Sight.FAILED_LOOKUP,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=("dns",),
    meaning="The name exists and has no address that the phone can use.",
    told_by="NOERROR without a usable address for every type that the phone asked for.",
    not_this="An empty AAAA answer beside a good A answer.",
    remedy="Add an A record (or AAAA for phones that use IPv6 alone) for the name.",
)

_NAMED_ERRORS_OK = frozenset({"NOERROR", "NXDOMAIN"})
_NO_SERVICE_LABELS = frozenset({"wpad", "isatap", "localhost", "local"})


class _Need(Struct, frozen=True):
    """A host name that the phone needs."""

    host: str
    what_for: str
    certain: bool
    """A configuration in the captures names it."""


def _needs(case: Case) -> list[_Need]:
    """The names that the phone's configuration holds; without one, what it asked for in vain."""
    needs: dict[str, _Need] = {}
    for loaded in case.phone.configurations:
        parsed = loaded.configuration
        if parsed is None:
            continue
        hosts = [(server.host, "CAPF") for server in parsed.capf_servers]
        hosts += [(server.host, "TVS") for server in parsed.tvs_servers]
        hosts += [(server.host, "CUCM") for server in parsed.call_managers]
        for host, what_for in hosts:
            name = host.strip().rstrip(".").lower()
            if name and not is_address(name):
                needs.setdefault(name, _Need(name, what_for, certain=True))
    if needs or case.phone.attempts or case.phone.configuration is not None:
        return list(needs.values())
    asked = {
        item.lookup.name
        for item in case.phone.lookups
        if item.lookup.type in ADDRESS_TYPES and _may_be_a_server(item.lookup.name)
    }
    return [_Need(name, "a server", certain=False) for name in sorted(asked)]


def is_address(text: str) -> bool:
    """Whether a host is given as an IPv4 or IPv6 address, not by name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _may_be_a_server(name: str) -> bool:
    """Whether a name could be a CUCM node's: no service discovery, no reverse lookup."""
    labels = name.split(".")
    return not (
        labels[0] in _NO_SERVICE_LABELS
        or any(label.startswith("_") for label in labels)
        or labels[-1] in ("arpa", "local")
    )


def _lookups(case: Case, host: str) -> list[Resolved]:
    """The phone's questions for a host, short names completed by its search list included."""
    return [
        item
        for item in case.phone.lookups
        if item.lookup.type in ADDRESS_TYPES
        and (item.lookup.name == host or item.lookup.name.startswith(f"{host}."))
    ]


def _failing(
    case: Case, kind: Callable[[list[Resolved]], bool]
) -> Iterator[tuple[_Need, list[Resolved]]]:
    """Needed names that no answer resolved and whose failure is of one kind."""
    for need in _needs(case):
        lookups = _lookups(case, need.host)
        if not lookups or any(item.lookup.addresses for item in lookups):
            continue
        if kind(lookups) and not _was_reached(case, need, lookups):
            yield need, lookups


def _was_reached(case: Case, need: _Need, lookups: list[Resolved]) -> bool:
    """Whether the phone went where only this name leads: the captures lack an answer.

    To CAPF, if its configuration has no other CAPF server; for files, if it asked for the name
    before it had any.
    """
    last = lookups[-1].lookup.asked
    parsed = case.phone.configuration
    if need.what_for == "CAPF" and parsed is not None and len(parsed.capf_servers) == 1:
        return tried_capf(case, last)
    files = case.phone.files
    return need.what_for != "CAPF" and bool(files) and last < files[0].transfer.started


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
    asked = {item.lookup.type for item in lookups}
    empty = {item.lookup.type for item in lookups if item.lookup.rcode == "NOERROR"}
    truncated = any(item.lookup.truncated for item in lookups)
    if _rcodes(lookups) != {"NOERROR"} or asked != empty or truncated:
        return False
    return asked != {"AAAA"} or _asks_no_more(lookups)


def _asks_no_more(lookups: list[Resolved]) -> bool:
    """Whether the phone had the time to ask once more, for another type or a fuller name."""
    last = lookups[-1]
    answered = last.lookup.answered or last.lookup.asked
    return last.sighting.watched_until - answered >= NAME_ANSWER


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
    need: _Need,
    lookups: list[Resolved],
    said: str,
    proofs: tuple[Proof, ...],
) -> Draft:
    source = (
        f"its configuration names it as {need.what_for} server"
        if need.certain
        else "no configuration in the captures says what it is for"
    )
    matters = need.what_for == "CAPF" or not need.certain or not case.phone.attempts
    return Draft(
        code,
        title=f"{said}: {need.host}",
        detail=f"The phone asked {_servers(case, lookups)} for {need.host} ({source}); "
        f"{said[0].lower()}{said[1:]}." + case.whereabouts(item.flow for item in lookups),
        proofs=proofs,
        service=Service.DNS,
        flow=lookups[-1].flow,
        certainty=Certainty.PROVEN if need.certain else Certainty.LIKELY,
        severity=None if matters else Severity.WARNING,
    )


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
