"""Traffic of a phone and of its neighbours that has nothing to do with enrolment."""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable

import dns.flags
import dns.message
import dns.rdatatype

from captures.lab.fetching import DNS_PORT
from captures.lab.knob_base import Tls
from captures.lab.network import INTERFACE, mac_of
from captures.lab.plan import Plan, from_arguments
from captures.lab.tls import client_context

# ITU-T G.711 in RTP (RFC 3550, 3551): 160 octets of voice every 20 ms, payload type 8
RTP_HEADER = struct.Struct("!BBHII")
RTP_PAYLOAD = 160
RTP_SECONDS = 0.02
RTP_PORT = 16384
MDNS = ("224.0.0.251", 5353)
MULTICAST_SECONDS = 1.0
CONNECT_SECONDS = 3.0
# RFC 791: a header shorter than 5 words; a total length beyond the frame; a cut header; version 7
MALFORMED_PACKETS = (
    bytes.fromhex("42000028000100004006000001020304050607080edc0edc"),
    bytes.fromhex("4500ffff000100004006000001020304050607080edc0edc"),
    bytes.fromhex("45000028000100"),
    bytes.fromhex("7500002800010000400600000102030405060708"),
)
HTTPS_SECONDS = 1.2


class Noise:
    """Everything that ``[record.noise]`` asks for, until the process is ended."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._noise = plan.record.noise
        network = plan.record.network
        self._subscriber = network.subscriber.address.partition("/")[0]
        self._dns = network.dns.address.partition("/")[0]
        self._address = plan.record.phones[0].address.partition("/")[0]

    def run(self) -> None:
        """Start every kind that the scenario wants, each in its thread."""
        wanted: list[tuple[bool, Callable[[], None]]] = [
            (self._noise.rtp, self._talk),
            (self._noise.https, self._browse),
            (self._noise.multicast, self._announce),
            (self._noise.arp, self._seek_absent_neighbour),
            (self._noise.malformed, self._send_malformed),
            (bool(self._noise.failing_connections), self._connect_in_vain),
            (bool(self._noise.names), self._ask_names),
        ]
        threads = [threading.Thread(target=each) for wish, each in wanted if wish]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _talk(self) -> None:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.bind((self._address, RTP_PORT))
        source = secrets.randbits(32)
        number = 0
        while True:
            header = RTP_HEADER.pack(0x80, 8, number & 0xFFFF, number * RTP_PAYLOAD, source)
            with contextlib.suppress(OSError):
                link.sendto(header + secrets.token_bytes(RTP_PAYLOAD), (self._subscriber, 24680))
            number += 1
            time.sleep(RTP_SECONDS)

    def _browse(self) -> None:
        certificate = (self._plan.identities / "tvs.crt").read_text()
        anchor = ssl.PEM_cert_to_DER_cert(certificate)
        while True:
            context = client_context(Tls(maximum="1.3"), anchor, any_date=False, key_log=None)
            with contextlib.suppress(OSError):
                raw = self._connection_to_web()
                with context.wrap_socket(raw, server_hostname="www.lab.example") as channel:
                    channel.sendall(b"GET / HTTP/1.1\r\nHost: www.lab.example\r\n\r\n")
                    while channel.recv(65536):
                        continue
            time.sleep(HTTPS_SECONDS)

    def _connection_to_web(self) -> socket.socket:
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        raw.settimeout(CONNECT_SECONDS)
        raw.bind((self._address, self._noise.https_from_port))
        raw.connect((self._subscriber, 443))
        return raw

    def _announce(self) -> None:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(self._address))
        query = dns.message.make_query("_airplay._tcp.local", dns.rdatatype.PTR, use_edns=False)
        query.id = 0
        query.flags &= ~dns.flags.RD
        while True:
            link.sendto(query.to_wire(), MDNS)
            time.sleep(MULTICAST_SECONDS)

    def _seek_absent_neighbour(self) -> None:
        absent = self._address.rpartition(".")[0] + ".213"
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while True:
            with contextlib.suppress(OSError):
                link.sendto(b"anyone there?", (absent, 9))
            time.sleep(MULTICAST_SECONDS)

    def _send_malformed(self) -> None:
        """Frames that say IPv4 and are not: cut, or with a header length that cannot be."""
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        link.bind((INTERFACE, 0))
        source = bytes.fromhex(mac_of(self._plan.record.phones[0].name).replace(":", ""))
        ethernet = b"\xff" * 6 + source + b"\x08\x00"
        while True:
            for packet in MALFORMED_PACKETS:
                link.send(ethernet + packet)
            time.sleep(MULTICAST_SECONDS)

    def _connect_in_vain(self) -> None:
        while True:
            for target in self._noise.failing_connections:
                host, _, port = target.rpartition(":")
                with contextlib.suppress(OSError):
                    socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
            time.sleep(MULTICAST_SECONDS)

    def _ask_names(self) -> None:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.bind((self._address, 0))
        link.settimeout(CONNECT_SECONDS)
        while True:
            for name in self._noise.names:
                kind = dns.rdatatype.SRV if name.startswith("_") else dns.rdatatype.A
                query = dns.message.make_query(name, kind, use_edns=False)
                with contextlib.suppress(OSError):
                    link.sendto(query.to_wire(), (self._dns, DNS_PORT))
                    link.recv(65535)
            time.sleep(MULTICAST_SECONDS)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        Noise(from_arguments()).run()
