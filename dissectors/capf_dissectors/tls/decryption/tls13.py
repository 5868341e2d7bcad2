"""Sessions of TLS 1.3: each direction for itself, from one traffic secret to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from capf_dissectors.tls.decryption.handshakes import RawMessage
from capf_dissectors.tls.decryption.key_log import Label
from capf_dissectors.tls.decryption.model import Decryption, Reason, Side
from capf_dissectors.tls.decryption.protection import Inner
from capf_dissectors.tls.decryption.schedule import traffic_protection, updated_secret
from capf_dissectors.tls.decryption.secrets import Secrets
from capf_dissectors.tls.decryption.suites import Suite, suite_of
from capf_dissectors.tls.decryption.walking import Opener, Walk, reason_of
from capf_dissectors.tls.messages import ClientHello, Record, ServerHello
from capf_dissectors.tls.registries import ContentType, HandshakeType, Version

_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_EARLY_DATA = 42
"""The extension with which a client says that it sends early data (RFC 8446, section 4.2.10)."""
_MOST_SECRETS = 4
"""Secrets of one label that are tried, where logs differ."""
_CLIENT = Label.CLIENT_EARLY, Label.CLIENT_HANDSHAKE, Label.CLIENT_TRAFFIC
_SERVER = Label.SERVER_HANDSHAKE, Label.SERVER_TRAFFIC
_VERSION = int(Version.TLS_1_2)
"""By which bodies are read that look as in TLS 1.2: CertificateVerify has its algorithm."""


class _Stage:
    """What is protected by one traffic secret; where logs differ, by one of several."""

    def __init__(self, suite: Suite, secrets: Iterable[bytes]) -> None:
        self._suite = suite
        self._secrets = [(secret, Opener(traffic_protection(suite, secret))) for secret in secrets]

    @property
    def lacking(self) -> bool:
        """Whether there is no secret of this stage."""
        return not self._secrets

    @property
    def verified(self) -> bool:
        """Whether it is certain which secret it is."""
        return any(opener.verified for _, opener in self._secrets)

    def open(self, record: Record, fragment: bytes, walk: Walk) -> Inner | None:
        """The plaintext of a record of this stage."""
        for secret, opener in self._secrets:
            inner = opener.open(record, fragment, walk)
            if inner is not None:
                self._secrets = [(secret, opener)]
                return inner
        return None

    def step(self) -> None:
        """A record of this stage was not read."""
        for _, opener in self._secrets:
            opener.step()

    def widen(self, records: int) -> None:
        """So many records may be missing."""
        for _, opener in self._secrets:
            opener.widen(records)

    def updated(self) -> _Stage:
        """What follows a KeyUpdate."""
        return _Stage(self._suite, [updated_secret(self._suite, one) for one, _ in self._secrets])


class _Direction:
    """The records of one side under one secret after the other."""

    def __init__(self, walk: Walk, stages: list[_Stage], *, may_skip: bool) -> None:
        self._walk = walk
        self._stages = stages
        self._late = stages[-2:]
        self._traffic = len(stages) - 1
        """The number of the first stage of application data; those behind it are updates."""
        self._at = 0
        self._may_skip = may_skip
        """Whether records come first of which nobody can read any: early data refused, or without
        a secret."""
        self._hole = False
        """Whether a hole may have swallowed a change of secrets."""

    def run(self) -> None:
        """Open all records."""
        walk = self._walk
        while (record := walk.current) is not None:
            if record.content_type == _APPLICATION_DATA:
                self._take(record)
            walk.position += 1

    def _take(self, record: Record) -> None:
        walk = self._walk
        missing = walk.missing_before(record)
        if missing:
            self._hole = True
            walk.note_hole()
            for stage in self._stages[self._at :]:
                stage.widen(missing)
        fragment = walk.fragment(record)
        inner = None if fragment is None else self._open(record, fragment)
        if inner is not None:
            self._hole = False
            self._follow(walk.keep(inner, _VERSION, tls13=True))
        elif self._stages[self._at].lacking and fragment is not None:
            walk.lacking = walk.lacking or not self._is_skipped
        elif not self._is_skipped:
            walk.miss(record)
            self._stages[self._at].step()

    @property
    def _is_skipped(self) -> bool:
        return self._may_skip and not any(stage.verified for stage in self._late)

    def _open(self, record: Record, fragment: bytes) -> Inner | None:
        """The record's plaintext by the secret in force, or by one that may follow it."""
        last = max(self._at, self._traffic)
        if self._hole and self._at >= self._traffic:
            last = self._at + 1
            self._make(last)
        for at in range(self._at, last + 1):
            inner = self._stages[at].open(record, fragment, self._walk)
            if inner is not None:
                self._at = at
                return inner
        return None

    def _make(self, at: int) -> None:
        if at == len(self._stages):
            self._stages.append(self._stages[-1].updated())

    def _follow(self, messages: Sequence[RawMessage]) -> None:
        """Change to the secret behind a message that ends the use of one."""
        for message in messages:
            if message.kind == HandshakeType.KEY_UPDATE and self._at >= self._traffic:
                self._at += 1
                self._make(self._at)
            elif message.kind == HandshakeType.FINISHED and self._at < self._traffic:
                self._at = self._traffic
            elif message.kind == HandshakeType.END_OF_EARLY_DATA and self._at < self._traffic - 1:
                self._at += 1


def decrypt(
    client: Side, server: Side, hellos: tuple[ClientHello, ServerHello], secrets: Secrets
) -> Decryption:
    """Open a session of TLS 1.3 by the secrets of its client random."""
    client_hello, server_hello = hellos
    if server_hello.version != Version.TLS_1_3:
        return Decryption(reason=Reason.VERSION)
    suite = suite_of(server_hello.version, server_hello.cipher_suite)
    if suite is None:
        return Decryption(reason=Reason.SUITE)
    known = secrets.of_random(client_hello.random)
    if not any(label in known for label in (*_CLIENT, *_SERVER)):
        by_key = secrets.keys and not secrets.logs
        return Decryption(reason=Reason.NOT_BY_RSA if by_key else Reason.NO_SECRET)
    walks = Walk(client, from_client=True), Walk(server, from_client=False)
    early = _EARLY_DATA in client_hello.extensions
    for walk, labels in zip(walks, (_CLIENT, _SERVER), strict=True):
        stages = [
            _Stage(suite, known.get(label, ())[:_MOST_SECRETS])
            for label in labels
            if early or label is not Label.CLIENT_EARLY
        ]
        _Direction(walk, stages, may_skip=early and walk.from_client).run()
    revealed = [one for walk in walks for one in walk.revealed]
    return Decryption(walks[0].plain, walks[1].plain, revealed, reason_of(walks))
