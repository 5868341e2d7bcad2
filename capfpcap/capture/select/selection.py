"""Which packets matter: service ports, the second ports of TFTP, and ICMP errors about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.headers.addresses import endpoints
from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.network import open_first_fragments
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.headers.unwrap import unwrap
from capfpcap.capture.keys import Keys, endpoint_keys
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.ports import SIP, TFTP, PortSelection
from capfpcap.capture.records import Records, Times
from capfpcap.capture.select.passed_over import PassedOver
from capfpcap.capture.select.tftp import TftpClients

if TYPE_CHECKING:
    from capfpcap.capture.select.sip_alarms import SipAlarms

Mask = npt.NDArray[np.bool_]

TFTP_REQUESTS = (1, 2)
"""Opcodes of read and write request (RFC 1350)."""
TFTP_DATA = 3
TFTP_ANSWERS = (5, 6)
"""Opcodes of error (RFC 1350) and of accepted options (RFC 2347)."""
TFTP_TRANSFER = (3, 4, 5, 6)
"""Opcodes of all that follows a request: data, acknowledgement, error, accepted options."""
UDP_HEADER = 8
ICMP_ERROR_HEADER = 8
"""Octets before the quoted packet, in ICMP (RFC 792) and ICMPv6 (RFC 4443)."""
ICMP_ERRORS = (3, 4, 11, 12)
"""Destination unreachable, source quench, time exceeded, parameter problem."""
ICMPV6_ERRORS = (1, 2, 3, 4)
"""Destination unreachable, packet too big, time exceeded, parameter problem."""


def port_table(ports: frozenset[int]) -> Mask:
    """A table that says of each port number whether it is one of ``ports``."""
    table = np.zeros(1 << 16, np.bool_)
    table[[port for port in ports if 0 <= port < 1 << 16]] = True
    return table


def _begins_transfer(octets: Octets, packets: Packets, rows: Places) -> Mask:
    """Which datagrams are what a TFTP server answers first: block 1, options or an error."""
    at = packets.at[rows]
    whole = packets.end[rows] - at >= UDP_HEADER + 4
    opcode, block = octets.u16(at, UDP_HEADER), octets.u16(at, UDP_HEADER + 2)
    first: Mask = np.isin(opcode, TFTP_ANSWERS) | ((opcode == TFTP_DATA) & (block == 1))
    return whole & first


def _of_transfer(octets: Octets, packets: Packets, rows: Places) -> Places:
    """Those of some datagrams that look like what follows a TFTP request.

    The first octet of nearly all others, such as RTP's, tells.
    """
    rows = rows[octets.u8(packets.at[rows], UDP_HEADER) == 0]
    opcode = octets.u8(packets.at[rows], UDP_HEADER + 1)
    rows = rows[(opcode >= TFTP_TRANSFER[0]) & (opcode <= TFTP_TRANSFER[-1])]
    return rows[packets.end[rows] - packets.at[rows] >= UDP_HEADER + 4]


class Conversations(Struct, frozen=True):
    """Packets of one transport protocol with their ports; one entry a packet."""

    packets: Packets
    rows: Places
    """Indices into the packets of the window that these were taken from."""
    source_port: npt.NDArray[np.uint16]
    destination_port: npt.NDArray[np.uint16]


def with_ports(octets: Octets, packets: Packets, rows: Places) -> Conversations:
    """Those of ``rows`` whose port fields were captured."""
    chosen = rows[packets.end[rows] - packets.at[rows] >= 4]
    at = packets.at[chosen]
    return Conversations(packets, chosen, octets.u16(at), octets.u16(at, 2))


class Requests(Struct, frozen=True):
    """TFTP requests: the clients that made them, and when; one entry a request."""

    clients: Keys
    times: Times

    @staticmethod
    def none() -> Requests:
        """As of a window without any."""
        return Requests(np.empty(0, np.uint64), np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.clients)


class Selector:
    """Decides packet by packet; remembers TFTP clients from one window to the next."""

    def __init__(self, ports: PortSelection, addresses: AddressTable) -> None:
        self._tcp = port_table(ports.all_tcp)
        self._udp = port_table(ports.udp)
        self._addresses = addresses
        self._clients = TftpClients()
        self._alarms: SipAlarms | None = None
        self.passed_over: PassedOver | None = None
        """Where there is one, it takes what would matter if it were a TFTP client's."""
        self.requests = Requests.none()
        """Those of the packets that were looked at last."""
        self.unclaimed: Places = np.empty(0, np.int64)
        """Of the same, by their indices, what looks like TFTP that nobody has asked for."""

    @property
    def clients(self) -> Keys:
        """The endpoints at which TFTP clients await answers now."""
        return self._clients.endpoints

    def select(self, records: Records, octets: Octets, packets: Packets) -> Places:
        """Indices of the packets that matter, ascending."""
        chosen = np.zeros(len(packets), np.bool_)
        tcp = with_ports(octets, packets, np.flatnonzero(packets.layer == Layer.TCP))
        chosen[tcp.rows] = self._tcp[tcp.source_port] | self._tcp[tcp.destination_port]
        udp = with_ports(octets, packets, np.flatnonzero(packets.layer == Layer.UDP))
        chosen[udp.rows] = self._udp[udp.source_port] | self._udp[udp.destination_port]
        self.requests = self._follow_tftp(records, octets, udp, chosen)
        transferred = _of_transfer(octets, packets, udp.rows)
        self.unclaimed = transferred[~chosen[transferred]]
        self._note_passed_over(octets, udp, chosen)
        self._keep_errors(octets, packets, chosen)
        self._keep_alarms(records, octets, tcp, udp, chosen)
        return np.flatnonzero(chosen)

    def _follow_tftp(
        self, records: Records, octets: Octets, udp: Conversations, chosen: Mask
    ) -> Requests:
        """Keeps the packets to and from the ports at which TFTP clients await their answers."""
        requests = self._requests(octets, udp)
        if len(requests):
            self._clients.expect(udp.source_port[requests])
        elif not self._clients:
            return Requests.none()
        maybe = self._clients.ports[udp.source_port] | self._clients.ports[udp.destination_port]
        near = np.flatnonzero(maybe)
        if len(near) == 0:
            return Requests.none()
        packets = udp.packets
        rows = udp.rows[near]
        from_keys, to_keys = self._endpoint_keys(octets, udp, near)
        is_request = np.isin(near, requests, assume_unique=True)
        times = records.times(packets.record[rows])
        belongs, early = self._clients.follow(from_keys, to_keys, is_request, times)
        chosen[rows] |= belongs
        if len(early):
            chosen[rows[early[_begins_transfer(octets, packets, rows[early])]]] = True
        return Requests(from_keys[is_request], times[is_request])

    def _note_passed_over(self, octets: Octets, udp: Conversations, chosen: Mask) -> None:
        if self.passed_over is not None:
            for keys in self._endpoint_keys(octets, udp, np.flatnonzero(~chosen[udp.rows])):
                self.passed_over.add(keys)

    def _endpoint_keys(
        self, octets: Octets, udp: Conversations, chosen: Places
    ) -> tuple[Keys, Keys]:
        """Both ends of the ``chosen`` ones among ``udp``."""
        network_at = udp.packets.network_at[udp.rows[chosen]]
        source, destination = endpoints(octets, network_at, self._addresses)
        return (
            endpoint_keys(source, udp.source_port[chosen]),
            endpoint_keys(destination, udp.destination_port[chosen]),
        )

    @staticmethod
    def _requests(octets: Octets, udp: Conversations) -> Places:
        """Indices into ``udp`` of the read and write requests."""
        asked = np.flatnonzero(udp.destination_port == TFTP)
        at = udp.packets.at[udp.rows[asked]]
        whole = udp.packets.end[udp.rows[asked]] - at >= UDP_HEADER + 2
        opcode = octets.u16(at, UDP_HEADER)
        return asked[whole & np.isin(opcode, TFTP_REQUESTS)]

    def _keep_alarms(
        self, records: Records, octets: Octets, tcp: Conversations, udp: Conversations, chosen: Mask
    ) -> None:
        """Keeps the alarms that phones send by SIP in the clear."""
        datagrams = np.flatnonzero(udp.destination_port == SIP)
        segments = np.flatnonzero(tcp.destination_port == SIP)
        if self._alarms is None and (len(datagrams) or len(segments)):
            from capfpcap.capture.select.sip_alarms import SipAlarms  # noqa: PLC0415 - SIP alone

            self._alarms = SipAlarms(self._addresses)
        if self._alarms is None:
            return
        if len(datagrams):
            rows, ports = udp.rows[datagrams], udp.source_port[datagrams]
            chosen[self._alarms.datagrams(octets, udp.packets, rows, ports)] = True
        if len(segments):
            rows, ports = tcp.rows[segments], tcp.source_port[segments]
            chosen[self._alarms.segments(records, octets, tcp.packets, rows, ports)] = True
        self._alarms.expire(records)

    @property
    def waits_for_alarm(self) -> bool:
        """Whether an alarm has begun of which more may come."""
        return self._alarms is not None and self._alarms.waiting

    def _keep_errors(self, octets: Octets, packets: Packets, chosen: Mask) -> None:
        """Keeps the ICMP errors that quote a packet which matters."""
        for layer, errors, network in (
            (Layer.ICMP, ICMP_ERRORS, Layer.IPV4),
            (Layer.ICMPV6, ICMPV6_ERRORS, Layer.IPV6),
        ):
            rows = np.flatnonzero(packets.layer == layer)
            if len(rows) == 0:
                continue
            whole = packets.end[rows] - packets.at[rows] >= ICMP_ERROR_HEADER
            rows = rows[whole & np.isin(octets.u8(packets.at[rows]), errors)]
            quoted = self._quoted(octets, packets, rows, network)
            chosen[quoted.record[self._matters(octets, quoted)]] = True

    @staticmethod
    def _quoted(octets: Octets, packets: Packets, rows: Places, network: int) -> Packets:
        """The packets that the errors ``rows`` quote; their ``record`` is the row of the error."""
        layer = np.full(len(rows), network, np.uint16)
        at = packets.at[rows] + ICMP_ERROR_HEADER
        quoted = Packets.standing_at(rows, layer, at, packets.end[rows])
        unwrap(octets, quoted)
        open_first_fragments(octets, quoted)
        return quoted

    def count_relevant(self, packets: list[bytes]) -> int:
        """How many IP packets, of which the beginnings are given, would matter."""
        octets = Octets.over(b"".join(packets))
        ends = np.cumsum([len(packet) for packet in packets])
        starts = ends - [len(packet) for packet in packets]
        layer = np.full(len(packets), Layer.RAW_IP, np.uint16)
        parsed = Packets.standing_at(np.arange(len(packets)), layer, starts, ends)
        unwrap(octets, parsed)
        open_first_fragments(octets, parsed)
        return int(np.count_nonzero(self._matters(octets, parsed)))

    def _matters(self, octets: Octets, quoted: Packets) -> Mask:
        """Which quoted packets are of a selected port or of a TFTP client."""
        matters = np.zeros(len(quoted), np.bool_)
        tcp = with_ports(octets, quoted, np.flatnonzero(quoted.layer == Layer.TCP))
        matters[tcp.rows] = self._tcp[tcp.source_port] | self._tcp[tcp.destination_port]
        udp = with_ports(octets, quoted, np.flatnonzero(quoted.layer == Layer.UDP))
        matters[udp.rows] = self._udp[udp.source_port] | self._udp[udp.destination_port]
        maybe = self._clients.ports[udp.source_port] | self._clients.ports[udp.destination_port]
        near = np.flatnonzero(maybe)
        from_keys, to_keys = self._endpoint_keys(octets, udp, near)
        matters[udp.rows[near]] |= self._clients.known(from_keys) | self._clients.known(to_keys)
        self._note_passed_over(octets, udp, matters)
        return matters
