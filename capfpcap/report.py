"""The report: one model that every format renders (``schema_version`` 1).

Other programs rely on the JSON rendering of these structures: a field is never given another
meaning, keys are always present, what is not known is null and what is none is an empty list.
Times are text, UTC, ISO 8601 with nine decimals and ``Z``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import overload

import msgspec

from capfpcap.vantage.role import Role

__all__ = [
    "SCHEMA_VERSION",
    "Alert",
    "Capf",
    "CapfMessage",
    "Capture",
    "Certainty",
    "Certificate",
    "CertificateKind",
    "Configuration",
    "EncodedFlows",
    "Endpoint",
    "Evidence",
    "Finding",
    "Flow",
    "Operation",
    "Outcome",
    "Phone",
    "Reach",
    "Reachability",
    "Report",
    "Role",
    "SeenAt",
    "Severity",
    "Stretch",
    "Tls",
    "Tool",
    "Translation",
    "TrustList",
    "Verdict",
    "VerdictSeverity",
]

SCHEMA_VERSION = 1


class Severity(Enum):
    """How much a finding matters."""

    CRITICAL = "critical"
    """On this evidence the certificate operation cannot succeed, or did fail."""
    WARNING = "warning"
    """It worked, or may work, but something is wrong or about to be."""
    INFO = "info"
    """A fact worth knowing, not a fault."""


class Certainty(Enum):
    """How far the captures carry a finding."""

    PROVEN = "proven"
    LIKELY = "likely"
    POSSIBLE = "possible"


class VerdictSeverity(Enum):
    """The verdict on all captures together."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    """Nothing to judge, or the program's own failure."""


class Operation(Enum):
    """What the CAPF server was to do with the phone's certificate."""

    INSTALL = "install"
    FETCH = "fetch"
    DELETE = "delete"
    UNKNOWN = "unknown"


class Outcome(Enum):
    """How a phone's enrolment ended, as far as the captures show."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RECOVERED = "recovered"
    """Failed first; a later attempt succeeded."""
    REFUSED = "refused"
    """CAPF ended the session right after authentication."""
    NOT_ATTEMPTED = "not-attempted"
    IN_PROGRESS = "in-progress"
    """The captures end while the phone was at it."""
    UNKNOWN = "unknown"


class Reach(Enum):
    """Whether packets of one direction arrive."""

    PASSES = "passes"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


class CertificateKind(Enum):
    """Whose certificate it is, told by its issuer."""

    CAPF = "capf"
    LSC = "lsc"
    MIC = "mic"
    OTHER = "other"


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """The program that made the report."""

    name: str
    version: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report in a word and a sentence."""

    severity: VerdictSeverity
    summary: str


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """One capture file as it was read."""

    id: str
    path: str
    role: Role
    role_given: bool
    """Named by the user, or inferred from the packets."""
    format: str
    link_types: tuple[str, ...]
    packets: int
    relevant_packets: int
    first: str | None
    last: str | None
    clock_offset_s: float | None
    """Seconds by which this capture's clock is ahead of the first capture's."""
    clock_offset_error_s: float | None


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """An X.509 certificate; hexadecimal is lower case without separators."""

    subject: str
    issuer: str
    serial: str
    sha1: str
    sha256: str
    not_before: str
    not_after: str
    key: str
    """For example ``RSA 2048`` or ``EC secp384r1``."""
    signature_hash: str | None
    kind: CertificateKind


class TrustList(msgspec.Struct, frozen=True, kw_only=True):
    """The trust list that the phone loaded last."""

    file: str
    server: str
    via: str
    """``tftp`` or ``http``."""
    sha256: str
    capf_certificate: Certificate | None
    """That of the CAPF record, where the record holds a whole certificate."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration that the phone loaded last."""

    file: str
    capf_host: str | None
    capf_port: int | None
    capf_auth_mode: int | None
    encrypted: bool
    """Only the phone can read it."""
    problem: str | None
    """What is wrong with a file that arrived whole and cannot be read, and where."""


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A phone and how its enrolment went."""

    name: str
    """Device name ``SEP…``, or the address where no packet tells the name."""
    mac: str | None
    addresses: tuple[str, ...]
    operation: Operation
    outcome: Outcome
    status_message: str | None
    """What the phone's screen would say."""
    root_cause: str | None
    """Code of the finding that explains the failure."""
    attempts: int
    """Connections to CAPF that the phone began."""
    lsc: Certificate | None
    """That which the phone showed to a server last; what CAPF issues is encrypted."""
    trust_list: TrustList | None
    configuration: Configuration | None


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


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
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
    """A CAPF message."""

    sender: str = msgspec.field(name="from")
    command: str
    time: str
    frames: dict[str, int]
    elements: dict[str, str]


class Capf(msgspec.Struct, frozen=True, kw_only=True):
    """The CAPF session of a flow."""

    decrypted: bool
    messages: tuple[CapfMessage, ...]


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
    stretches: tuple[Stretch, ...]
    """From the client's end to the server's; empty where one capture alone shows the flow."""
    reachability: Reachability
    tls: Tls | None
    capf: Capf | None


class EncodedFlows(Sequence[Flow]):
    """Flows that are written in JSON already, as where there are very many of them.

    ``encoded`` has one object for each; its strings are as the format wants them.
    """

    def __init__(self, encoded: Sequence[bytes]) -> None:
        self.encoded = encoded

    def __len__(self) -> int:
        return len(self.encoded)

    @overload
    def __getitem__(self, index: int) -> Flow: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Flow]: ...

    def __getitem__(self, index: int | slice) -> Flow | Sequence[Flow]:
        if isinstance(index, slice):
            return EncodedFlows(self.encoded[index])
        return msgspec.json.decode(self.encoded[index], type=Flow)


FlowWriter = Callable[[Sequence[Flow]], list[bytes]]
"""Writes flows in JSON, one object for each."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that proves something."""

    capture: str
    """:attr:`Capture.id`."""
    frame: int
    """From 1, in that file, as Wireshark counts."""
    time: str
    note: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One fault or fact, with what proves it and what to do."""

    code: str
    severity: Severity
    resolved: bool
    """A later attempt of the same phone overcame it."""
    title: str
    detail: str
    remedy: str
    phone: str | None
    service: str | None
    flow: str | None
    caused_by: str | None
    """Code of the finding of the same phone of which this one is a symptom."""
    certainty: Certainty
    evidence: tuple[Evidence, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that ``capfpcap check`` has to say."""

    schema_version: int
    tool: Tool
    verdict: Verdict
    captures: tuple[Capture, ...]
    phones: tuple[Phone, ...]
    flows: Sequence[Flow]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    """The tool's own remarks."""
