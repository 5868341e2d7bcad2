"""Flows in the report, with what TLS and CAPF said in them."""

from __future__ import annotations

import msgspec

from capfpcap.report.words import (
    Authentication,
    CapfOutcome,
    Certainty,
    CertificateKind,
    Operation,
    Reach,
)


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """An X.509 certificate; hexadecimal is lower case without separators.

    Of one that cannot be read the hashes are known, and :attr:`problem` says why.
    """

    subject: str | None
    issuer: str | None
    serial: str | None
    sha1: str
    sha256: str
    not_before: str | None
    not_after: str | None
    key: str | None
    """For example ``RSA 2048`` or ``EC secp384r1``."""
    signature_hash: str | None
    kind: CertificateKind
    problem: str | None

    @property
    def title(self) -> str:
        """Whose it is, or by what hash it is known where that cannot be read."""
        return f"unreadable, SHA-1 {self.sha1}" if self.subject is None else self.subject


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address and a port."""

    address: str
    port: int


class SeenAt(msgspec.Struct, frozen=True, kw_only=True):
    """A flow as one capture shows it."""

    packets_to_server: int
    packets_to_client: int
    bytes_to_server: int
    """Transport payload as the IP headers state it, retransmissions included."""
    bytes_to_client: int
    history: str


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a flow as two captures name it, differently."""

    near: Endpoint
    far: Endpoint


class PathSegment(msgspec.Struct, frozen=True, kw_only=True):
    """What packets of a flow do not keep between two captures next to each other.

    Numbers are as the near capture has them, then as the far one has them; null where it does not
    tell.
    """

    near: str
    """:attr:`Capture.id` of the capture closer to the client."""
    far: str
    client: Translation | None
    """Null where the client has the same address and port in both."""
    server: Translation | None
    ttl_to_server: tuple[int | None, int | None]
    """TTL or hop limit of the first packet to the server; each router on the way takes one."""
    ttl_to_client: tuple[int | None, int | None]
    mss_to_server: tuple[int | None, int | None]
    """The MSS that the client announces: octets of the largest segment that it accepts."""
    mss_to_client: tuple[int | None, int | None]
    """The MSS that the server announces."""


class Reachability(msgspec.Struct, frozen=True, kw_only=True):
    """Whether packets arrive, each way."""

    to_server: Reach
    to_client: Reach


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A TLS alert in the clear."""

    by: str
    """``client`` or ``server``."""
    level: str
    description: str
    frames: dict[str, int]
    """Frame number by capture id."""


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """The TLS session of a flow."""

    version: str | None
    cipher_suite: str | None
    established: bool
    """Whether both sides finished the handshake, as far as can be seen."""
    server_certificate: Certificate | None
    alerts: tuple[Alert, ...]


class CapfMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A CAPF message, or what the size of an encrypted one shows it to be."""

    sender: str = msgspec.field(name="from")
    """``server`` or ``phone``."""
    command: str
    """For example ``KEYGEN_REQUEST``."""
    time: str
    frames: dict[str, int]
    """Number of the frame that completes it, by capture id."""
    elements: dict[str, str]
    """What it says, by the names of its elements; empty where it is not decrypted."""
    certainty: Certainty


class Capf(msgspec.Struct, frozen=True, kw_only=True):
    """The CAPF session of a flow; where it is not decrypted, as far as sizes tell."""

    decrypted: bool
    operation: Operation
    """The last one, where the session has several."""
    outcome: CapfOutcome
    authentication: Authentication
    key: str | None
    """That which the phone generated: ``RSA 2048``, ``EC secp384r1``; ``RSA`` or ``EC`` where no
    more is told."""
    key_asked_for: str | None
    """That which CAPF asked for; null where it is not decrypted."""
    device_name: str | None
    """The phone's, as it calls itself in the session."""
    session_id: int | None
    """The session's number, by which CAPF's trace calls it."""
    reason: str | None
    """Why CAPF ended the session."""
    issued: Certificate | None
    """The certificate that CAPF had the phone store, or that it fetched."""
    certainty: Certainty
    """Of the operation, the outcome, and what is said of authentication and key."""
    messages: tuple[CapfMessage, ...]
    """Those that can be told, in order."""


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """A flow in both directions; for TFTP a transfer with its second server port."""

    id: str
    service: str
    transport: str
    phone: str | None
    """:attr:`Phone.name` of the phone it belongs to."""
    client: Endpoint
    server: Endpoint
    start: str
    end: str
    seen_at: dict[str, SeenAt]
    path_segments: tuple[PathSegment, ...]
    """From the client's end to the server's; empty where one capture alone shows the flow."""
    reachability: Reachability
    tls: Tls | None
    capf: Capf | None
