"""Captures of conversations that no honest phone and server would have."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.capture.builder import PHONE, SERVER, Packet, ethernet, ipv4, pcap, udp

CAPF, DNS, TFTP, HTTP = 3804, 53, 69, 6970
TCP, UDP = 6, 17
SYN, ACK, FIN, PUSH = 0x02, 0x10, 0x01, 0x08
STEP = 1_000_000
"""Nanoseconds from one packet to the next."""
MAX_SEGMENT = 1400


@dataclass
class Wire:
    """What a capture recorded so far, between one phone and one server."""

    packets: list[Packet] = field(default_factory=list)
    time: int = 1_760_000_000_000_000_000

    def pcap(self) -> bytes:
        return pcap(self.packets)

    def frame(self, transport: bytes, protocol: int, from_phone: bool, phone: str = PHONE) -> None:
        ends = (phone, SERVER) if from_phone else (SERVER, phone)
        data = ethernet(ipv4(transport, protocol, *ends))
        self.time += STEP
        self.packets.append(Packet(data, self.time))

    def datagram(
        self,
        payload: bytes,
        phone_port: int,
        server_port: int,
        from_phone: bool,
        phone: str = PHONE,
    ) -> None:
        ports = (phone_port, server_port) if from_phone else (server_port, phone_port)
        self.frame(udp(payload, *ports), UDP, from_phone, phone)

    def segment(
        self,
        payload: bytes,
        sequence: int,
        acknowledgement: int,
        flags: int,
        from_phone: bool,
        *,
        ports: tuple[int, int] = (50000, CAPF),
    ) -> None:
        """``ports`` are the phone's and the server's."""
        phone_port, server_port = ports
        between = (phone_port, server_port) if from_phone else (server_port, phone_port)
        head = struct.pack(
            ">HHIIBBHHH",
            *between,
            sequence & 0xFFFFFFFF,
            acknowledgement & 0xFFFFFFFF,
            0x50,
            flags,
            8192,
            0,
            0,
        )
        self.frame(head + payload, TCP, from_phone)

    def handshake(self, phone_port: int = 50000, server_port: int = CAPF) -> None:
        """SYN from 999, SYN-ACK from 4999: the streams begin at 1000 and 5000."""
        ports = phone_port, server_port
        self.segment(b"", 999, 0, SYN, True, ports=ports)
        self.segment(b"", 4999, 1000, SYN | ACK, False, ports=ports)
        self.segment(b"", 1000, 5000, ACK, True, ports=ports)

    def connection(
        self, request: bytes, response: bytes, phone_port: int = 50000, server_port: int = CAPF
    ) -> None:
        """A whole connection: the phone says ``request``, then the server ``response``."""
        ports = phone_port, server_port
        self.handshake(*ports)
        for at in range(0, len(request), MAX_SEGMENT):
            self.segment(request[at : at + MAX_SEGMENT], 1000 + at, 5000, ACK, True, ports=ports)
        behind = 1000 + len(request)
        for at in range(0, len(response), MAX_SEGMENT):
            self.segment(
                response[at : at + MAX_SEGMENT], 5000 + at, behind, ACK, False, ports=ports
            )
        self.segment(b"", 5000 + len(response), behind, FIN | ACK, False, ports=ports)
        self.segment(b"", behind, 5001 + len(response), FIN | ACK, True, ports=ports)

    def question(self, name: bytes, phone_port: int = 40000, identifier: int = 1) -> None:
        """A query for the address of an encoded name."""
        head = struct.pack(">HHHHHH", identifier, 0x0100, 1, 0, 0, 0)
        self.datagram(head + name + b"\0\1\0\1", phone_port, DNS, True)

    def answer(
        self, name: bytes, rcode: int = 0, phone_port: int = 40000, identifier: int = 1
    ) -> None:
        """The server's answer to it, without an address."""
        head = struct.pack(">HHHHHH", identifier, 0x8180 | rcode, 1, 0, 0, 0)
        self.datagram(head + name + b"\0\1\0\1", phone_port, DNS, False)

    def file_request(self, name: bytes, phone_port: int = 41000, phone: str = PHONE) -> None:
        self.datagram(b"\0\1" + name + b"\0octet\0", phone_port, TFTP, True, phone)

    def file_block(self, block: int, data: bytes, phone_port: int = 41000) -> None:
        """A block, and its acknowledgement."""
        number = struct.pack(">H", block & 0xFFFF)
        self.datagram(b"\0\3" + number + data, phone_port, 32000, False)
        self.datagram(b"\0\4" + number, phone_port, 32000, True)

    def file(self, name: bytes, content: bytes, phone_port: int = 41000) -> None:
        """A whole transfer in blocks of 512 octets."""
        self.file_request(name, phone_port)
        for block, at in enumerate(range(0, len(content) + 1, 512), 1):
            self.file_block(block, content[at : at + 512], phone_port)

    def file_error(self, code: int, text: bytes, phone_port: int = 41000) -> None:
        self.datagram(struct.pack(">HH", 5, code) + text + b"\0", phone_port, 32000, False)


def dns_name(*labels: bytes) -> bytes:
    """A name as it is encoded, each label at most 63 octets."""
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def tls_records(content_type: int, data: bytes, size: int = 16384) -> bytes:
    """Octets of one content type in records of TLS 1.2."""
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(struct.pack(">BHH", content_type, 0x0303, len(part)) + part for part in parts)


def vector(data: bytes, width: int) -> bytes:
    """A vector behind its length."""
    return len(data).to_bytes(width, "big") + data


def handshake_message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + vector(body, 3)


def client_hello(server_name: bytes = b"") -> bytes:
    """A ClientHello of TLS 1.2 in its record."""
    extensions = b""
    if server_name:
        names = vector(b"\0" + vector(server_name, 2), 2)
        extensions = vector(b"\0\0" + vector(names, 2), 2)
    body = b"\3\3" + bytes(32) + vector(b"", 1) + vector(b"\0\x2f\0\x35", 2) + b"\1\0" + extensions
    return tls_records(22, handshake_message(1, body))


def server_flight(certificates: Iterable[bytes]) -> bytes:
    """ServerHello, Certificate and ServerHelloDone of TLS 1.2 in their records."""
    chain = vector(b"".join(vector(certificate, 3) for certificate in certificates), 3)
    hello = b"\3\3" + bytes(32) + vector(b"", 1) + b"\0\x2f\0"
    messages = handshake_message(2, hello) + handshake_message(11, chain)
    return tls_records(22, messages + handshake_message(14, b""))


FATAL_UNKNOWN_CA = tls_records(21, b"\2\x30")
