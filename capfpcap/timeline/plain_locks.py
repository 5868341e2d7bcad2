"""Which of many plain sessions the secrets at hand may open, told without reading them whole."""

from __future__ import annotations

from collections import defaultdict

from capf_dissectors.tls import ClientHello, HandshakeType
from capf_dissectors.tls.bodies import RANDOM_LENGTH, handshake_message
from capf_dissectors.tls.decryption import Secrets, is_rsa_exchange

from capfpcap.flows.stream_line import StreamLine
from capfpcap.timeline.decrypting import unopened
from capfpcap.timeline.plain_records import Walk
from capfpcap.timeline.session import Session

_HEADER = 4
"""Bytes of a handshake message's type and length."""
_RANDOM = slice(2, 2 + RANDOM_LENGTH)
"""In a hello's body, behind the version."""
_ID_AT = 2 + RANDOM_LENGTH
"""In a ServerHello's body, where the length of the session id stands."""
_EXCHANGE_AT = 2
"""In a ClientKeyExchange's body, behind the length of the encrypted premaster secret."""


class PlainLocks:
    """What the sessions of a walk are found by in key logs."""

    def __init__(self, secrets: Secrets, line: StreamLine, walk: Walk) -> None:
        self._secrets = secrets
        self._hellos = _bodies(line, walk, HandshakeType.CLIENT_HELLO)
        others = secrets.names_others
        self._exchanges = _bodies(line, walk, HandshakeType.CLIENT_KEY_EXCHANGE) if others else {}
        self._closed = {by_rsa: unopened(secrets, by_rsa=by_rsa) for by_rsa in (False, True)}

    def may_open(self, number: int, hello: bytes, session: Session) -> bool:
        """Whether a session may be opened; one that cannot is told why.

        ``hello`` is the body of its ServerHello.
        """
        by_rsa = is_rsa_exchange(session.version or 0, session.cipher_suite or 0)
        if self._is_named(number, hello):
            return True
        if by_rsa and self._secrets.keys and self._secrets.keys_for(session.server_leaf):
            return True
        session.decrypted = self._closed[by_rsa]
        return False

    def _is_named(self, number: int, hello: bytes) -> bool:
        """Whether a log may name it, or its ClientHello is none that tells."""
        secrets, hellos = self._secrets, self._hellos.get(number, ())
        if not hellos or not all(map(_is_readable, hellos)):
            return True
        if any(secrets.knows(one[_RANDOM]) for one in hellos):
            return True
        if not secrets.names_others:
            return False
        exchanges = self._exchanges.get(number, ())
        session_id = hello[_ID_AT + 1 :][: hello[_ID_AT]]
        return bool(secrets.of_session(session_id)) or any(
            secrets.of_encrypted(one[_EXCHANGE_AT:]) for one in exchanges
        )


def _is_readable(hello: bytes) -> bool:
    """Whether a ClientHello can be read, by which a session is found."""
    message = handshake_message(HandshakeType.CLIENT_HELLO, hello, 0, len(hello), 0)
    return isinstance(message, ClientHello)


def _bodies(line: StreamLine, walk: Walk, kind: HandshakeType) -> dict[int, list[bytes]]:
    """The bodies of each client's messages of a kind, by the number of the connection."""
    stream, kinds, start, end = walk.messages
    wanted = (kinds == kind) & (stream % 2 == 0)
    numbers = (stream[wanted] >> 1).tolist()
    bodies: dict[int, list[bytes]] = defaultdict(list)
    for number, body in zip(numbers, line.read(start[wanted] + _HEADER, end[wanted]), strict=True):
        bodies[number].append(body)
    return bodies
