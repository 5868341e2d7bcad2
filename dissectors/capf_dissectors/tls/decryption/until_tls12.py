"""Sessions of TLS 1.0 to 1.2: stretches between ChangeCipherSpecs, each with its master secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from capf_dissectors.tls.bodies import handshake_message
from capf_dissectors.tls.decryption.derivation import session_hash
from capf_dissectors.tls.decryption.handshake_tls12 import Handshake
from capf_dissectors.tls.decryption.key_log import Label
from capf_dissectors.tls.decryption.model import Decryption, Reason, Side
from capf_dissectors.tls.decryption.schedule import Terms, master_secret, protections
from capf_dissectors.tls.decryption.secrets import Secrets
from capf_dissectors.tls.decryption.suites import suite_of
from capf_dissectors.tls.decryption.walking import Opener, Walk, reason_of
from capf_dissectors.tls.messages import (
    Certificate,
    ClientHello,
    Message,
    ServerHello,
)
from capf_dissectors.tls.registries import ContentType, HandshakeType, Version

MAX_HANDSHAKES = 16
"""Handshakes of one connection that are followed; who renegotiates does so once or twice."""
_TRIED_FIRST = 4
"""Encrypted records of each direction that tell whether a master secret is the right one."""
_CHANGE_CIPHER_SPEC = int(ContentType.CHANGE_CIPHER_SPEC)
_HANDSHAKE = int(ContentType.HANDSHAKE)


_Kind = TypeVar("_Kind", bound=Message)


def decrypt(
    client: Side, server: Side, secrets: Secrets, resumable: Mapping[bytes, bytes]
) -> Decryption:
    """Open a session; ``resumable`` has master secrets of others by session id and ticket."""
    walks = Walk(client, from_client=True), Walk(server, from_client=False)
    for walk in walks:
        _pass_clear(walk)
    if not any(walk.current for walk in walks):
        return Decryption()
    handshake = _clear_handshake(client, server, walks)
    masters: list[tuple[bytes, bytes]] = []
    reason: Reason | None = Reason.NO_HELLO if handshake is None else None
    for number in range(MAX_HANDSHAKES):
        if handshake is None:
            break
        opened = _open_stretch(handshake, walks, secrets, resumable)
        if isinstance(opened, Reason):
            reason = Reason.NEW_KEYS if number and opened is Reason.NO_SECRET else opened
            break
        names = handshake.names(server.tls.messages if number == 0 else ())
        masters += [(name, opened) for name in names]
        handshake = _next_handshake(walks)
    reason = reason or reason_of(walks)
    revealed = [one for walk in walks for one in walk.revealed]
    return Decryption(walks[0].plain, walks[1].plain, revealed, reason, masters)


def _pass_clear(walk: Walk) -> None:
    """Go up to the first record that is encrypted, and collect the handshake before it."""
    while (record := walk.current) is not None:
        if record.encrypted and record.content_type != _CHANGE_CIPHER_SPEC:
            return
        if record.content_type == _HANDSHAKE and record.version != Version.SSL_2_0:
            fragment = walk.fragment(record)
            if fragment is None or record.resynchronised:
                walk.collector.lose()
            if fragment is not None:
                walk.collector.feed(walk.position, fragment)
        walk.position += 1
        if record.content_type == _CHANGE_CIPHER_SPEC:
            return


def _clear_handshake(client: Side, server: Side, walks: tuple[Walk, Walk]) -> Handshake | None:
    """The first handshake; its hellos are known even where other messages are missing."""
    client_hello = _first(client.tls.messages, ClientHello)
    server_hello = _first(server.tls.messages, ServerHello)
    certificate = _first(server.tls.messages, Certificate)
    leaf = certificate.certificates[0] if certificate and certificate.certificates else None
    if client_hello is None or server_hello is None:
        return None
    return _handshake(client_hello, server_hello, walks, leaf)


def _next_handshake(walks: tuple[Walk, Walk]) -> Handshake | None:
    """The handshake of a renegotiation, if there was one."""
    if walks[0].current is None and walks[1].current is None:
        return None
    found: list[Message] = []
    for walk in walks:
        found += [
            handshake_message(raw.kind, raw.body, 0, 0, Version.TLS_1_2)
            for raw in walk.collector.messages
            if raw.kind in _LOOKED_AT
        ]
    client_hello, server_hello = _first(found, ClientHello), _first(found, ServerHello)
    certificate = _first(found, Certificate)
    leaf = certificate.certificates[0] if certificate and certificate.certificates else None
    if client_hello is None or server_hello is None:
        return None
    return _handshake(client_hello, server_hello, walks, leaf)


_LOOKED_AT = frozenset(
    {HandshakeType.CLIENT_HELLO, HandshakeType.SERVER_HELLO, HandshakeType.CERTIFICATE}
)


def _handshake(
    client_hello: ClientHello,
    server_hello: ServerHello,
    walks: tuple[Walk, Walk],
    certificate: bytes | None,
) -> Handshake:
    holes = any(walk.collector.holes for walk in walks)
    client, server = (walk.collector.take() for walk in walks)
    return Handshake(client_hello, server_hello, client, server, holes, certificate)


def _first(messages: Sequence[Message], kind: type[_Kind]) -> _Kind | None:
    return next((message for message in messages if isinstance(message, kind)), None)


def _open_stretch(
    handshake: Handshake,
    walks: tuple[Walk, Walk],
    secrets: Secrets,
    resumable: Mapping[bytes, bytes],
) -> bytes | Reason:
    """Open what a handshake's keys protect, to the next ChangeCipherSpec; the master secret."""
    terms = _terms(handshake)
    if isinstance(terms, Reason):
        return terms
    masters = list(dict.fromkeys(_masters(handshake, terms, secrets, resumable)))
    if not masters:
        return _why_none(handshake, terms, secrets)
    right = next((master for master in masters if _fits(walks, terms, master)), None)
    if right is None:
        return Reason.WRONG_SECRET
    for walk, protection in zip(walks, protections(terms, right), strict=True):
        _open_to_change(walk, Opener(protection), terms.version)
    return right


