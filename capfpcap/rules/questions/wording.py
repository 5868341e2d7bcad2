"""Words that several rules share: what a server is called, and how its service is started."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from capfpcap.rules.model.case import Case
from capfpcap.services import Service
from capfpcap.vantage.flow import Flow

MAX_NAMED = 3
"""Phones, hosts or files that a sentence names; the others are counted."""


def server_of(case: Case, flow: Flow) -> str:
    """The server end of a flow with its service: ``CAPF at 10.122.138.102:3804``."""
    name = flow.service.facts.title
    server = case.server(flow)
    return server if name is None else f"{name} at {server}"


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them, each once: ``a, b and c``."""
    *others, last = dict.fromkeys(names)
    return f"{', '.join(others)} and {last}" if others else last


def first_ones(named: Sequence[str], mark: str = ",") -> str:
    """The first of those that a sentence names, and how many more there are."""
    shown, more = f"{mark} ".join(named[:MAX_NAMED]), len(named) - MAX_NAMED
    return f"{shown}{mark.rstrip(',')} and {more} more" if more > 0 else shown


def in_its_place(flow: Flow) -> str:
    """The end of a sentence on who seems to answer in a server's place; empty where nobody does."""
    if not flow.unshown_at:
        return ""
    place = flow.unshown_at[0].name
    return (
        f". The capture {place} shows nothing of this connection, though it shows other traffic "
        f"between the two: something before {place} answers in the server's name (a proxy, or a "
        "firewall), unless that capture leaves this port out."
    )


def start_remedy(service: Service) -> str | None:
    """What to do where nothing listens on the port of a service; None: what the code says."""
    name = service.facts.node_service
    if service is Service.CAPF:
        return (
            "CAPF runs on the publisher only. If that is the publisher, start it there: 'utils "
            f"service start {name}' (activate it first under Cisco Unified Serviceability > "
            "Tools > Service Activation). If not, correct the CAPF server that the phone's "
            "configuration names."
        )
    if name is None:
        return None
    return (
        f"Start the service on that node: 'utils service start {name}'. If it runs there, correct "
        "the server that the phone's configuration names."
    )


def accept_remedy(service: Service, port: int) -> str:
    """What to do where requests reach a server's host and nothing answers them."""
    name = service.facts.node_service
    restart = f" If neither tells, 'utils service restart {name}'." if name else ""
    return (
        f"On that node: does it listen ('show open ports regexp {port}'), and does a filter drop "
        f"the port ('utils firewall ipv4 list')?{restart}"
    )


def log_remedy(service: Service, *, from_client: bool) -> str:
    """Where to look for the reason for which one side ended a connection."""
    if from_client:
        return "Look at the phone's console log and status messages at that moment."
    trace = " (CAPF's trace: 'file list activelog cm/trace/capf/sdi')"
    return f"Look at the server's log at that moment{trace if service is Service.CAPF else ''}."


def restart_remedy(service: Service) -> str | None:
    """What to do where a service listens and says nothing; None: what the code says."""
    name = service.facts.node_service
    if name is None:
        return None
    known = " (CSCub62243)" if service is Service.CAPF else ""
    return (
        f"Restart the service on that node: 'utils service restart {name}'. If it freezes again, "
        f"look for a fixed release{known}."
    )
