"""A real TLS client and server that talk in memory, and what passed between them."""

from __future__ import annotations

import contextlib
import datetime
import ssl
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from capf_dissectors.streams import Piece
from capf_dissectors.tls import ContentType, ServerHello, TlsStream, dissect_stream
from capf_dissectors.tls.sizes import plaintext_bounds
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

TLS_1_0 = ssl.TLSVersion.TLSv1
TLS_1_1 = ssl.TLSVersion.TLSv1_1
TLS_1_2 = ssl.TLSVersion.TLSv1_2
TLS_1_3 = ssl.TLSVersion.TLSv1_3

_NO_ENCRYPT_THEN_MAC = 1 << 19
"""SSL_OP_NO_ENCRYPT_THEN_MAC of OpenSSL, which the standard library has no name for."""


@cache
def certificate_and_key(algorithm: str) -> tuple[bytes, bytes, bytes]:
    """A self-signed certificate in PEM and in DER, and its key in PEM."""
    key = (
        rsa.generate_private_key(65537, 2048)
        if algorithm == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CAPF-0a1b2c3d")])
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        certificate.public_bytes(serialization.Encoding.DER),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def _load(context: ssl.SSLContext, algorithm: str) -> None:
    pem, _, key = certificate_and_key(algorithm)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "both.pem"
        file.write_bytes(pem + key)
        context.load_cert_chain(file)


def _contexts(
    version: ssl.TLSVersion, ciphers: str, algorithm: str, client_certificate: bool
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    _load(server, algorithm)
    if client_certificate:
        _load(client, algorithm)
        server.verify_mode = ssl.CERT_OPTIONAL
        server.load_verify_locations(cadata=certificate_and_key(algorithm)[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for context in (client, server):
            context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
    return client, server


class Conversation:
    """A TLS connection; ``flights`` has what each side sent, in order, client first or not."""

    def __init__(
        self,
        version: ssl.TLSVersion = TLS_1_2,
        ciphers: str = "ALL",
        *,
        algorithm: str = "rsa",
        client_certificate: bool = False,
        client_trusts: bool = True,
        encrypt_then_mac: bool = True,
    ) -> None:
        client, server = _contexts(version, ciphers, algorithm, client_certificate)
        if not encrypt_then_mac:
            client.options |= _NO_ENCRYPT_THEN_MAC
        if not client_trusts:
            client.verify_mode = ssl.CERT_REQUIRED
        self.flights: list[tuple[bool, bytes]] = []
        self._to_client, self._from_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._to_server, self._from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(
            self._to_client, self._from_client, server_hostname="capf.example.com"
        )
        self.server = server.wrap_bio(self._to_server, self._from_server, server_side=True)

    def carry(self) -> bool:
        """Bring over what both sides have to send; whether it was anything."""
        from_client, from_server = self._from_client.read(), self._from_server.read()
        if from_client:
            self.flights.append((True, from_client))
            self._to_server.write(from_client)
        if from_server:
            self.flights.append((False, from_server))
            self._to_client.write(from_server)
        return bool(from_client or from_server)

    def handshake(self) -> Conversation:
        """Shake hands until neither side has anything more to send."""
        moved = True
        while moved:
            moved = False
            for side in (self.client, self.server):
                with contextlib.suppress(ssl.SSLWantReadError):
                    side.do_handshake()
                moved = self.carry() or moved
        return self

    def handshake_until_refused(self) -> Conversation:
        """Shake hands until one side refuses and its alert is over."""
        try:
            self.handshake()
        except ssl.SSLError:
            self.carry()
        return self

    def say(self, from_client: bool, *lengths: int) -> None:
        """Write that many octets at a time, and let the other side read them."""
        self.write(from_client, *map(bytes, lengths))

    def write(self, from_client: bool, *parts: bytes) -> None:
        """Write octets part by part, and let the other side read them."""
        sender, receiver = (self.client, self.server) if from_client else (self.server, self.client)
        for part in parts:
            sender.write(part)
        self.carry()
        try:
            while receiver.read(16384):
                pass
        except ssl.SSLWantReadError:
            pass

    def close(self, *, from_client: bool = False) -> None:
        """Have the server, or the client, say close_notify."""
        with contextlib.suppress(ssl.SSLWantReadError):
            (self.client if from_client else self.server).unwrap()
        self.carry()

    def octets(self, from_client: bool) -> bytes:
        """The stream of one side."""
        return b"".join(data for side, data in self.flights if side == from_client)

    def dissected(self, from_client: bool) -> TlsStream:
        """The stream of one side, dissected in one piece."""
        return dissect_stream([Piece(0, self.octets(from_client))])

    def encrypted_records(self) -> Iterator[tuple[bool, int, int]]:
        """Bounds of all application data records of both sides in the order they were sent."""
        streams = {side: self.dissected(side) for side in (True, False)}
        hello = next(m for m in streams[False].messages if isinstance(m, ServerHello))
        left = {side: list(streams[side].records) for side in streams}
        sent = {True: 0, False: 0}
        for side, data in self.flights:
            sent[side] += len(data)
            while left[side] and left[side][0].end <= sent[side]:
                record = left[side].pop(0)
                if record.content_type == ContentType.APPLICATION_DATA:
                    yield (
                        side,
                        *plaintext_bounds(
                            hello.version,
                            hello.cipher_suite,
                            record.length,
                            hello.encrypt_then_mac,
                        ),
                    )
