"""Trust lists that were given: what a TFTP server serves, as a file or as ``show itl`` tells it.

Which of the two a file is, its content tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from enum import Enum

from capf_dissectors import shown_list, signed_file
from capf_dissectors.distinguished_name import names_agree
from capf_dissectors.foreign_content import in_place_of_list
from capf_dissectors.shown_list import Failure, Kind, ShownList
from capf_dissectors.signature import SignatureCheck
from capf_dissectors.signed_header import SignedHeader, dissect_header
from capf_dissectors.trust_list import (
    LIST_VERSION,
    Record,
    TrustFunction,
    TrustList,
    certificate_sha1,
)
from msgspec import Struct

from capfpcap.capture.files.pcap import is_pcap
from capfpcap.capture.files.pcapng import is_pcapng
from capfpcap.enrolment.loaded import ReadTrustList, check_signature, read_trust_list
from capfpcap.report import EvidenceFile, EvidenceKind

_IDS = {EvidenceKind.TRUST_LIST: "itl", EvidenceKind.SHOW_OUTPUT: "show-itl"}
MAX_NAME = 60
"""Characters of a file's name in a sentence."""


class EvidenceError(Exception):
    """A file that was given is not what it was given for; the message is one sentence."""


class ListFault(Enum):
    """Why a list that a node serves is none; the value says it."""

    NOT_FOUND = "the node has no list: file not found"
    EMPTY = "its length is 0"
    UNREADABLE = "it cannot be read"


class GivenRecord(Struct, frozen=True, eq=False):
    """A record of a list that was given, as far as its source tells it."""

    record: Record
    number: int
    """From 1, as ``show itl`` counts."""
    line: int | None
    """From 1, in a text."""

    @property
    def owner(self) -> str:
        """Whose it is, for a sentence: the subject, or else the host."""
        return self.record.subject or self.record.dns_name or "nobody in particular"


class GivenList(Struct, frozen=True, eq=False):
    """A trust list that was given beside the captures."""

    file: EvidenceFile
    kind: Kind
    name: str
    """What a sentence calls it: the file's name, with a number where it holds several."""
    line: int | None
    """Where it begins in a text, from 1."""
    records: tuple[GivenRecord, ...]
    sha1: str = ""
    """Of the file; empty where saved output does not tell it."""
    fault: ListFault | None = None
    problem: str = ""
    """Why it cannot be read, with the place."""
    signature: SignatureCheck | None = None
    """None where nothing tells."""
    whole: bool = True
    """Whether all its records are there: a text may lack some."""

    @property
    def capf(self) -> tuple[GivenRecord, ...]:
        """Its records with function CAPF."""
        return tuple(one for one in self.records if one.record.function is TrustFunction.CAPF)


class GivenFile(Struct, frozen=True):
    """A file of the command line, read."""

    path: str
    data: bytes
    kind: EvidenceKind
    """What the user takes it for; its content has the last word."""


def read_lists(files: Sequence[GivenFile]) -> tuple[tuple[GivenList, ...], tuple[str, ...]]:
    """The lists in some files, and remarks on what does not add up in them.

    Raises:
        EvidenceError: a file is neither a list nor saved output.
    """
    found: list[GivenList] = []
    remarks: list[str] = []
    counts = dict.fromkeys(_IDS, 0)
    for given in files:
        kind = _kind_of(given)
        counts[kind] += 1
        identity = _IDS[kind] if counts[kind] == 1 else f"{_IDS[kind]}-{counts[kind]}"
        file = EvidenceFile(id=identity, path=given.path, kind=kind)
        if kind is EvidenceKind.TRUST_LIST:
            found.append(_of_bytes(file, given))
            continue
        lists = shown_list.dissect(shown_list.decode(given.data))
        if not lists:
            raise EvidenceError(f"{given.path} has no list of 'show itl' or 'show ctl' in it")
        found += _of_text(file, lists)
        remarks += [
            f"{given.path}, line {remark.line}: {remark.text}"
            for shown in lists
            for remark in shown.remarks
        ]
    return tuple(found), tuple(remarks)


