"""Handshake bodies up to TLS 1.2 and the hellos of TLS 1.3, each from its octets to a message.

The functions raise :class:`~capf_dissectors.cursor.OutOfBytesError` or :class:`ValueError` where
a body is not what its type says; :func:`handshake_message` makes a generic message of it then.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct, unpack

from capf_dissectors.cursor import Cursor, OutOfBytesError
from capf_dissectors.tls.messages import (
    Certificate,
    CertificateRequest,
    CertificateStatus,
    CertificateVerify,
    ClientHello,
    ClientKeyExchange,
    Handshake,
    Message,
    NewSessionTicket,
    ServerHello,
    ServerHelloDone,
    ServerKeyExchange,
)
from capf_dissectors.tls.registries import Extension, HandshakeType, Version, is_known_group

MAX_CERTIFICATES = 32
"""Certificates kept of one message; real chains have fewer than ten."""
MAX_CERTIFICATE_OCTETS = 256 * 1024
"""Octets of certificates kept of one message."""
RANDOM_LENGTH = 32
_NAMED_CURVE_TYPE = 3
"""ECCurveType named_curve (RFC 8422, section 5.4)."""
_HELLO = Struct(f">H{RANDOM_LENGTH}s")
"""The version and random that both hellos begin with."""
_U16_PAIR = Struct(">HH")


def handshake_message(
    kind: int, body: bytes, offset: int, end: int, record_version: int
) -> Message:
    """The message of handshake type ``kind``; a :class:`Handshake` where none fits."""
    parse = _PARSERS.get(kind)
    if parse is None:
        return Handshake(offset, end, kind, body, None)
    try:
        return parse(body, offset, end, record_version)
    except OutOfBytesError as lack:
        return Handshake(offset, end, kind, body, f"the body ends early: {lack}")
    except ValueError as wrong:
        return Handshake(offset, end, kind, body, str(wrong))


def _client_hello(body: bytes, offset: int, end: int, record_version: int) -> ClientHello:
    version, random, session_id, position = _hello(body)
    suites = _vector(body, position, 2)
    position += 2 + len(suites)
    compression_methods = _vector(body, position, 1)
    extensions, problem = _readable_extensions(body, position + 1 + len(compression_methods))
    offers = extensions.get(Extension.SUPPORTED_VERSIONS)
    name = extensions.get(Extension.SERVER_NAME)
    return ClientHello(
        offset,
        end,
        record_version,
        version,
        _numbers(offers[1:]) if offers else (),
        random,
        session_id,
        _numbers(suites),
        _server_name(name) if name else None,
        extensions,
        problem,
    )


def _server_hello(body: bytes, offset: int, end: int, record_version: int) -> ServerHello:
    version, random, session_id, position = _hello(body)
    behind_compression_method = position + 3
    if behind_compression_method > len(body):
        raise OutOfBytesError(position, behind_compression_method - len(body))
    suite = body[position] << 8 | body[position + 1]
    extensions = _extensions(body, behind_compression_method)
    selected = extensions.get(Extension.SUPPORTED_VERSIONS)
    if selected is not None and len(selected) == 2:
        version = int.from_bytes(selected, "big")
    return ServerHello(offset, end, record_version, version, random, session_id, suite, extensions)


def _hello(body: bytes) -> tuple[int, bytes, bytes, int]:
    """Version, random and session identifier of a hello, and where its suites begin."""
    if len(body) < _HELLO.size:
        raise OutOfBytesError(len(body), _HELLO.size - len(body))
    version, random = _HELLO.unpack_from(body)
    session_id = _vector(body, _HELLO.size, 1)
    return version, random, session_id, _HELLO.size + 1 + len(session_id)


def _vector(body: bytes, position: int, width: int) -> bytes:
    """The octets behind a length of ``width`` octets (RFC 8446, section 3.4)."""
    start = position + width
    stop = start + int.from_bytes(body[position:start], "big")
    if stop > len(body):
        raise OutOfBytesError(position, stop - len(body))
    return body[start:stop]


def _extensions(body: bytes, position: int) -> dict[int, bytes]:
    """Extensions from ``position`` to the end, none where nothing follows; the first of a kind."""
    extensions: dict[int, bytes] = {}
    _take_extensions(body, position, extensions)
    return extensions


def _readable_extensions(body: bytes, position: int) -> tuple[dict[int, bytes], str | None]:
    """The extensions in front of the first one that lies, and what is wrong with that one.

    What a ClientHello offers stands before them, and is worth having without them.
    """
    extensions: dict[int, bytes] = {}
    try:
        _take_extensions(body, position, extensions)
    except OutOfBytesError as lack:
        return extensions, f"an extension ends early: {lack}"
    except ValueError as wrong:
        return extensions, str(wrong)
    return extensions, None


def _take_extensions(body: bytes, position: int, extensions: dict[int, bytes]) -> None:
    """Extensions from ``position`` to the end, as long as they are what they say."""
    end = len(body)
    if position == end:
        return
    if position + 2 + int.from_bytes(body[position : position + 2], "big") != end:
        raise ValueError("the extensions do not fill the message")
    position += 2
    while position < end:
        if position + 4 > end:
            raise OutOfBytesError(position, position + 4 - end)
        kind, length = _U16_PAIR.unpack_from(body, position)
        position += 4
        stop = position + length
        if stop > end:
            raise OutOfBytesError(position, stop - end)
        if kind not in extensions:
            extensions[kind] = body[position:stop]
        position = stop


def _numbers(data: bytes) -> tuple[int, ...]:
    """Two-octet numbers one after another; an odd last octet is left out."""
    count = len(data) // 2
    return unpack(f">{count}H", data[: 2 * count])


def _server_name(data: bytes) -> str | None:
    """The first host_name of the list (RFC 6066, section 3), or None where there is none."""
    cursor = Cursor(data)
    try:
        names = cursor.block(cursor.u16())
        while names.left:
            kind = names.u8()
            name = names.take(names.u16())
            if kind == 0:
                return name.decode("ascii", "backslashreplace")
    except OutOfBytesError:
        return None
    return None


def _certificate(body: bytes, offset: int, end: int, _record_version: int) -> Certificate:
    listed = _vector(body, 0, 3)
    if 3 + len(listed) != len(body):
        raise ValueError("bytes follow the certificate list")
    certificates: list[bytes] = []
    position = 0
    most = MAX_CERTIFICATE_OCTETS
    while position < len(listed):
        certificate = _vector(listed, position, 3)
        most -= len(certificate)
        if most < 0 or len(certificates) == MAX_CERTIFICATES:
            return Certificate(offset, end, tuple(certificates), True)
        certificates.append(certificate)
        position += 3 + len(certificate)
    return Certificate(offset, end, tuple(certificates), False)


def _certificate_request(
    body: bytes, offset: int, end: int, record_version: int
) -> CertificateRequest:
    cursor = Cursor(body)
    types = tuple(cursor.take(cursor.u8()))
    algorithms: tuple[int, ...] = ()
    if record_version >= Version.TLS_1_2:
        algorithms = _numbers(cursor.take(cursor.u16()))
    listed = cursor.block(cursor.u16())
    if cursor.left:
        raise ValueError("bytes follow the certificate authorities")
    authorities: list[bytes] = []
    while listed.left:
        authorities.append(listed.take(listed.u16()))
    return CertificateRequest(offset, end, types, algorithms, tuple(authorities))


def _server_key_exchange(
    body: bytes, offset: int, end: int, _record_version: int
) -> ServerKeyExchange:
    """The suite that says whether this is ECDHE may be unknown; the octets tell.

    A Diffie-Hellman prime whose length begins with 3 has 768 octets or more, and the "curve" its
    next octets spell is in no registry.
    """
    curve = None
    if len(body) > 4 and body[0] == _NAMED_CURVE_TYPE and 4 + body[3] <= len(body):
        number = int.from_bytes(body[1:3], "big")
        curve = number if is_known_group(number) else None
    return ServerKeyExchange(offset, end, curve)


def _server_hello_done(body: bytes, offset: int, end: int, _record_version: int) -> ServerHelloDone:
    if body:
        raise ValueError("ServerHelloDone has a body")
    return ServerHelloDone(offset, end)


def _client_key_exchange(
    _body: bytes, offset: int, end: int, _record_version: int
) -> ClientKeyExchange:
    return ClientKeyExchange(offset, end)


def _certificate_verify(
    body: bytes, offset: int, end: int, record_version: int
) -> CertificateVerify:
    cursor = Cursor(body)
    algorithm = cursor.u16() if record_version >= Version.TLS_1_2 else None
    cursor.take(cursor.u16())
    if cursor.left:
        raise ValueError("bytes follow the signature")
    return CertificateVerify(offset, end, algorithm)


def _new_session_ticket(
    body: bytes, offset: int, end: int, _record_version: int
) -> NewSessionTicket:
    ticket = _vector(body, 4, 2)
    return NewSessionTicket(offset, end, int.from_bytes(body[:4], "big"), ticket)


def _certificate_status(
    body: bytes, offset: int, end: int, _record_version: int
) -> CertificateStatus:
    cursor = Cursor(body)
    kind = cursor.u8()
    return CertificateStatus(offset, end, kind, cursor.take(cursor.u24()))


_PARSERS: dict[int, Callable[[bytes, int, int, int], Message]] = {
    HandshakeType.CLIENT_HELLO: _client_hello,
    HandshakeType.SERVER_HELLO: _server_hello,
    HandshakeType.NEW_SESSION_TICKET: _new_session_ticket,
    HandshakeType.CERTIFICATE: _certificate,
    HandshakeType.SERVER_KEY_EXCHANGE: _server_key_exchange,
    HandshakeType.CERTIFICATE_REQUEST: _certificate_request,
    HandshakeType.SERVER_HELLO_DONE: _server_hello_done,
    HandshakeType.CERTIFICATE_VERIFY: _certificate_verify,
    HandshakeType.CLIENT_KEY_EXCHANGE: _client_key_exchange,
    HandshakeType.CERTIFICATE_STATUS: _certificate_status,
}
