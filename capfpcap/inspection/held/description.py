"""What there is to say of a trust list or signed file in hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from capf_dissectors import shown_list
from capf_dissectors.shown_list import Failure, ShownList
from capf_dissectors.signature import SignatureCheck, verify_by_lists, verifying_record
from capf_dissectors.signed_header import SignedHeader
from capf_dissectors.trust_list import Record, TrustList
from msgspec import Struct
from msgspec.structs import replace

from capfpcap.compose.basics import timestamp
from capfpcap.enrolment.loaded import read_trust_list
from capfpcap.inspection.held.sources import Held, Loaded
from capfpcap.inspection.trust_lists import (
    DIGESTS,
    SIGNATURES,
    RecordLine,
    describe_records,
)
from capfpcap.trust.certificate import NANOSECONDS

MAX_LOADS = 1000
"""Loadings of one file that are told; of a burst of phones each loads the same list."""
SCHEMA_VERSION = 1
_FAILURES = {
    Failure.EMPTY: "its length is 0",
    Failure.NOT_FOUND: "the node has none: file not found",
    Failure.UNPARSABLE: "the node cannot parse it",
}


class Loading(Struct, frozen=True):
    """How a phone loaded a file."""

    phone: str
    file: str
    server: str
    via: str
    """``tftp`` or ``http``."""
    time: str
    """When it had arrived whole, as the report has times."""
    capture: str
    """Path of the capture."""
    first_frame: int
    """That with the request, counted as Wireshark counts."""
    last_frame: int
    """That with which the file was whole."""
    last: bool
    """Whether the phone loaded no other of this kind later."""


class HeldFile(Struct, frozen=True):
    """A trust list or signed file; empty texts and null where its source does not tell."""

    source: str
    number: int
    """Among those of its source, from 1: ``source:number`` names it."""
    name: str
    kind: str
    """``ITL``, ``CTL`` or ``signed file``."""
    form: str
    """``bytes``, or ``show-output`` where only saved output tells of it."""
    length: int | None
    md5: str
    sha1: str
    sha256: str
    version: str
    signer: str
    signer_serial: str
    signed_at: str
    """As the report has times."""
    digest: str
    signature: str
    """What verifying it showed, in words."""
    verified: bool | None
    """Null where it cannot be verified."""
    encrypted: bool
    """Of a signed file: only its phone can read it."""
    problem: str
    """Why it cannot be read; empty where it can."""
    records: tuple[RecordLine, ...]
    loads: tuple[Loading, ...]
    further_loads: int
    """How many more there are."""
    remarks: tuple[str, ...]
    """What does not add up in saved output, with its lines."""
    printed: tuple[str, ...]
    """As the command line of CUCM prints it, line by line."""


class HeldFiles(Struct, frozen=True):
    """All that was found."""

    schema_version: int
    files: tuple[HeldFile, ...]
    notes: tuple[str, ...]
    """What could not be read or was left out, a sentence each."""


class _Signature(Struct, frozen=True):
    """What verifying a signature showed."""

    words: str = ""
    verified: bool | None = None
    record: int | None = None
    """The place of the record in the list itself whose key made it."""


def describe(held: Held, among: Sequence[Held]) -> HeldFile:
    """What a file says; ``among`` others in hand may be lists that hold its signer's key."""
    if held.shown is not None:
        return _of_text(held, held.shown)
    content = held.content or b""
    header = held.header
    parsed = held.parsed
    signature = _verified(held, among)
    records = parsed.records if isinstance(parsed, TrustList) else ()
    return HeldFile(
        source=held.source,
        number=held.number,
        name=held.name,
        kind=held.kind.value if held.kind else "signed file",
        form="bytes",
        length=len(content),
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        sha256=held.sha256,
        version=".".join(map(str, header.version)) if header else "",
        signer=header.signer.name if header else "",
        signer_serial=header.signer.serial if header else "",
        signed_at=_signed_at(header),
        digest=DIGESTS.get(header.digest_algorithm or 0, "") if header else "",
        signature=signature.words,
        verified=signature.verified,
        encrypted=held.kind is None and header is not None and header.version[0] > 1,
        problem=read_trust_list(content).problem if held.kind else "",
        records=describe_records(records, signature.record),
        loads=tuple(map(_loading, [held] * MAX_LOADS, held.loads)),
        further_loads=max(0, len(held.loads) - MAX_LOADS),
        remarks=(),
        printed=_printed(held, content, header, records, signature),
    )


