"""OpenSSL contexts for services and phones, and the ways in which a TLS connection ends."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from pathlib import Path

from captures.lab.knob_base import Tls

RECEIVED_OCTETS = 65536
_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
# openssl/ssl.h
SSL_OP_NO_ENCRYPT_THEN_MAC = 1 << 19
SSL_OP_NO_EXTENDED_MASTER_SECRET = 1 << 0
SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS = 1 << 11
# openssl/x509_vfy.h
X509_V_FLAG_NO_CHECK_TIME = 0x200000
X509_V_FLAG_PARTIAL_CHAIN = 0x80000


def server_context(
    settings: Tls, directory: Path, name: str, key_log: Path | None
) -> ssl.SSLContext:
    """A service with the certificate ``name``; no client certificate is asked for, as CAPF does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _apply(context, settings, key_log)
    context.load_cert_chain(directory / f"{name}.crt", directory / f"{name}.key")
    return context


def client_context(
    settings: Tls, anchor: bytes | None, *, any_date: bool, key_log: Path | None
) -> ssl.SSLContext:
    """A phone that trusts the one certificate ``anchor`` (DER), or none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    flags = X509_V_FLAG_PARTIAL_CHAIN | (X509_V_FLAG_NO_CHECK_TIME if any_date else 0)
    context.verify_flags |= ssl.VerifyFlags(flags)
    _apply(context, settings, key_log)
    if anchor is not None:
        context.load_verify_locations(cadata=anchor)
    return context


def _apply(context: ssl.SSLContext, settings: Tls, key_log: Path | None) -> None:
    context.set_ciphers(f"{settings.ciphers}:@SECLEVEL=0")
    context.minimum_version = _VERSIONS[settings.minimum]
    context.maximum_version = _VERSIONS[settings.maximum]
    if not settings.encrypt_then_mac:
        context.options |= ssl.Options(SSL_OP_NO_ENCRYPT_THEN_MAC)
    if not settings.extended_master_secret:
        context.options |= ssl.Options(SSL_OP_NO_EXTENDED_MASTER_SECRET)
    if not settings.tickets:
        context.options |= ssl.OP_NO_TICKET
    if settings.empty_fragments:
        context.options &= ~ssl.Options(SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)
    if key_log is not None:
        context.keylog_filename = str(key_log)


def refuse_in_silence(context: ssl.SSLContext, connection: socket.socket) -> None:
    """Shake hands with a server whose certificate is not to be trusted, and keep the alert back.

    Raises:
        ssl.SSLError: the certificate was refused.
        ConnectionError: the server closed.
        ValueError: there was nothing to refuse.
    """
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    channel = context.wrap_bio(incoming, outgoing)
    while True:
        try:
            channel.do_handshake()
        except ssl.SSLWantReadError:
            connection.sendall(outgoing.read())
            incoming.write(_more(connection))
        else:
            raise ValueError("the phone trusts the certificate")


def _more(connection: socket.socket) -> bytes:
    octets = connection.recv(RECEIVED_OCTETS)
    if not octets:
        raise ConnectionError("the server closed")
    return octets


def close_politely(connection: ssl.SSLSocket) -> None:
    """Send close_notify without waiting for the peer's, then close with FIN."""
    _notify(connection)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
    connection.close()


def alert_and_reset(connection: ssl.SSLSocket) -> None:
    """Send close_notify, then RST instead of FIN: how CUCM 14 ends a CAPF session."""
    _notify(connection)
    reset(connection)


def reset(connection: socket.socket) -> None:
    """Close with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _notify(connection: ssl.SSLSocket) -> None:
    connection.settimeout(0)
    with contextlib.suppress(OSError, ValueError):
        connection.unwrap()
