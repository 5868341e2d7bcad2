"""The scripts of phones that enrol with CAPF, and of those that fail to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import TypeAlias

from benchmarks.cluster import (
    MISSPELT_NAME,
    NAME_SERVER,
    PUBLISHER,
    PUBLISHER_NAME,
    SUBSCRIBER,
    Cluster,
    Vantage,
    packed,
    phone,
    server,
)
from benchmarks.scripts import AT_ONCE, MILLISECOND, PATH, SECOND, Gap, Script, TcpConnection, port
from benchmarks.templates import Quantity, Template, Values, hole, number
from benchmarks.tls_sessions import Flavour, SessionMask, Side, record_session

DNS_PORT = 53
TFTP_PORT = 69
CAPF_PORT = 3804
BLOCK_SIZE = 512
"""Octets of a TFTP block where no option changes it (RFC 1350)."""
FILE_NOT_FOUND = b"\0\x05\0\x01File not found\0"
ATTEMPTS = 3
RETRY = Gap(30 * SECOND, 0.01)
"""How long a phone waits before it tries CAPF again."""
KEY_GENERATION = Gap(6 * SECOND, 0.5)
SYN_TIMERS = (1, 2, 4)
"""Seconds between a SYN and the next (RFC 6298: one second, doubled each time)."""

INSTALL = [
    (Side.SERVER, 16),
    (Side.CLIENT, 39),
    (Side.SERVER, 17),
    (Side.CLIENT, 8),
    (Side.CLIENT, 305),
    (Side.SERVER, 968),
    (Side.CLIENT, 12),
    (Side.SERVER, 12),
]
"""Octets of the CAPF messages of an RSA-2048 installation, from AUTH_REQUEST to END_SESSION."""
IN_PROGRESS = 3
"""Which message the key generation follows."""
TOO_LATE = [(Side.SERVER, 16), (Side.CLIENT, 39), (Side.SERVER, 12)]
"""An operation past its deadline: END_SESSION follows the authentication."""

Filler: TypeAlias = Callable[[Values], None]
"""Adds to a group's values what follows from them."""


class Outcome(Enum):
    """How a phone's enrolment ends."""

    INSTALLED = "installed"
    TOO_LATE = "too-late"
    MISMATCH = "mismatch"
    """The trust list names CAPF's former certificate."""
    UNANSWERED = "unanswered"
    REFUSED = "refused"
    """The configuration names a host on which no CAPF runs."""
    NAME_UNKNOWN = "name-unknown"


def enrolment(
    cluster: Cluster,
    outcome: Outcome,
    flavour: Flavour,
    vlan: int | None = None,
    vantage: Vantage = Vantage.PHONES,
) -> Script:
    """The script of a phone, from its first file to the end that ``outcome`` names."""
    script = Script(phone(vantage), server(PUBLISHER, vantage), vlan)
    _load_files(script, cluster, outcome)
    _end(script, outcome, cluster, flavour)
    return script


def installation(
    cluster: Cluster, flights: list[tuple[Side, Template]], messages: int, fill: Filler
) -> Script:
    """The script of a phone whose session is given; ``fill`` gives each its own octets of it."""
    script = Script(phone(Vantage.PHONES), server(PUBLISHER, Vantage.PHONES))
    _load_files(script, cluster, Outcome.INSTALLED)
    carry_session(script, flights, messages)
    sign = script.prepare

    def prepare(values: Values) -> None:
        if sign is not None:
            sign(values)
        fill(values)

    script.prepare = prepare
    return script


def _load_files(script: Script, cluster: Cluster, outcome: Outcome) -> None:
    mismatch = outcome is Outcome.MISMATCH
    capf_host = _capf_host(outcome)
    configuration = cluster.configuration(capf_host)
    script.prepare = configuration.sign
    device = hole(Quantity.DEVICE, 12)
    transfers = _Transfers(script)
    transfers.missing(b"CTLSEP" + device + b".tlv")
    transfers.missing(b"ITLSEP" + device + b".tlv")
    listed = cluster.former_capf if mismatch else cluster.capf
    transfers.load(Template(b"ITLFile.tlv"), Template(cluster.trust_list(listed)))
    transfers.load(b"SEP" + device + b".cnf.xml.sgn", configuration.file)
    if outcome is not Outcome.REFUSED:
        _ask_name(script, capf_host, known=outcome is not Outcome.NAME_UNKNOWN)


def _capf_host(outcome: Outcome) -> str:
    if outcome is Outcome.REFUSED:
        return SUBSCRIBER
    return MISSPELT_NAME if outcome is Outcome.NAME_UNKNOWN else PUBLISHER_NAME