def _signed_at(header: SignedHeader | None) -> str:
    if header is None or header.timestamp is None:
        return ""
    return timestamp(header.timestamp * NANOSECONDS)


def _printed(
    held: Held,
    content: bytes,
    header: SignedHeader | None,
    records: tuple[Record, ...],
    signature: _Signature,
) -> tuple[str, ...]:
    if header is None or (held.kind is not None and held.trust_list is None):
        failure = Failure.UNPARSABLE if content else Failure.EMPTY
        shown = ShownList(held.kind, 0, length=len(content), failures=(failure,))
        return tuple(shown_list.as_printed(shown))
    shown = shown_list.of_bytes(
        content,
        header,
        records,
        kind=held.kind,
        signing=signature.record,
        verified=signature.verified,
    )
    write = shown_list.as_printed if held.kind else shown_list.header_as_printed
    return tuple(write(shown))


def _verified(held: Held, among: Sequence[Held]) -> _Signature:
    """By a record of the list itself, or of another list in hand."""
    content, header = held.content, held.header
    if content is None or header is None or (held.kind is not None and held.trust_list is None):
        return _Signature()
    own = [held] if held.trust_list is not None else []
    others = [one for one in among if one is not held and one.trust_list is not None]
    lists = [one.trust_list for one in (*own, *others) if one.trust_list is not None]
    check = verify_by_lists(content, header, lists)
    if check is not SignatureCheck.VALID:
        words = SIGNATURES[check]
        if check is SignatureCheck.SIGNER_NOT_IN_LIST and held.kind is None:
            words = "cannot be verified: its signer is in no trust list at hand"
        return _Signature(words, False if check is SignatureCheck.INVALID else None)
    for one in (*own, *others):
        assert one.trust_list is not None
        place = verifying_record(content, one.trust_list, header)
        if place is not None:
            where = "" if one is held else f" of {one.name or one.source}"
            words = f"verified with the key of record {place + 1}{where}"
            return _Signature(words, True, place if one is held else None)
    return _Signature(SIGNATURES[check], True)


def _loading(held: Held, loaded: Loaded) -> Loading:
    item = loaded.item
    transfer, columns = item.transfer, item.sighting.at.table.columns
    assert held.addresses is not None
    return Loading(
        phone=loaded.phone.name,
        file=transfer.name,
        server=held.addresses.text(transfer.server),
        via=transfer.via.value,
        time=timestamp(item.time),
        capture=held.source,
        first_frame=int(columns.frame[transfer.first_row]),
        last_frame=int(columns.frame[transfer.final_row]),
        last=loaded.last,
    )


def _of_text(held: Held, shown: ShownList) -> HeldFile:
    signer = shown.header_row("SIGNERNAME")
    serial = shown.header_row("SERIALNUMBER")
    return HeldFile(
        source=held.source,
        number=held.number,
        name=held.name,
        kind=(shown.kind or shown_list.Kind.ITL).value,
        form="show-output",
        length=shown.length,
        md5=shown.md5,
        sha1=shown.sha1,
        sha256="",
        version=shown.version,
        signer=signer.value if signer else "",
        signer_serial=serial.value.lstrip("0") if serial else "",
        signed_at="",
        digest="",
        signature=_SAID[shown.verified],
        verified=shown.verified,
        encrypted=False,
        problem=" and ".join(_FAILURES[each] for each in shown.failures),
        records=_records_of_text(shown),
        loads=(),
        further_loads=0,
        remarks=tuple(f"line {remark.line}: {remark.text}" for remark in shown.remarks),
        printed=tuple(shown_list.as_printed(shown)),
    )


_SAID = {
    True: "verified, says the node",
    False: "does not verify, says the node",
    None: "",
}


def _records_of_text(shown: ShownList) -> tuple[RecordLine, ...]:
    signing = next((at for at, one in enumerate(shown.records) if one.signed), None)
    lines = describe_records([shown_list.as_record(one) for one in shown.records], signing)
    numbers = (one.number for one in shown.records)
    return tuple(
        replace(line, number=line.number if number is None else number)
        for line, number in zip(lines, numbers, strict=True)
    )
