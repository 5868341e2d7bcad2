"""Handshake messages up to TLS 1.2 and the hellos of TLS 1.3, field by field.

RFC 5246, section 7.4, and RFC 8446, section 4; key exchanges by RFC 8422, section 5.4.
"""

from __future__ import annotations

from collections.abc import Callable

from capf_dissectors.outline.node import Node, plural
from capf_dissectors.outline.outliner import Outliner, by_name, outlined
from capf_dissectors.outline.tls_extensions import numbers, read_extensions
from capf_dissectors.outline.tls_names import certificate_type_name, scheme_name
from capf_dissectors.outline.x509 import read_certificate, read_name
from capf_dissectors.tls.cipher_suites import cipher_suite_name
from capf_dissectors.tls.messages import HELLO_RETRY_REQUEST_RANDOM
from capf_dissectors.tls.registries import (
    HandshakeType,
    Version,
    group_name,
    is_known_group,
    version_name,
)

_NAMED_CURVE = 3
_COMPRESSIONS = {0: "none (0)", 1: "DEFLATE (1)", 64: "LZS (64)"}
_CURVE_TYPES = {1: "explicit_prime (1)", 2: "explicit_char2 (2)", 3: "named_curve (3)"}

_say_version = by_name(version_name)
_say_suite = by_name(cipher_suite_name)


def outline_handshake(
    data: bytes, start: int = 0, end: int | None = None, *, version: int = Version.TLS_1_2
) -> tuple[Node, ...]:
    """The message, header included, that ``data[start:end]`` is.

    ``version`` is that of the connection, or of the record where that is not known: two messages
    have another field from TLS 1.2 on.
    """
    return outlined(lambda walk: read_handshake(walk, version), data, start, end)


def handshake_name(kind: int) -> str:
    """``ServerHelloDone``; the number of a type that is not known."""
    try:
        return HandshakeType(kind).name.title().replace("_", "")
    except ValueError:
        return f"handshake message of type {kind}"


def read_handshake(walk: Outliner, version: int) -> None:
    """One message: its header, and its body as its type has it."""
    with walk.group("Handshake message") as message:
        kind = message.number("Type", 1, lambda kind: f"{handshake_name(kind)} ({kind})")
        message.value = handshake_name(kind)
        length = message.number("Length", 3)
        reader = _READERS.get(kind)
        with message.fields("Body", length) as body:
            if reader is not None:
                reader(body, version)
            else:
                body.rest("Data")
        message.value = message.lift() or message.value


def _client_hello(walk: Outliner, _version: int) -> None:
    walk.number("Version", 2, _say_version)
    walk.octets("Random", 32)
    walk.counted("Session id", 1)
    numbers(walk, "Cipher suite", 2, _say_suite)
    numbers(walk, "Compression method", 1, _compression, each=1)
    read_extensions(walk, in_client_hello=True)


def _server_hello(walk: Outliner, _version: int) -> None:
    walk.number("Version", 2, _say_version)
    if walk.octets("Random", 32) == HELLO_RETRY_REQUEST_RANDOM:
        walk.value = "HelloRetryRequest"
    walk.counted("Session id", 1)
    walk.number("Cipher suite", 2, _say_suite)
    walk.number("Compression method", 1, _compression)
    read_extensions(walk, in_client_hello=False)


def _compression(number: int) -> str:
    return _COMPRESSIONS.get(number, str(number))


def _certificates(walk: Outliner, _version: int) -> None:
    with walk.vector("Certificates", 3) as chain:
        count = 0
        while chain.left:
            with chain.vector("Certificate", 3) as one:
                read_certificate(one)
            count += 1
        chain.value = plural(count, "certificate")


def _certificate_request(walk: Outliner, version: int) -> None:
    numbers(walk, "Certificate type", 1, certificate_type_name, each=1)
    if version >= Version.TLS_1_2:
        numbers(walk, "Signature algorithm", 2, scheme_name)
    with walk.vector("Authorities", 2) as authorities:
        while authorities.left:
            with authorities.vector("Authority", 2) as one:
                one.value = read_name(one)


def _server_key_exchange(walk: Outliner, version: int) -> None:
    """The suite may be unknown; see :func:`capf_dissectors.tls.bodies`."""
    at = walk.position
    curve = int.from_bytes(walk.data[at + 1 : at + 3], "big")
    if walk.left > 4 and walk.data[at] == _NAMED_CURVE and is_known_group(curve):
        walk.number("Curve type", 1, lambda kind: _CURVE_TYPES.get(kind, str(kind)))
        walk.number("Named curve", 2, by_name(group_name))
        walk.counted("Public key", 1)
    else:
        walk.counted("Prime", 2)
        walk.counted("Generator", 2)
        walk.counted("Public key", 2)
    if walk.left:
        _signature(walk, version)


def _signature(walk: Outliner, version: int) -> None:
    if version >= Version.TLS_1_2:
        walk.number("Signature algorithm", 2, scheme_name)
    walk.counted("Signature", 2)


def _client_key_exchange(walk: Outliner, _version: int) -> None:
    """What it holds depends on the suite: an encrypted secret or a public key, behind its length.

    SSL 3.0 leaves the length out.
    """
    at, left = walk.position, walk.left
    if left > 2 and int.from_bytes(walk.data[at : at + 2], "big") == left - 2:
        walk.counted("Encrypted secret or public key", 2)
    elif left > 1 and walk.data[at] == left - 1:
        walk.counted("Public key", 1)
    else:
        walk.rest("Key exchange")


def _new_session_ticket(walk: Outliner, _version: int) -> None:
    walk.number("Lifetime", 4, lambda seconds: f"{seconds} s")
    walk.counted("Ticket", 2)


def _certificate_status(walk: Outliner, _version: int) -> None:
    walk.number("Status type", 1, lambda kind: "ocsp (1)" if kind == 1 else str(kind))
    walk.counted("Response", 3)


_READERS: dict[int, Callable[[Outliner, int], None]] = {
    HandshakeType.CLIENT_HELLO: _client_hello,
    HandshakeType.SERVER_HELLO: _server_hello,
    HandshakeType.NEW_SESSION_TICKET: _new_session_ticket,
    HandshakeType.CERTIFICATE: _certificates,
    HandshakeType.SERVER_KEY_EXCHANGE: _server_key_exchange,
    HandshakeType.CERTIFICATE_REQUEST: _certificate_request,
    HandshakeType.CERTIFICATE_VERIFY: _signature,
    HandshakeType.CLIENT_KEY_EXCHANGE: _client_key_exchange,
    HandshakeType.CERTIFICATE_STATUS: _certificate_status,
}
