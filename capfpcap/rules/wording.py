"""Words that several rules share: what a server is called, and how its service is started."""

from __future__ import annotations

from capfpcap.flows.service import Service
from capfpcap.rules.case import Case
from capfpcap.vantage.flow import Flow

_NAMES = {
    Service.CAPF: "CAPF",
    Service.TVS: "TVS",
    Service.HTTP: "TFTP over HTTP",
    Service.TFTP: "TFTP",
    Service.DNS: "DNS",
    Service.SIP_TLS: "SIP over TLS",
    Service.SCCP_TLS: "SCCP over TLS",
}

_CAPF = "Cisco Certificate Authority Proxy Function"
_ON_A_NODE = {
    Service.CAPF: _CAPF,
    Service.TVS: "Cisco Trust Verification Service",
    Service.HTTP: "Cisco Tftp",
    Service.TFTP: "Cisco Tftp",
    Service.SIP_TLS: "Cisco CallManager",
    Service.SCCP_TLS: "Cisco CallManager",
}
"""The services of CUCM as ``utils service list`` names them."""


def server_of(case: Case, flow: Flow) -> str:
    """The server end of a flow with its service: ``CAPF at 10.122.138.102:3804``."""
    name = _NAMES.get(flow.service)
    server = case.server(flow)
    return server if name is None else f"{name} at {server}"


def start_remedy(service: Service) -> str | None:
    """What to do where nothing listens on the port of a service; None: what the code says."""
    name = _ON_A_NODE.get(service)
    if service is Service.CAPF:
        return (
            "CAPF runs on the publisher only. If that is the publisher, start it there: 'utils "
            f"service start {_CAPF}' (activate it first under Cisco Unified Serviceability > "
            "Tools > Service Activation). If not, correct the CAPF server that the phone's "
            "configuration names."
        )
    if name is None:
        return None
    return (
        f"Start the service on that node: 'utils service start {name}'. If it runs there, correct "
        "the server that the phone's configuration names."
    )


def restart_remedy(service: Service) -> str | None:
    """What to do where a service listens and says nothing; None: what the code says."""
    name = _ON_A_NODE.get(service)
    if name is None:
        return None
    known = " (CSCub62243)" if service is Service.CAPF else ""
    return (
        f"Restart the service on that node: 'utils service restart {name}'. If it freezes again, "
        f"look for a fixed release{known}."
    )
