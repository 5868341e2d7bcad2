"""CAPF sessions over real TLS, of which it is known what was said."""

from __future__ import annotations

import random
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from itertools import pairwise

from capf_dissectors.capf_shape import Authentication, Command, Operation

from capfpcap.flows.connection import read_connection
from capfpcap.timeline.capf import CapfOutcome
from capfpcap.timeline.session import Session
from tests.dissectors.tls_endpoints import TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, Conversation
from tests.flows.packets import ACK, FIN, OPENING, RST, Tcp, flow, from_client, from_server

NAME_LENGTH = 15
KEYS = {
    "RSA 1024": 173,
    "RSA 2048": 305,
    "RSA 3072": 433,
    "RSA 4096": 561,
    "EC secp256r1": 102,
    "EC secp384r1": 131,
    "EC secp521r1": 169,
}
"""Bytes of a KEYGEN_RESPONSE."""


class End(Enum):
    """How a session is ended."""

    IN_ORDER = "the server says close_notify and sends FIN"
    ALERT_AND_RESET = "the server says close_notify and resets, as CAPF does"
    FIN = "the server sends FIN"
    RESET = "the server resets"
    CLIENT = "the phone sends FIN"
    NONE = "the capture ends"


@dataclass(frozen=True)
class Said:
    """One message, or what two of them share."""

    command: Command | None
    length: int
    cuts: tuple[int, ...] = ()
    """Where its sender parts it into writes of its own."""

    @property
    def from_client(self) -> bool:
        if self.command is None:
            raise ValueError("nobody says what has no command")
        name = self.command.name
        return name.endswith("_RESPONSE") or self.command is Command.REQUEST_IN_PROGRESS

    @property
    def writes(self) -> list[int]:
        return [after - before for before, after in pairwise([0, *self.cuts, self.length])]


@dataclass(frozen=True)
class Truth:
    """What a session is."""

    messages: tuple[Said, ...]
    operations: tuple[Operation, ...]
    outcome: CapfOutcome
    end: End
    authentication: Authentication = Authentication.UNKNOWN
    key: str | None = None
    joins: bool = False
    """Whether REQUEST_IN_PROGRESS and what follows it are one write."""
    name_length: int = NAME_LENGTH

    @property
    def operation(self) -> Operation:
        return self.operations[-1] if self.operations else Operation.UNKNOWN


_M = Command


