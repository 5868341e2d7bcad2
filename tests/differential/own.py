"""The account that this project gives, through the same floors as an analysis."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

import dns.rcode
import dns.rdatatype
from capf_dissectors import dns as dns_dissector
from capf_dissectors import http, tftp, tls
from capf_dissectors.dns import DnsMessage
from capf_dissectors.http import BodyState

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import IpProtocol
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows.connection import Connection, read_connection
from capfpcap.flows.reassembly import assemble
from capfpcap.flows.table import FlowView, build_tables
from capfpcap.services import Service
from capfpcap.timeline.files import TransferState
from capfpcap.timeline.session import Said, Session
from capfpcap.timeline.tftp import read_transfers

from .account import Account

HANDSHAKE_TYPES = {
    tls.ClientHello: tls.HandshakeType.CLIENT_HELLO,
    tls.ServerHello: tls.HandshakeType.SERVER_HELLO,
    tls.Certificate: tls.HandshakeType.CERTIFICATE,
    tls.CertificateRequest: tls.HandshakeType.CERTIFICATE_REQUEST,
    tls.ServerKeyExchange: tls.HandshakeType.SERVER_KEY_EXCHANGE,
    tls.ServerHelloDone: tls.HandshakeType.SERVER_HELLO_DONE,
    tls.ClientKeyExchange: tls.HandshakeType.CLIENT_KEY_EXCHANGE,
    tls.CertificateVerify: tls.HandshakeType.CERTIFICATE_VERIFY,
    tls.NewSessionTicket: tls.HandshakeType.NEW_SESSION_TICKET,
    tls.CertificateStatus: tls.HandshakeType.CERTIFICATE_STATUS,
}


class Credit(Enum):
    """Which frame a TLS message is credited to."""

    LAST_OCTET = "the frame that brought the last of its octets"
    DELIVERY = "the frame with which a receiver has its whole record and all octets before it"


def account_of(
    capture: Path,
    ports: PortSelection,
    http_ports: frozenset[int],
    credit: Credit = Credit.LAST_OCTET,
) -> Account:
    """Read a capture; connections to ``http_ports`` are read as HTTP, others as their service.

    ``Credit.LAST_OCTET`` is what the project itself tells.
    """
    addresses = AddressTable()
    read = read_capture([str(capture)], ports, addresses)
    account = Account(packets=sum(file.packets for file in read.files))
    reading = _Reading(account, addresses, credit)
    for view in (view for table in build_tables(read, ports) for view in table.views):
        reading.take(view, http_ports)
    return reading.account


class _Reading:
    """Fills an account in, flow by flow."""

    def __init__(self, account: Account, addresses: AddressTable, credit: Credit) -> None:
        self.account = account
        self.addresses = addresses
        self.credit = credit

    def take(self, view: FlowView, http_ports: frozenset[int]) -> None:
        if int(view.table.columns.protocol[view.start]) == IpProtocol.UDP:
            self._datagrams(view)
            return
        self._add_flow(view, "tcp_flows")
        connection = read_connection(view)
        if view.service is Service.DNS:
            self._dns_stream(view, connection)
        elif view.server_port in http_ports:
            self._web(view, connection)
        else:
            self._session(view, connection)

    def _datagrams(self, view: FlowView) -> None:
        if view.service is Service.DNS:
            self._add_flow(view, "dns_flows")
            for row, payload in enumerate(view.payloads(), view.start):
                message = dns_dissector.dissect(payload)
                if isinstance(message, DnsMessage):
                    self._dns(_frame(view, row), message)
            return
        for row, payload in enumerate(view.payloads(), view.start):
            self._tftp(_frame(view, row), tftp.dissect(payload), payload)
        for transfer in read_transfers(view):
            whole = transfer.state is TransferState.COMPLETE and not transfer.incomplete_reason
            if whole and transfer.size:
                self.account.tftp_files[_digest(transfer.size, transfer.content)] += 1

    def _add_flow(self, view: FlowView, kind: str) -> None:
        ends = (
            f"{self.addresses.text(view.client)}:{view.client_port}",
            f"{self.addresses.text(view.server)}:{view.server_port}",
        )
        frames = sorted(view.table.columns.frame[view.rows].tolist())
        getattr(self.account, kind)[(*sorted(ends), *frames)] += 1

    def _sender(self, view: FlowView, from_client: bool) -> str:
        if from_client:
            return f"{self.addresses.text(view.client)}:{view.client_port}"
        return f"{self.addresses.text(view.server)}:{view.server_port}"

    def _dns(self, frame: int, message: DnsMessage) -> None:
        name, kind = message.questions[0] if message.questions else ("", "TYPE0")
        addresses = [answer.value for answer in message.answers if answer.type in ("A", "AAAA")]
        self.account.dns_messages[
            (
                frame,
                message.id,
                message.is_response,
                int(dns.rcode.from_text(message.rcode)),
                name or "<root>",
                int(dns.rdatatype.from_text(kind)),
                *sorted(addresses),
            )
        ] += 1

    def _dns_stream(self, view: FlowView, connection: Connection) -> None:
        for from_client in (True, False):
            stream = assemble(connection.side(from_client).segments)
            for offset, end, message in dns_dissector.dissect_stream(stream.pieces):
                if isinstance(message, DnsMessage):
                    self._dns(_frame(view, stream.row_completing(offset, end)), message)

    def _tftp(self, frame: int, packet: object, payload: bytes) -> None:
        self.account.tftp_packets[frame, int.from_bytes(payload[:2], "big")] += 1
        if isinstance(packet, tftp.ReadRequest):
            self.account.tftp_requests[frame, packet.file_name] += 1

    def _web(self, view: FlowView, connection: Connection) -> None:
        requests = assemble(connection.client.segments)
        responses = assemble(connection.server.segments)
        closed = connection.server.fin_row is not None or bool(connection.server.reset_rows)
        for exchange in http.dissect(requests.pieces, responses.pieces, closed).exchanges:
            request, response = exchange.request, exchange.response
            if request is not None:
                frame = _frame(view, requests.row_completing(request.offset, request.end))
                self.account.http_requests[frame, request.method, request.target] += 1
            if response is not None:
                self.account.http_statuses[self._sender(view, False), response.status] += 1
                if response.body_state is BodyState.COMPLETE and response.body:
                    self.account.http_bodies[_digest(len(response.body), response.body)] += 1

    def _session(self, view: FlowView, connection: Connection) -> None:
        places: dict[int, int] = {}
        session = Session(connection)
        for said in session.said:
            late = self.credit is Credit.DELIVERY
            frame = _frame(view, _delivery_row(session, said) if late else said.row)
            sender = self._sender(view, said.from_client)
            self._message(frame, sender, said)
            if isinstance(said.message, tls.Certificate):
                self._certificates(frame, said.message.certificates, places)

    def _message(self, frame: int, sender: str, said: Said) -> None:
        message, account = said.message, self.account
        kind = HANDSHAKE_TYPES.get(type(message))
        if kind is not None or isinstance(message, tls.Handshake):
            number = message.type if isinstance(message, tls.Handshake) else kind
            account.tls_messages[frame, sender, number] += 1
        if isinstance(message, tls.ClientHello):
            account.client_hellos[
                frame,
                message.version,
                message.supported_versions,
                message.cipher_suites,
                message.server_name or "",
            ] += 1
        elif isinstance(message, tls.ServerHello):
            account.server_hellos[frame, message.version, message.cipher_suite] += 1
        elif isinstance(message, tls.Alert) and not message.encrypted:
            account.alerts[frame, sender, message.level, message.description] += 1

    def _certificates(
        self, frame: int, certificates: Iterable[bytes], places: dict[int, int]
    ) -> None:
        for certificate in certificates:
            place = places.get(frame, 0)
            places[frame] = place + 1
            digest = hashlib.sha1(certificate).hexdigest()
            self.account.certificates[frame, place, digest] += 1


def _delivery_row(session: Session, said: Said) -> int:
    """The row with which the record that ends a message, and all before it, had arrived."""
    stream = session.client_stream if said.from_client else session.server_stream
    end = min(
        record.end
        for record in session.tls(said.from_client).records
        if record.end >= said.message.end
    )
    return max(stream.rows[: bisect_left(stream.starts, end)])


def _frame(view: FlowView, row: int) -> int:
    return int(view.table.columns.frame[row])


def _digest(length: int, content: bytes | None) -> tuple[int, str]:
    """Length and SHA-256; of a file whose content is not kept, the length alone."""
    return length, "not kept" if content is None else hashlib.sha256(content).hexdigest()