class _Transfers:
    """The TFTP transfers of one phone, each from ports of its own."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._count = 0

    def missing(self, name: Template) -> None:
        """Ask for a file that is not there."""
        ports = self._request(name)
        self._script.udp(Side.SERVER, ports, Template(FILE_NOT_FOUND), PATH)

    def load(self, name: Template, content: Template) -> None:
        """Load a whole file; the last block is short, and empty if it must be."""
        ports = self._request(name)
        blocks = [*content.pieces(BLOCK_SIZE)]
        if len(content) % BLOCK_SIZE == 0:
            blocks.append(Template(b""))
        for count, block in enumerate(blocks, start=1):
            at = count.to_bytes(2, "big")
            self._script.udp(Side.SERVER, ports, b"\0\x03" + at + block, PATH)
            self._script.udp(Side.CLIENT, ports, Template(b"\0\x04" + at), AT_ONCE)

    def _request(self, name: Template) -> tuple[Template, Template]:
        client = number(Quantity.CLIENT_PORT, 2, 100 + self._count)
        transfer = number(Quantity.TRANSFER_PORT, 2, self._count)
        self._count += 1
        request = b"\0\x01" + name + b"\0octet\0"
        self._script.udp(Side.CLIENT, (client, port(TFTP_PORT)), request, Gap(20 * MILLISECOND))
        return client, transfer


def _ask_name(script: Script, name: str, *, known: bool) -> None:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    question = labels + b"\0\0\x01\0\x01"
    identifier = number(Quantity.QUERY_IDENTIFIER, 2)
    query = identifier + b"\x01\0\0\x01\0\0\0\0\0\0" + question
    if known:
        record = b"\xc0\x0c\0\x01\0\x01\0\0\x0e\x10\0\x04" + packed(PUBLISHER)
        answer = identifier + b"\x85\x80\0\x01\0\x01\0\0\0\0" + question + record
    else:
        answer = identifier + b"\x85\x83\0\x01\0\0\0\0\0\0" + question
    ports = number(Quantity.CLIENT_PORT, 2, 200), port(DNS_PORT)
    tftp, script.server = script.server, server(NAME_SERVER)
    script.udp(Side.CLIENT, ports, query, Gap(30 * MILLISECOND))
    script.udp(Side.SERVER, ports, answer, PATH)
    script.server = tftp


def _end(script: Script, outcome: Outcome, cluster: Cluster, flavour: Flavour) -> None:
    match outcome:
        case Outcome.INSTALLED:
            _session(script, cluster, flavour, INSTALL)
        case Outcome.TOO_LATE:
            _session(script, cluster, flavour, TOO_LATE)
        case Outcome.MISMATCH:
            _mismatch(script, cluster, flavour)
        case Outcome.UNANSWERED:
            _unanswered(script)
        case Outcome.REFUSED:
            _refused(script)
        case Outcome.NAME_UNKNOWN:
            pass


def _session(
    script: Script, cluster: Cluster, flavour: Flavour, data: list[tuple[Side, int]]
) -> None:
    """A CAPF session that ends as CUCM's do: the phone's alert and FIN, the server's RST."""
    flights = record_session(flavour, cluster.capf, cluster.capf, data)
    mask = SessionMask(script.opaque)
    carry_session(script, [(each.sender, mask.template(each)) for each in flights], len(data))


def carry_session(script: Script, flights: list[tuple[Side, Template]], messages: int) -> None:
    """The TCP connection of a session in whose last flights but one are so many messages."""
    connection = TcpConnection(script, CAPF_PORT)
    connection.open()
    handshake, (_, closing) = flights[: -messages - 1], flights[-1]
    for sender, octets in handshake:
        connection.send(sender, octets, PATH)
    for at, (sender, octets) in enumerate(flights[len(handshake) : -1]):
        generated = at == IN_PROGRESS + 1
        gap = KEY_GENERATION if generated else replace(PATH, median=20 * MILLISECOND)
        connection.send(sender, octets, gap)
        if at == IN_PROGRESS:
            connection.acknowledge(Side.SERVER)
    connection.finish(Side.SERVER)
    connection.send(Side.CLIENT, closing, PATH)
    connection.finish(Side.CLIENT)
    connection.reset(Side.SERVER)


def _mismatch(script: Script, cluster: Cluster, flavour: Flavour) -> None:
    flights = record_session(flavour, cluster.capf, cluster.former_capf, [])
    for attempt in range(ATTEMPTS):
        connection = TcpConnection(script, CAPF_PORT, attempt)
        connection.open(RETRY if attempt else AT_ONCE)
        mask = SessionMask(script.opaque)
        for flight in flights:
            connection.send(flight.sender, mask.template(flight), PATH)
        connection.finish(Side.CLIENT)
        connection.finish(Side.SERVER, PATH)
        connection.acknowledge(Side.CLIENT)


def _unanswered(script: Script) -> None:
    for attempt in range(ATTEMPTS):
        connection = TcpConnection(script, CAPF_PORT, attempt)
        connection.syn(RETRY if attempt else AT_ONCE, filtered=True)
        for seconds in SYN_TIMERS:
            connection.syn(Gap(seconds * SECOND, 0.001), filtered=True)


def _refused(script: Script) -> None:
    script.server = server(SUBSCRIBER)
    for attempt in range(ATTEMPTS):
        connection = TcpConnection(script, CAPF_PORT, attempt)
        connection.syn(RETRY if attempt else AT_ONCE)
        connection.refuse()