def _terms(handshake: Handshake) -> Terms | Reason:
    hello = handshake.server_hello
    if not Version.TLS_1_0 <= hello.version <= Version.TLS_1_2:
        return Reason.VERSION
    if handshake.compressed:
        return Reason.COMPRESSED
    suite = suite_of(hello.version, hello.cipher_suite)
    if suite is None:
        return Reason.SUITE
    return Terms(
        hello.version,
        suite,
        hello.encrypt_then_mac,
        handshake.client_hello.random,
        hello.random,
    )


def _masters(
    handshake: Handshake, terms: Terms, secrets: Secrets, resumable: Mapping[bytes, bytes]
) -> Iterator[bytes]:
    """The master secrets that may be this handshake's, the likeliest first."""
    by_label = secrets.of_random(terms.client_random)
    yield from by_label.get(Label.MASTER, ())
    premasters = by_label.get(Label.PREMASTER, [])
    exchange = handshake.exchange
    if exchange is not None and terms.suite.rsa:
        premasters += secrets.of_encrypted(exchange)
        premasters += _of_keys(handshake, exchange, secrets)
    transcript = handshake.transcript() if premasters and handshake.extended else None
    known = session_hash(terms.version, terms.suite.hash, transcript) if transcript else None
    if known or not handshake.extended:
        for premaster in premasters:
            yield master_secret(terms, premaster, known)
    if exchange is None:
        names = handshake.server_hello.session_id, handshake.ticket
        yield from secrets.of_session(names[0])
        yield from (resumable[name] for name in names if name in resumable)


def _of_keys(handshake: Handshake, exchange: bytes, secrets: Secrets) -> Iterator[bytes]:
    versions = {handshake.client_hello.version, handshake.server_hello.version}
    for key in secrets.keys_for(handshake.certificate):
        premaster = key.premaster(exchange)
        if premaster is not None and int.from_bytes(premaster[:2], "big") in versions:
            yield premaster


def _why_none(handshake: Handshake, terms: Terms, secrets: Secrets) -> Reason:
    """Why there is no master secret."""
    if not secrets.keys:
        return Reason.NO_SECRET
    if handshake.exchange is None:
        return Reason.RESUMED if handshake.resumed and terms.suite.rsa else Reason.NO_EXCHANGE
    if not terms.suite.rsa:
        return Reason.NOT_BY_RSA
    if not secrets.keys_for(handshake.certificate):
        return Reason.OTHER_KEY
    return Reason.NO_EXCHANGE if handshake.extended and handshake.holes else Reason.OTHER_KEY


def _fits(walks: tuple[Walk, Walk], terms: Terms, master: bytes) -> bool:
    """Whether a master secret opens one of the first records of either side."""
    for walk, protection in zip(walks, protections(terms, master), strict=True):
        opener, start = Opener(protection), walk.position
        for _ in range(_TRIED_FIRST):
            record = walk.current
            if record is not None:
                walk.attempt(opener, record)
                walk.position += 1
        walk.position = start
        if opener.verified:
            return True
    return False


def _open_to_change(walk: Walk, opener: Opener, version: int) -> None:
    """Open records up to the ChangeCipherSpec behind which other keys hold, that one included."""
    while (record := walk.current) is not None:
        inner = walk.attempt(opener, record)
        if inner is not None:
            walk.keep(inner, version)
        else:
            walk.miss(record)
        walk.position += 1
        if record.content_type == _CHANGE_CIPHER_SPEC and (inner or not record.complete):
            return