def _kind_of(given: GivenFile) -> EvidenceKind:
    """What a file is; what is nothing of all this may be what a node serves for a list."""
    if signed_file.is_signed(given.data):
        return EvidenceKind.TRUST_LIST
    if is_pcap(given.data) or is_pcapng(given.data):
        raise EvidenceError(f"{given.path} is a capture, no trust list")
    if shown_list.looks_shown(shown_list.decode(given.data)):
        return EvidenceKind.SHOW_OUTPUT
    return given.kind


def _short(path: str) -> str:
    name = path.replace("\\", "/").rpartition("/")[2] or path
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def _of_bytes(file: EvidenceFile, given: GivenFile) -> GivenList:
    read = read_trust_list(given.data)
    parsed = read.parsed
    header = dissect_header(given.data)
    known = header if isinstance(header, SignedHeader) else None
    has_records = isinstance(parsed, TrustList) and bool(parsed.records)
    if known is not None and known.version != LIST_VERSION and not has_records:
        raise EvidenceError(f"{given.path} is a signed file, no trust list")
    header_name = known.file_name if known else ""
    fault = None
    if not isinstance(parsed, TrustList):
        fault = ListFault.UNREADABLE if given.data else ListFault.EMPTY
    return GivenList(
        file=file,
        kind=Kind.CTL if header_name.upper().startswith("CTL") else Kind.ITL,
        name=_short(given.path),
        line=None,
        records=tuple(_records(read)),
        sha1=hashlib.sha1(given.data, usedforsecurity=False).hexdigest(),
        fault=fault,
        problem=_problem(read),
        signature=check_signature(read) if isinstance(parsed, TrustList) else None,
    )


def _problem(read: ReadTrustList) -> str:
    """Why a list cannot be read, and what came in its place where that is something known."""
    foreign = in_place_of_list(read.content) if read.problem and read.content else None
    return f"{read.problem}; it is {foreign.value}" if foreign else read.problem


def _records(read: ReadTrustList) -> Iterator[GivenRecord]:
    if isinstance(read.parsed, TrustList):
        for number, record in enumerate(read.parsed.records, 1):
            yield GivenRecord(record, number, None)


_FAULTS = (
    (Failure.NOT_FOUND, ListFault.NOT_FOUND),
    (Failure.UNPARSABLE, ListFault.UNREADABLE),
    (Failure.EMPTY, ListFault.EMPTY),
)
"""What the command line says, the most telling first."""


def _of_text(file: EvidenceFile, lists: Sequence[ShownList]) -> Iterator[GivenList]:
    for number, shown in enumerate(lists, 1):
        several = f" (list {number})" if len(lists) > 1 else ""
        fault = None
        if not shown.records:
            fault = next((ours for theirs, ours in _FAULTS if theirs in shown.failures), None)
        yield GivenList(
            file=file,
            kind=shown.kind or Kind.ITL,
            name=f"{_short(file.path)}{several}",
            line=shown.line,
            records=tuple(
                GivenRecord(shown_list.as_record(one), one.number or place, one.line)
                for place, one in enumerate(shown.records, 1)
            ),
            sha1=shown.sha1,
            fault=fault,
            problem=fault.value if fault else "",
            signature=None if shown.verified is None else _VERIFIED[shown.verified],
            whole=bool(shown.records) and not shown.gap,
        )


_VERIFIED = {True: SignatureCheck.VALID, False: SignatureCheck.INVALID}


def records_agree(one: Record, other: Record) -> bool | None:
    """Whether two records stand for one certificate; None where nothing can be compared."""
    if one.certificate is not None and other.certificate is not None:
        return one.certificate == other.certificate
    for mine, yours in (
        (_sha1(one), _sha1(other)),
        (one.public_key, other.public_key),
    ):
        if mine and yours:
            return mine == yours
    if one.serial and other.serial:
        return one.serial == other.serial and names_agree(one.issuer, other.issuer)
    return None


_SHA1_BYTES = 20


def _sha1(record: Record) -> bytes:
    """SHA-1 of its certificate, where it tells; none where it tells nothing of the kind."""
    told = certificate_sha1(record)
    return told if len(told) == _SHA1_BYTES else b""


def lists_agree(one: Sequence[Record], other: Sequence[Record]) -> bool | None:
    """Whether any CAPF record of two lists is the same; None where that cannot be told."""
    answers = {records_agree(mine, yours) for mine in one for yours in other}
    if True in answers:
        return True
    return None if None in answers or not answers else False
