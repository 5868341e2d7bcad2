"""Which of many plain sessions the secrets at hand may open, told without reading them whole."""

from __future__ import annotations

from capf_dissectors.tls import HandshakeType
from capf_dissectors.tls.bodies import RANDOM_LENGTH
from capf_dissectors.tls.decryption import Secrets, is_rsa_exchange

from capfpcap.flows.stream_line import StreamLine
from capfpcap.timeline.decrypting import unopened
from capfpcap.timeline.plain_records import Walk
from capfpcap.timeline.session import Session

_RANDOM_AT = 4 + 2
"""Behind type and length of the message and its version."""
_ID_AT = 2 + RANDOM_LENGTH
"""In a ServerHello's body, where the length of the session id stands."""
_EXCHANGE_AT = 4 + 2
"""Behind type and length of the message, and the length of the encrypted premaster secret."""
_EXCHANGE_NAMED_BY = 8
"""Bytes of an encrypted premaster secret by which old logs name it."""


class PlainLocks:
    """What the sessions of a walk are found by in key logs."""

    def __init__(self, secrets: Secrets, line: StreamLine, walk: Walk) -> None:
        self._secrets = secrets
        self._randoms = _parts(line, walk, HandshakeType.CLIENT_HELLO, _RANDOM_AT, RANDOM_LENGTH)
        self._exchanges = (
            _parts(line, walk, HandshakeType.CLIENT_KEY_EXCHANGE, _EXCHANGE_AT, _EXCHANGE_NAMED_BY)
            if secrets.names_others
            else {}
        )
        self._closed = {by_rsa: unopened(secrets, by_rsa=by_rsa) for by_rsa in (False, True)}

    def may_open(self, number: int, hello: bytes, session: Session) -> bool:
        """Whether a session may be opened; one that cannot is told why.

        ``hello`` is the body of its ServerHello.
        """
        secrets = self._secrets
        by_rsa = is_rsa_exchange(session.version or 0, session.cipher_suite or 0)
        if any(map(secrets.knows, self._randoms.get(number, ()))):
            return True
        if secrets.names_others and (
            secrets.of_session(hello[_ID_AT + 1 :][: hello[_ID_AT]])
            or any(map(secrets.of_encrypted, self._exchanges.get(number, ())))
        ):
            return True
        if by_rsa and secrets.keys and secrets.keys_for(session.server_leaf):
            return True
        session.decrypted = self._closed[by_rsa]
        return False


def _parts(
    line: StreamLine, walk: Walk, kind: HandshakeType, at: int, length: int
) -> dict[int, list[bytes]]:
    """A part of each client's messages of a kind, by the number of the connection."""
    stream, kinds, start, end = walk.messages
    wanted = (kinds == kind) & (stream % 2 == 0) & (end - start >= at + length)
    starts = start[wanted] + at
    parts: dict[int, list[bytes]] = {}
    for number, octets in zip(
        (stream[wanted] >> 1).tolist(), line.read(starts, starts + length), strict=True
    ):
        parts.setdefault(number, []).append(octets)
    return parts
