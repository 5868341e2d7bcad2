"""The report: one model that every format renders (``schema_version`` 1).

Other programs rely on the JSON rendering of these structures: a field is never given another
meaning, keys are always present, what is not known is null and what is none is an empty list.
Times are text, UTC, ISO 8601 with nine decimals and ``Z``.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from capfpcap.report.flows import (
    Alert,
    Capf,
    CapfMessage,
    Certificate,
    Endpoint,
    Flow,
    PathSegment,
    Reachability,
    SeenAt,
    Tls,
    Translation,
)
from capfpcap.report.words import (
    Authentication,
    CapfOutcome,
    Certainty,
    CertificateKind,
    EvidenceKind,
    Operation,
    Outcome,
    Reach,
    Severity,
    Stage,
    Unjudged,
    VerdictSeverity,
)
from capfpcap.vantage.role import Role

__all__ = [
    "SCHEMA_VERSION",
    "Alert",
    "Authentication",
    "Capf",
    "CapfMessage",
    "CapfOutcome",
    "Capture",
    "Certainty",
    "Certificate",
    "CertificateKind",
    "Configuration",
    "Endpoint",
    "Evidence",
    "EvidenceFile",
    "EvidenceKind",
    "Finding",
    "Flow",
    "Operation",
    "Outcome",
    "PathSegment",
    "Phone",
    "PhoneOperation",
    "Reach",
    "Reachability",
    "Report",
    "Role",
    "SeenAt",
    "Severity",
    "Stage",
    "Tls",
    "Tool",
    "Translation",
    "TrustList",
    "Unjudged",
    "Verdict",
    "VerdictSeverity",
]

SCHEMA_VERSION = 1


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """The program that made the report."""

    name: str
    version: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report in a word and a sentence."""

    severity: VerdictSeverity
    summary: str
    unjudged: Unjudged | None
    """What is left open where the severity is ``unknown``."""


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


class PhoneOperation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation that CAPF began, or may have begun, with a phone."""

    flow: str
    """:attr:`Flow.id`."""
    operation: Operation
    outcome: CapfOutcome
    certainty: Certainty


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
    operations: tuple[PhoneOperation, ...]
    """All of them in order; :attr:`operation` and :attr:`outcome` are about the last one."""
    attempts: int
    """Connections to CAPF that the phone began."""
    lsc: Certificate | None
    """That which the phone showed to a server last; what CAPF issues is encrypted."""
    trust_list: TrustList | None
    configuration: Configuration | None

    @property
    def operation_words(self) -> str:
        """The operation, and whether it is no more than possible."""
        possible = self.operations and self.operations[-1].certainty is Certainty.POSSIBLE
        return f"{self.operation.value} (possible)" if possible else self.operation.value


class EvidenceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was given beside the captures, as it was read."""

    id: str
    path: str
    kind: EvidenceKind


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A frame of a capture that proves something, or a place in a file given beside them."""

    capture: str | None
    """:attr:`Capture.id`; null where a file given beside the captures says it."""
    frame: int | None
    """From 1, in that capture, as Wireshark counts."""
    time: str | None
    """Null where the file does not say when."""
    note: str
    file: str | None
    """:attr:`EvidenceFile.id`; null where a frame shows it."""
    line: int | None
    """From 1, in that file, where it is text."""
    record: int | None
    """Number of a trust list's record, from 1, as ``show itl`` counts."""

    @property
    def source(self) -> str:
        """Which capture or file."""
        return self.capture or self.file or ""

    @property
    def spot(self) -> str:
        """Where in it: a frame, a line, a record, or nowhere in particular."""
        if self.frame is not None:
            return str(self.frame)
        if self.line is not None:
            return str(self.line)
        return "" if self.record is None else f"record {self.record}"

    @property
    def place(self) -> str:
        """``phone:66``, ``phone-log:480``, ``itl:record 3``."""
        return f"{self.source}:{self.spot}" if self.spot else self.source


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One fault or fact, with what proves it and what to do."""

    code: str
    stage: Stage
    severity: Severity
    resolved: bool
    """A later attempt of the same phone overcame it."""
    title: str
    detail: str
    remedy: str
    phone: str | None
    service: str | None
    """Whose connection or answer it is about; at the stages ``tcp`` and ``tls`` not always CAPF."""
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
    evidence_files: tuple[EvidenceFile, ...]
    """What was given beside the captures: trust lists, logs."""
    phones: tuple[Phone, ...]
    flows: Sequence[Flow]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    """The tool's own remarks."""
