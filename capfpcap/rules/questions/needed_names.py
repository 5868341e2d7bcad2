"""The names that a phone must resolve, and what it asked for each."""

from __future__ import annotations

import ipaddress

from msgspec import Struct

from capfpcap.enrolment.phone import Resolved
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.screen import NameOf
from capfpcap.rules.questions.after_load import tried_capf
from capfpcap.timeline.lookup import ADDRESS_TYPES
from capfpcap.vantage.flow import Flow

_NO_SERVICE_LABELS = frozenset({"wpad", "isatap", "localhost", "local"})


class Need(Struct, frozen=True):
    """A host name that the phone needs."""

    host: str
    name_of: NameOf
    certain: bool
    """A configuration in the captures names it."""


def needed_names(case: Case) -> list[Need]:
    """The names that the phone's configuration holds; without one, what it asked for in vain."""
    needs: dict[str, Need] = {}
    for loaded in case.phone.configurations:
        parsed = loaded.configuration
        if parsed is None:
            continue
        hosts = [(server.host, NameOf.CAPF) for server in parsed.capf_servers]
        hosts += [(server.host, NameOf.TVS) for server in parsed.tvs_servers]
        hosts += [(server.host, NameOf.CUCM) for server in parsed.call_managers]
        for host, name_of in hosts:
            name = host.strip().rstrip(".").lower()
            if name and not is_address(name):
                needs.setdefault(name, Need(name, name_of, certain=True))
    if needs or case.phone.attempts or case.phone.configuration is not None:
        return list(needs.values())
    asked = {
        item.lookup.name
        for item in case.phone.lookups
        if item.lookup.type in ADDRESS_TYPES and may_be_a_server(item.lookup.name)
    }
    return [Need(name, NameOf.UNKNOWN, certain=False) for name in sorted(asked)]


def is_address(text: str) -> bool:
    """Whether a host is given as an IPv4 or IPv6 address, not by name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def may_be_a_server(name: str) -> bool:
    """Whether a name could be a CUCM node's: no service discovery, no reverse lookup."""
    labels = name.split(".")
    return not (
        labels[0] in _NO_SERVICE_LABELS
        or any(label.startswith("_") for label in labels)
        or labels[-1] in ("arpa", "local")
    )


def lookups_of(case: Case, host: str) -> list[Resolved]:
    """The phone's questions for a host, short names completed by its search list included."""
    return case.asked_names.of(host)


def was_reached(case: Case, need: Need, lookups: list[Resolved]) -> bool:
    """Whether the phone went where only this name leads: the captures lack an answer.

    To CAPF, if its configuration has no other CAPF server; for files, if it asked for the name
    before it had any.
    """
    last = lookups[-1].lookup.asked
    parsed = case.phone.configuration
    if need.name_of is NameOf.CAPF and parsed is not None and len(parsed.capf_servers) == 1:
        return tried_capf(case, last)
    files = case.phone.files
    return need.name_of is not NameOf.CAPF and bool(files) and last < files[0].transfer.started


def asks_for_a_needed_name(case: Case, flow: Flow) -> bool:
    """Whether a DNS flow asks for a name that the phone needs and did not do without."""
    for need in needed_names(case):
        lookups = lookups_of(case, need.host)
        asked_here = any(item.flow is flow for item in lookups)
        if asked_here and not was_reached(case, need, lookups):
            return True
    return False
