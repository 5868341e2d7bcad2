"""A phone's enrolment in which every text that packets carry is hostile."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.dissectors import builders

from .wire import FATAL_UNKNOWN_CA, HTTP, Wire, client_hello, dns_name, server_flight

HOSTILE = {
    "terminal escapes": "\x1b[2J\x1b]0;owned\x07\x9b31m\x08\x7f",
    "bidirectional marks": "\u202egnp.exe\u2066\u200f\u061c",
    "markup": "[bold red]x[/]<script>alert(1)</script>&amp;\"'",
    "line breaks": "one\r\ntwo\x0b\x0c\x85\u2028\u2029three",
    "10,000 characters": "A" * 10_000,
    "nothing to see": "\u200b\ufeff\u3164\U000e0041\u0301" * 20,
    "no characters": "\ud800",
}


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(text: str) -> bytes:
    """A certificate whose names say it, longer than X.520 allows."""
    text = text.encode(errors="replace").decode()
    attributes = [
        x509.NameAttribute(oid, text, _validate=False)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    ]
    name = x509.Name(attributes)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2021, 1, 1, tzinfo=UTC))
        .sign(_key(), hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def _configuration(text: str) -> bytes:
    """A configuration that names hosts; what XML cannot hold is left out of it."""
    escaped = "".join(
        f"&#{ord(character)};"
        for character in text
        if character in "\t\n\r"
        or (ord(character) >= 0x20 and not "\ud800" <= character < "\ue000")
    )
    host = f"<processNodeName>{escaped}</processNodeName>"
    return (
        "<device><capfAuthMode>2</capfAuthMode><capfList><capf><phonePort>3804</phonePort>"
        f"{host}</capf></capfList><certHash>{escaped}</certHash><TVS><members><member>"
        f"<port>2445</port><address>{escaped}</address></member></members></TVS></device>"
    ).encode()


def enrolment(text: str) -> bytes:
    octets = text.encode(errors="surrogatepass").replace(b"\0", b"")
    short = octets[:400]
    wire = Wire()
    wire.question(dns_name(octets[:60], octets[60:120] or b"x"))
    wire.answer(dns_name(octets[:60], octets[60:120] or b"x"), rcode=3)
    wire.file_request(b"SEP001122334455.cnf.xml.sgn", 41001)
    wire.file_error(1, octets[:1300], 41001)
    wire.file_request(b"SEP" + short + b".cnf.xml", 41002)
    wire.file_error(0, octets[:1300], 41002)
    wire.file_request(b"CTLSEP" + short + b".tlv", 41003)
    wire.file_error(3, octets[:1300], 41003)
    wire.file(b"SEP001122334455.cnf.xml", _configuration(text), 41004)
    wire.file(b"ITLFile.tlv", _trust_list(octets), 41005)
    wire.connection(
        b"GET /" + short.replace(b" ", b"") + b".cnf.xml HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HTTP/1.1 500 " + short + b"\r\nContent-Length: 0\r\n\r\n",
        42000,
        HTTP,
    )
    flight = server_flight([_certificate(text), _certificate(text)])
    wire.connection(client_hello(octets[:2000]), flight, 50001)
    wire.connection(client_hello(octets[:2000]) + FATAL_UNKNOWN_CA, flight, 50002)
    wire.connection(octets, octets, 50003)
    return wire.pcap()


def _trust_list(octets: bytes) -> bytes:
    fields = (
        builders.field(2, octets[:2000] + b"\0"),
        builders.field(3, octets[:2000] + b"\0"),
        builders.field(4, b"\0\4"),
        builders.field(5, octets[:2000] + b"\0"),
        builders.field(9, _certificate(octets.decode(errors="replace"))),
    )
    return builders.signed(builders.record(*fields), builders.SIGNER)
