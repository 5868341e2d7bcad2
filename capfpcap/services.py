"""The services that a phone uses, a row each: all that is known of one beside what it says.

A new service is a row here, and what reads it where no :class:`Reader` does yet. What only one
room asks of a service follows from its purpose, so that a new row is in its place everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from msgspec import Struct

DNS_PORT = 53
TFTP_PORT = 69
CAPF_PORT = 3804
"""Unless the phone's configuration names another port (``phonePort``)."""


class Purpose(Enum):
    """What a phone uses a service for, in the order of an enrolment."""

    __hash__ = object.__hash__

    NAMES = auto()
    FILES = auto()
    TRUST = auto()
    """To have a certificate verified that its trust list does not hold."""
    ENROLMENT = auto()
    REGISTRATION = auto()
    """With call processing: what fails there is no failure of the enrolment."""
    OTHER = auto()


class Reader(Enum):
    """What makes exchanges of a flow's packets (``timeline/conversation.py``)."""

    __hash__ = object.__hash__

    DNS = auto()
    TFTP = auto()
    HTTP = auto()
    TLS = auto()
    STREAM = auto()
    """Of TCP the connection alone; what is said in it is read where events are asked for
    (``timeline/events.py``)."""


class Facts(Struct, frozen=True, kw_only=True):
    """One row."""

    purpose: Purpose
    reader: Reader
    lane: str
    """The title of its server's lane on a ladder."""
    title: str | None
    """Its name in a sentence; None where nothing is known but a port."""
    tcp: int | None = None
    udp: int | None = None
    node_service: str | None = None
    """The service of CUCM behind it, as ``utils service list`` names it."""
    needed: bool = False
    """Whether no phone enrols without it: files may have come before, names may be addresses."""
    long_lived: bool = False
    """Whether its connections stay open, so that silence in one tells nothing."""


class Service(Enum):
    """A service by the name that it has in reports; ``facts`` is its row.

    In order of precedence: where both ports of a packet are some service's, the earlier wins.
    """

    facts: Facts
    _value_: str

    def __new__(cls, name: str, facts: Facts) -> Service:
        """A member whose value is the name alone."""
        member = object.__new__(cls)
        member._value_ = name
        member.facts = facts
        return member

    __hash__ = object.__hash__
    """By identity: the hash that enumerations have is written in Python, and flows ask often."""

    CAPF = (
        "capf",
        Facts(
            purpose=Purpose.ENROLMENT,
            reader=Reader.TLS,
            lane="CAPF",
            title="CAPF",
            tcp=CAPF_PORT,
            node_service="Cisco Certificate Authority Proxy Function",
            needed=True,
        ),
    )
    TVS = (
        "tvs",
        Facts(
            purpose=Purpose.TRUST,
            reader=Reader.TLS,
            lane="TVS",
            title="TVS",
            tcp=2445,
            node_service="Cisco Trust Verification Service",
        ),
    )
    HTTP = (
        "http",
        Facts(
            purpose=Purpose.FILES,
            reader=Reader.HTTP,
            lane="HTTP",
            title="TFTP over HTTP",
            tcp=6970,
            node_service="Cisco Tftp",
        ),
    )
    SIP_TLS = (
        "sip-tls",
        Facts(
            purpose=Purpose.REGISTRATION,
            reader=Reader.TLS,
            lane="SIP/TLS",
            title="SIP over TLS",
            tcp=5061,
            node_service="Cisco CallManager",
            long_lived=True,
        ),
    )
    SCCP_TLS = (
        "sccp-tls",
        Facts(
            purpose=Purpose.REGISTRATION,
            reader=Reader.TLS,
            lane="SCCP/TLS",
            title="SCCP over TLS",
            tcp=2443,
            node_service="Cisco CallManager",
            long_lived=True,
        ),
    )
    DNS = (
        "dns",
        Facts(
            purpose=Purpose.NAMES,
            reader=Reader.DNS,
            lane="DNS",
            title="DNS",
            tcp=DNS_PORT,
            udp=DNS_PORT,
        ),
    )
    TFTP = (
        "tftp",
        Facts(
            purpose=Purpose.FILES,
            reader=Reader.TFTP,
            lane="TFTP",
            title="TFTP",
            udp=TFTP_PORT,
            node_service="Cisco Tftp",
        ),
    )
    OTHER = (
        "other",
        Facts(
            purpose=Purpose.OTHER,
            reader=Reader.STREAM,
            lane="other",
            title=None,
        ),
    )
    """A protocol that a dissector of another distribution reads, on the ports that it names."""


def used_for(*purposes: Purpose) -> frozenset[Service]:
    """The services for any of some purposes."""
    return frozenset(service for service in Service if service.facts.purpose in purposes)


def read_as(reader: Reader) -> tuple[Service, ...]:
    """The services that are read in one way, by precedence."""
    return tuple(service for service in Service if service.facts.reader is reader)


def in_order(purposes: Sequence[Purpose]) -> tuple[Service, ...]:
    """The services for some purposes, in the order of these; those over UDP first."""
    services = used_for(*purposes)
    ranked = {
        service: (purposes.index(service.facts.purpose), service.facts.udp is None)
        for service in Service
        if service in services
    }
    return tuple(sorted(ranked, key=ranked.__getitem__))


UNTIL_ENROLMENT = in_order((Purpose.NAMES, Purpose.FILES, Purpose.TRUST, Purpose.ENROLMENT))
"""What a phone uses on its way to a certificate, in this order."""
