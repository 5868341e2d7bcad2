"""How a phone finds a host and fetches a file: DNS, TFTP, HTTP on 6970."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import secrets
import socket
import struct

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from captures.lab.knobs import Phone

TFTP_PORT = 69
HTTP_PORT = 6970
DNS_PORT = 53
FIRST_EPHEMERAL_PORT = 49152
BLOCK_SIZE = 512
HTTP_SECONDS = 5.0
MAXIMUM_DATAGRAM = 65535


class NotServed(Exception):  # noqa: N818 - an answer, not an error
    """The server said that it has no such file."""


class NoAnswer(Exception):  # noqa: N818
    """Every try was in vain."""


def resolve(phone: Phone, server: str, name: str) -> list[str]:
    """Ask for a name's addresses as the phone does; an address is its own answer.

    Raises:
        NoAnswer: no server answered, or the answer holds no address.
    """
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(name))]
    kinds = [dns.rdatatype.AAAA, dns.rdatatype.A] if phone.asks_aaaa else [dns.rdatatype.A]
    addresses = [address for kind in kinds for address in _ask(phone, server, name, kind)]
    if not addresses:
        raise NoAnswer(f"no address for {name}")
    return addresses


def _ask(phone: Phone, server: str, name: str, kind: dns.rdatatype.RdataType) -> list[str]:
    query = dns.message.make_query(name, kind, use_edns=False)
    with _udp_socket(phone) as link:
        link.settimeout(phone.dns_seconds)
        for _ in range(phone.dns_tries):
            link.sendto(query.to_wire(), (server, DNS_PORT))
            with contextlib.suppress(TimeoutError, ConnectionError):
                answer = dns.message.from_wire(link.recv(MAXIMUM_DATAGRAM))
                if answer.flags & dns.flags.TC:
                    answer = _ask_by_tcp(phone, server, query)
                if answer.rcode() == dns.rcode.NOERROR:
                    return [
                        str(each) for rows in answer.answer if rows.rdtype is kind for each in rows
                    ]
                return []
    return []


def _ask_by_tcp(phone: Phone, server: str, query: dns.message.Message) -> dns.message.Message:
    """The same question where an answer is too long for UDP; an empty answer if none comes."""
    with contextlib.suppress(OSError, dns.exception.DNSException):
        own = phone.address.partition("/")[0]
        return dns.query.tcp(query, server, timeout=phone.dns_seconds, source=own)
    return dns.message.make_response(query)


def _udp_socket(phone: Phone) -> socket.socket:
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        port = FIRST_EPHEMERAL_PORT + secrets.randbelow(65536 - FIRST_EPHEMERAL_PORT)
        with contextlib.suppress(OSError):
            link.bind((phone.address.partition("/")[0], port))
            return link


def fetch_by_http(phone: Phone, server: str, name: str) -> bytes:
    """Get a file from port 6970.

    Raises:
        NotServed: any status but 200.
        NoAnswer: the connection failed.
    """
    source = (phone.address.partition("/")[0], 0)
    connection = http.client.HTTPConnection(server, HTTP_PORT, HTTP_SECONDS, source)
    try:
        connection.request("GET", f"/{name}", headers={"Host": f"{server}:{HTTP_PORT}"})
        response = connection.getresponse()
        body = response.read()
    except OSError as error:
        raise NoAnswer(str(error)) from error
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise NotServed(f"{name}: {response.status}")
    return body


def fetch_by_tftp(phone: Phone, server: str, name: str) -> bytes:
    """Read a file by TFTP (RFC 1350), with the phone's options (RFC 2347) if it has any.

    Raises:
        NotServed: the server answered with an error.
        NoAnswer: a packet was repeated as often as the phone does, and nothing came.
    """
    request = struct.pack("!H", 1) + name.encode() + b"\0octet\0"
    for option, value in phone.tftp_options.items():
        request += option.encode() + b"\0" + value.encode() + b"\0"
    with _udp_socket(phone) as link:
        link.settimeout(phone.tftp_seconds)
        return _Transfer(phone, link, name, server).run(request, (server, TFTP_PORT))


class _Transfer:
    """The reading side of one transfer."""

    def __init__(self, phone: Phone, link: socket.socket, name: str, server: str) -> None:
        self._phone = phone
        self._server = server
        self._link = link
        self._name = name
        self._block_size = BLOCK_SIZE
        self._expected = 1
        self._data = b""

    def run(self, request: bytes, server: tuple[str, int]) -> bytes:
        packet, peer = self._exchange(request, server)
        while True:
            finished, answer = self._take(packet)
            if finished:
                self._link.sendto(answer, peer)
                return self._data
            packet, peer = self._exchange(answer, peer)

    def _exchange(self, packet: bytes, peer: tuple[str, int]) -> tuple[bytes, tuple[str, int]]:
        for _ in range(self._phone.tftp_tries):
            self._link.sendto(packet, peer)
            with contextlib.suppress(TimeoutError, ConnectionError):
                return self._receive()
        raise NoAnswer(f"{self._name}: no answer")

    def _receive(self) -> tuple[bytes, tuple[str, int]]:
        while True:
            packet, peer = self._link.recvfrom(MAXIMUM_DATAGRAM)
            if peer[0] == self._server or not self._phone.ignores_other_addresses:
                return packet, peer

    def _take(self, packet: bytes) -> tuple[bool, bytes]:
        """Whether the file is whole, and the packet to answer with."""
        kind, number = struct.unpack_from("!HH", packet)
        if kind == 5:
            raise NotServed(f"{self._name}: error {number}")
        if kind == 6:
            self._agree(packet[2:])
            return False, struct.pack("!HH", 4, 0)
        if number != self._expected & 0xFFFF:
            return False, struct.pack("!HH", 4, self._expected - 1 & 0xFFFF)
        self._data += packet[4:]
        self._expected += 1
        return len(packet) - 4 < self._block_size, struct.pack("!HH", 4, number)

    def _agree(self, options: bytes) -> None:
        words = options.split(b"\0")
        agreed = dict(zip(words[::2], words[1::2], strict=False))
        self._block_size = int(agreed.get(b"blksize", self._block_size))
