"""Files that arrived whole at a phone, read: trust lists and configurations."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from capf_dissectors import configuration, signed_file, trust_list
from capf_dissectors.configuration import PhoneConfiguration
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.signature import SignatureCheck, verify
from capf_dissectors.trust_list import (
    Record,
    RecordMatch,
    TrustFunction,
    TrustList,
    record_matches,
)
from msgspec import Struct

from capfpcap.timeline.files import FileKind, FileTransfer
from capfpcap.vantage.flow import Flow, Sighting

_DISTINCT_LISTS = 4096


class ReadTrustList(Struct, frozen=True, eq=False):
    """The content of a trust list file."""

    content: bytes
    sha256: str
    parsed: TrustList | Malformed | NeedMore

    @property
    def capf_records(self) -> tuple[Record, ...]:
        """Its records with function CAPF."""
        if not isinstance(self.parsed, TrustList):
            return ()
        return self.parsed.with_function(TrustFunction.CAPF)

    @property
    def problem(self) -> str:
        """Why it cannot be read; empty where it can."""
        if isinstance(self.parsed, TrustList):
            return ""
        if not self.content:
            return "it is empty"
        if isinstance(self.parsed, Malformed):
            return f"byte {self.parsed.offset}: {self.parsed.reason}"
        length = len(self.content)
        return f"it ends at byte {length}, {self.parsed.at_least} or more too early"


@lru_cache(_DISTINCT_LISTS)
def is_sound(read: ReadTrustList) -> bool:
    """Whether a list parses, names a CAPF server, and has no signature that fails."""
    return bool(read.capf_records) and check_signature(read) is not SignatureCheck.INVALID


@lru_cache(_DISTINCT_LISTS)
def compare(read: ReadTrustList, certificate: bytes) -> tuple[tuple[Record, RecordMatch], ...]:
    """Each CAPF record of a list with how a certificate in DER compares with it."""
    return tuple((record, record_matches(record, certificate)) for record in read.capf_records)


class LoadedTrustList(Struct, frozen=True, eq=False):
    """A trust list that a phone loaded."""

    flow: Flow
    sighting: Sighting
    transfer: FileTransfer
    kind: FileKind
    """ITL or CTL."""
    time: int
    """When it had arrived whole, nanoseconds since 1970 UTC."""
    read: ReadTrustList

    @property
    def signature(self) -> SignatureCheck | None:
        """Whether its signature verifies; None where it does not parse."""
        return check_signature(self.read) if isinstance(self.read.parsed, TrustList) else None


class LoadedConfiguration(Struct, frozen=True, eq=False):
    """A configuration file that a phone loaded."""

    flow: Flow
    sighting: Sighting
    transfer: FileTransfer
    time: int
    encrypted: bool
    configuration: PhoneConfiguration | None
    """None where it is encrypted or cannot be read."""
    problem: str | None


NO_OPERATION = (None, 0)
"""Values of ``capfAuthMode`` with which a phone has no reason to turn to CAPF."""


def asks_for_operation(configuration: PhoneConfiguration) -> bool:
    """Whether a configuration names a CAPF server and an operation that is to be done with it."""
    return configuration.capf_auth_mode not in NO_OPERATION and bool(capf_hosts(configuration))


def capf_hosts(configuration: PhoneConfiguration) -> list[str]:
    """The CAPF servers by name or address; an entry may be there and be empty."""
    return [server.host for server in configuration.capf_servers if server.host]


def load(
    flow: Flow, sighting: Sighting, transfer: FileTransfer
) -> LoadedTrustList | LoadedConfiguration | None:
    """Read what a transfer brought; None for other files and incomplete ones."""
    content = transfer.content
    if content is None:
        return None
    kind = transfer.kind
    if kind is FileKind.ITL or kind is FileKind.CTL:
        read = read_trust_list(content)
        return LoadedTrustList(flow, sighting, transfer, kind, transfer.ended, read)
    if kind is not FileKind.CONFIGURATION:
        return None
    encrypted, parsed, problem = _read_configuration(content)
    return LoadedConfiguration(flow, sighting, transfer, transfer.ended, encrypted, parsed, problem)


@lru_cache(_DISTINCT_LISTS)
def read_trust_list(content: bytes) -> ReadTrustList:
    """Read a trust list once, however many phones load it."""
    return ReadTrustList(content, hashlib.sha256(content).hexdigest(), trust_list.dissect(content))


@lru_cache(_DISTINCT_LISTS)
def check_signature(read: ReadTrustList) -> SignatureCheck:
    """Verify a list's signature once, however many phones load it."""
    if not isinstance(read.parsed, TrustList):
        return SignatureCheck.UNSUPPORTED
    return verify(read.content, read.parsed)


def _read_configuration(content: bytes) -> tuple[bool, PhoneConfiguration | None, str | None]:
    """Whether it is encrypted, the configuration, and why it cannot be read."""
    if signed_file.is_signed(content):
        encrypted, content = signed_file.outline(content)
        if encrypted:
            return True, None, "it is encrypted"
    parsed = configuration.dissect(content)
    if isinstance(parsed, Malformed):
        return False, None, f"byte {parsed.offset}: {parsed.reason}"
    return False, parsed, None
