"""The words that the report chooses from."""

from __future__ import annotations

from enum import Enum


class Severity(Enum):
    """How much a finding matters."""

    CRITICAL = "critical"
    """On this evidence the certificate operation cannot succeed, or did fail."""
    WARNING = "warning"
    """It worked, or may work, but something is wrong or about to be."""
    INFO = "info"
    """A fact worth knowing, not a fault."""


class Stage(Enum):
    """The step of a phone's way to its certificate at which a finding strikes, in their order."""

    NAMES = "names"
    FILES = "files"
    TRUST_LIST = "trust-list"
    TVS = "tvs"
    TCP = "tcp"
    TLS = "tls"
    CAPF = "capf"
    CERTIFICATE = "certificate"
    """The phone's own, once it has one."""
    CAPTURES = "captures"
    """None of the phone's: the captures themselves."""


class Certainty(Enum):
    """How far the captures carry a finding."""

    PROVEN = "proven"
    LIKELY = "likely"
    POSSIBLE = "possible"


class EvidenceKind(Enum):
    """What a file is that was given beside the captures."""

    TRUST_LIST = "trust-list"
    """An ITL or CTL as a TFTP server serves it."""
    SHOW_OUTPUT = "show-output"
    """Saved output of ``show itl`` or ``show ctl``."""
    PHONE_LOG = "phone-log"


class VerdictSeverity(Enum):
    """The verdict on all captures together."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    """Nothing to judge, or the program's own failure."""


class Unjudged(Enum):
    """What a verdict *unknown* leaves open."""

    EVERYTHING = "everything"
    """No phone is in the captures."""
    PART = "part"
    """A capture or a rule failed, or a phone's packets are there in one direction only."""
    OUTCOMES = "outcomes"
    """Phones are there; of none is it seen how its enrolment ended."""
    STALE = "stale"
    """Of late nothing was recorded, though that was asked for: a recorder may have stopped."""


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


class CapfOutcome(Enum):
    """How a CAPF session, or an operation in it, ended."""

    COMPLETE = "complete"
    """To its end, with all that the operation consists of."""
    REFUSED = "refused"
    """CAPF ended it after authentication or before; without keys the reason is not visible."""
    ABORTED = "aborted"
    """It ended before the operation was whole."""
    OPEN = "open"
    """The captures end while the parties are at it."""
    UNKNOWN = "unknown"


class Authentication(Enum):
    """How the phone shows CAPF that it is who it says."""

    NULL_STRING = "null-string"
    STRING = "string"
    CERTIFICATE = "certificate"
    """By an existing certificate, LSC or MIC."""
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