class Chance:
    """Draws sessions: what they are, and how their parties write them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def _one_of(self, *choices: int) -> int:
        return self._random.choice(choices)

    def _authentication(self, name_length: int) -> tuple[list[Said], Authentication]:
        way = self._random.choice(
            [Authentication.NULL_STRING, Authentication.STRING, Authentication.CERTIFICATE]
        )
        bare = 20 + name_length
        length = {
            Authentication.NULL_STRING: self._one_of(bare, bare + 4),
            Authentication.STRING: bare + 4 + self._random.randint(4, 10),
            Authentication.CERTIFICATE: self._random.randint(2400, 3300),
        }[way]
        request = Said(_M.AUTH_REQUEST, self._one_of(12, 16))
        return [request, Said(_M.AUTH_RESPONSE, length)], way

    def _certificate(self) -> int:
        return 20 + self._random.randint(700, 1600)

    def _install(self) -> tuple[list[Said], str]:
        key = self._random.choice(sorted(KEYS))
        progress = [Said(_M.REQUEST_IN_PROGRESS, 8)] * self._one_of(0, 1, 1, 1, 2, 5)
        asked = self._one_of(13, 17 if key.startswith("RSA") else 16)
        return [
            Said(_M.KEYGEN_REQUEST, asked),
            *progress,
            Said(_M.KEYGEN_RESPONSE, KEYS[key]),
            Said(_M.STORE_CERT_REQUEST, self._certificate()),
            Said(_M.STORE_CERT_RESPONSE, 12),
        ], key

    def _operation(self, operation: Operation) -> tuple[list[Said], str | None]:
        if operation is Operation.INSTALL:
            return self._install()
        if operation is Operation.FETCH:
            return [
                Said(_M.FETCH_REQUEST, 8),
                Said(_M.FETCH_RESPONSE, self._certificate()),
            ], None
        return [Said(_M.DELETE_REQUEST, 8), Said(_M.DELETE_RESPONSE, 12)], None

    def session(self, *operations: Operation) -> Truth:
        """A whole session that does some operations, or none."""
        name_length = self._one_of(NAME_LENGTH, NAME_LENGTH, NAME_LENGTH, 9, 12)
        messages, way = self._authentication(name_length)
        key = None
        for operation in operations:
            said, made = self._operation(operation)
            messages += said
            key = made or key
        messages.append(Said(_M.END_SESSION, 12))
        outcome = CapfOutcome.COMPLETE if operations else CapfOutcome.REFUSED
        end = self._random.choice([End.IN_ORDER, End.ALERT_AND_RESET, End.FIN, End.CLIENT])
        truth = Truth(tuple(messages), operations, outcome, end, way, key, name_length=name_length)
        return self._written(truth)

    def _written(self, truth: Truth) -> Truth:
        """A session as somebody writes it who parts or joins messages."""
        style = self._random.choice(["plain", "plain", "header first", "anywhere", "joined"])
        if style == "header first":
            cut = [replace(said, cuts=(8,) if said.length > 8 else ()) for said in truth.messages]
            return replace(truth, messages=tuple(cut))
        if style == "anywhere":
            cut = [replace(said, cuts=self._cuts(said.length)) for said in truth.messages]
            return replace(truth, messages=tuple(cut))
        return replace(truth, joins=style == "joined")

    def _cuts(self, length: int) -> tuple[int, ...]:
        count = self._one_of(0, 0, 1, 2)
        return tuple(sorted(self._random.sample(range(1, length), min(count, length - 1))))

    def retry_later(self) -> Truth:
        """CAPF is busy, and says so behind the authentication."""
        truth = self.session()
        later = Said(_M.RETRY_LATER, self._one_of(12, 13, 15, 19))
        return replace(truth, messages=(*truth.messages[:-1], later))

    def fetch_of_nothing(self) -> Truth:
        """The phone has no LSC that CAPF could fetch; it may have authenticated by its MIC."""
        truth = self.session(Operation.FETCH)
        said = [
            Said(_M.FETCH_RESPONSE, 12) if one.command is _M.FETCH_RESPONSE else one
            for one in truth.messages
        ]
        return replace(truth, messages=tuple(said))

    def denied(self) -> Truth:
        """The phone cannot generate the key."""
        truth = self.session(Operation.INSTALL)
        said = [*truth.messages]
        at = [one.command for one in said].index(_M.KEYGEN_RESPONSE)
        messages = (*said[:at], Said(_M.KEYGEN_RESPONSE, 12), Said(_M.END_SESSION, 12))
        return replace(truth, messages=messages, outcome=CapfOutcome.ABORTED, key=None)

    def too_slow(self) -> Truth:
        """CAPF does not wait for the key any longer."""
        truth = self.session(Operation.INSTALL)
        said = [*truth.messages]
        at = [one.command for one in said].index(_M.KEYGEN_RESPONSE)
        messages = (*said[:at], Said(_M.END_SESSION, 12))
        return replace(truth, messages=messages, outcome=CapfOutcome.ABORTED, key=None)

    def cut_short(self) -> Truth:
        """An operation that breaks off, or that the capture does not hold to its end."""
        operation = self._random.choice([Operation.INSTALL, Operation.FETCH, Operation.DELETE])
        truth = self.session(operation)
        kept = self._random.randint(1, len(truth.messages) - 1)
        messages = truth.messages[:kept]
        end = self._random.choice([*End])
        outcome = CapfOutcome.OPEN if end is End.NONE else CapfOutcome.ABORTED
        begun = operation if kept > 2 else Operation.UNKNOWN
        made = any(one.command is _M.KEYGEN_RESPONSE for one in messages)
        return replace(
            truth,
            messages=messages,
            operations=() if begun is Operation.UNKNOWN else (begun,),
            end=end,
            outcome=outcome,
            key=truth.key if made else None,
            authentication=truth.authentication if kept > 1 else Authentication.UNKNOWN,
        )

    def any(self) -> Truth:
        """One of all of these."""
        make = self._random.choice(
            [
                lambda: self.session(Operation.INSTALL),
                lambda: self.session(Operation.INSTALL),
                lambda: self.session(Operation.FETCH),
                lambda: self.session(Operation.DELETE),
                lambda: self.session(Operation.FETCH, Operation.INSTALL),
                lambda: self.session(Operation.DELETE, Operation.INSTALL, Operation.FETCH),
                self.session,
                self.retry_later,
                self.fetch_of_nothing,
                self.denied,
                self.too_slow,
                self.cut_short,
                self.cut_short,
            ]
        )
        return make()


@dataclass
class Spoken:
    """The packets of a session, and what each brought."""

    packets: list[Tcp] = field(default_factory=lambda: list(OPENING))
    commands: dict[int, list[Command]] = field(default_factory=dict)
    """By the number of the packet."""
    _sent: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def carry(self, side: bool, data: bytes, commands: Sequence[Command]) -> None:
        make = from_client if side else from_server
        for start in range(0, len(data), 1400):
            part = data[start : start + 1400]
            self.commands[len(self.packets)] = list(commands)
            self.packets.append(make(self._sent[side], part, heard=self._sent[not side]))
            self._sent[side] += len(part)

    def close(self, side: bool, flags: int) -> None:
        make = from_client if side else from_server
        self.packets.append(make(self._sent[side], flags=flags, heard=self._sent[not side]))


def _flights(truth: Truth) -> Iterator[list[Said]]:
    """Messages that are written at once."""
    left = list(truth.messages)
    while left:
        joined = truth.joins and [said.command for said in left[:3]] == _JOINED
        yield left[:1]
        if joined:
            yield left[1:3]
        del left[: 3 if joined else 1]


_JOINED = [_M.KEYGEN_REQUEST, _M.REQUEST_IN_PROGRESS, _M.KEYGEN_RESPONSE]


def spoken(truth: Truth, conversation: Conversation) -> Spoken:
    """Have two ends of TLS say a session."""
    told = Spoken()
    flights = conversation.flights
    conversation.handshake()
    for side, data in flights:
        told.carry(side, data, [])
    for some in _flights(truth):
        done = len(flights)
        together = [sum(said.length for said in some)] if len(some) > 1 else some[0].writes
        conversation.say(some[0].from_client, *together)
        commands = [said.command for said in some if said.command is not None]
        for side, data in flights[done:]:
            told.carry(side, data, commands)
    close_session(truth.end, told, conversation)
    return told


def close_session(end: End, told: Spoken, conversation: Conversation) -> None:
    by_client = end is End.CLIENT
    if end in (End.IN_ORDER, End.ALERT_AND_RESET, End.CLIENT):
        done = len(conversation.flights)
        conversation.close(from_client=by_client)
        for side, data in conversation.flights[done:]:
            told.carry(side, data, [])
    if end in (End.ALERT_AND_RESET, End.RESET):
        told.close(False, RST | ACK)
    elif end is not End.NONE:
        told.close(by_client, FIN | ACK)
        told.close(not by_client, FIN | ACK)


def session_of(packets: Sequence[Tcp]) -> Session:
    """The session that packets are."""
    return Session(read_connection(flow(*packets)))


@dataclass(frozen=True)
class Transport:
    """A version of TLS with a cipher suite."""

    version: ssl.TLSVersion
    ciphers: str
    algorithm: str = "rsa"
    encrypt_then_mac: bool = True

    def conversation(self) -> Conversation:
        return Conversation(
            self.version,
            self.ciphers,
            algorithm=self.algorithm,
            encrypt_then_mac=self.encrypt_then_mac,
        )

    def __str__(self) -> str:
        mac = "" if self.encrypt_then_mac else "-without-encrypt-then-mac"
        return f"{self.version.name}-{self.ciphers}{mac}"


_TLS_1_3_SUITES = (
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
)


@cache
def transports() -> tuple[Transport, ...]:
    """Every suite of this OpenSSL that needs no shared secret, in the versions that have it."""
    return tuple(one for one in _candidates() if _works(one))


def _candidates() -> Iterator[Transport]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:COMPLEMENTOFALL:!PSK:!SRP:!aNULL:!DSS:@SECLEVEL=0")
    for suite in context.get_ciphers():
        name, protocol = suite["name"], suite["protocol"]
        if protocol == "TLSv1.3":
            continue
        algorithm = "ec" if "ECDSA" in name else "rsa"
        old = protocol in ("SSLv3", "TLSv1.0")
        versions = (TLS_1_0, TLS_1_1, TLS_1_2) if old else (TLS_1_2,)
        for version in versions:
            yield Transport(version, name, algorithm)
            if suite["aead"] is False and "NULL" not in name:
                yield Transport(version, name, algorithm, encrypt_then_mac=False)
    yield Transport(TLS_1_3, "ALL")


def _works(transport: Transport) -> bool:
    try:
        return bool(transport.conversation().handshake().client.cipher())
    except ssl.SSLError:
        return False
