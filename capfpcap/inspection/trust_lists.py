"""Trust lists as phones loaded them: their records, their signatures, who loaded them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from capf_dissectors.outline.tlv_fields import readable_time
from capf_dissectors.outline.trust_list import FUNCTION_NAMES
from capf_dissectors.signature import SignatureCheck, verifying_record
from capf_dissectors.trust_list import Record, TrustFunction, TrustList, certificate_sha1
from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.compose.basics import timestamp
from capfpcap.enrolment.loaded import LoadedTrustList, ReadTrustList, check_signature
from capfpcap.enrolment.phone import Phone
from capfpcap.timeline.files import FileKind
from capfpcap.trust.certificate import CertificateFacts, read_certificate

DIGESTS = {1: "SHA-1", 2: "SHA-256", 3: "SHA-512"}
SIGNATURES = {
    SignatureCheck.VALID: "verified",
    SignatureCheck.INVALID: "does not verify: changed after it was signed, or another key",
    SignatureCheck.SIGNER_NOT_IN_LIST: "cannot be verified: its signer is not in the list",
    SignatureCheck.UNSUPPORTED: "cannot be verified here: its algorithm or key is not supported",
}
MAX_SHOWN_RECORDS = 1024
"""Records of one list that are described: as many as the dissector reads."""


class RecordLine(Struct, frozen=True):
    """A record, as far as it holds what is asked."""

    number: int
    """From 1, as ``show itl`` counts."""
    function: str
    """``CAPF``, ``CCM+TFTP``; the number of one that is not known; empty without one."""
    is_capf: bool
    owner: str
    """Common name of the subject, or else the host."""
    host: str
    address: str
    subject: str
    issuer: str
    serial: str
    holds: str
    """What of a certificate it holds: ``certificate``, ``key and hash``, ``nothing``."""
    sha1: str
    """Of its certificate, or the hash that it holds in place of one."""
    sha256: str
    """Of its certificate; empty where it holds none."""
    not_before: str
    """As the report has times; empty where it holds no certificate."""
    not_after: str
    """As the report has times; empty where it holds no certificate."""
    key: str
    """``RSA 2048``; empty where it holds no certificate."""
    signed_list: bool
    """Whether its key made the list's signature."""


class ListDescription(Struct, frozen=True):
    """A trust list, whoever loaded it."""

    sha256: str
    kind: str
    """``ITL`` or ``CTL``."""
    length: int
    version: str
    signer: str
    signer_serial: str
    signed_at: str
    """In words, UTC; empty where the list does not say."""
    digest: str
    signature: str
    """What verifying it showed, in words."""
    verified: bool | None
    """None where it cannot be verified."""
    problem: str
    """Why it cannot be read; empty where it can."""
    records: tuple[RecordLine, ...]


class ListLoad(Struct, frozen=True):
    """One loading of a list."""

    phone: str
    kind: str
    file: str
    server: str
    via: str
    """``tftp`` or ``http``."""
    time: str
    """When it had arrived whole, as the report has times."""
    sha256: str
    flow: str
    capture: str
    frame: int
    """The packet with which it was whole."""
    last: bool
    """Whether the phone loaded no other list of this kind later."""


def loads_of(phone: Phone, addresses: AddressTable) -> list[ListLoad]:
    """Every trust list that came whole to a phone, in order."""
    return [describe_load(phone, item, addresses) for item in phone.trust_lists]


def describe_load(phone: Phone, item: LoadedTrustList, addresses: AddressTable) -> ListLoad:
    """How a phone loaded one of its lists."""
    later = phone.trust_lists[phone.trust_lists.index(item) + 1 :]
    at, columns = item.sighting.at, item.sighting.at.table.columns
    row = item.transfer.final_row
    return ListLoad(
        phone=phone.name,
        kind=item.kind.value,
        file=item.transfer.name,
        server=addresses.text(item.transfer.server),
        via=item.transfer.via.value,
        time=timestamp(item.time),
        sha256=item.read.sha256,
        flow=item.flow.id,
        capture=at.ids[int(columns.file[row])],
        frame=int(columns.frame[row]),
        last=all(other.kind is not item.kind for other in later),
    )


def describe_list(read: ReadTrustList, kind: FileKind) -> ListDescription:
    """What a list says."""
    parsed = read.parsed
    if not isinstance(parsed, TrustList):
        return ListDescription(
            sha256=read.sha256,
            kind=kind.value,
            length=len(read.content),
            version="",
            signer="",
            signer_serial="",
            signed_at="",
            digest="",
            signature="",
            verified=None,
            problem=read.problem,
            records=(),
        )
    check, header = check_signature(read), parsed.header
    signing = verifying_record(read.content, parsed) if check is SignatureCheck.VALID else None
    return ListDescription(
        sha256=read.sha256,
        kind=kind.value,
        length=len(read.content),
        version=".".join(map(str, header.version)),
        signer=header.signer.name,
        signer_serial=header.signer.serial,
        signed_at="" if header.timestamp is None else readable_time(header.timestamp),
        digest=DIGESTS.get(header.digest_algorithm or 0, str(header.digest_algorithm or "")),
        signature=SIGNATURES[check]
        + ("" if signing is None else f" with the key of record {signing + 1}"),
        verified=_VERDICTS.get(check),
        problem="",
        records=describe_records(parsed.records, signing),
    )


def describe_records(records: Sequence[Record], signing: int | None) -> tuple[RecordLine, ...]:
    """Each record; ``signing`` is the place of that whose key made the list's signature."""
    shown = enumerate(records[:MAX_SHOWN_RECORDS])
    return tuple(_line(number, record, number == signing) for number, record in shown)


_VERDICTS = {SignatureCheck.VALID: True, SignatureCheck.INVALID: False}


def function_name(record: Record) -> str:
    """What a record's owner may do, as ``show itl`` abbreviates it."""
    if record.function is None:
        return ""
    return FUNCTION_NAMES.get(int(record.function), str(int(record.function)))


def owner_of(record: Record) -> str:
    """Whose record it is, as short as may be."""
    for part in record.subject.replace(";", ",").split(","):
        kind, _, value = part.strip().partition("=")
        if kind.upper() == "CN" and value:
            return value
    return record.subject or record.dns_name or record.ip_address


def _line(number: int, record: Record, signed_list: bool) -> RecordLine:
    der = record.certificate
    facts = read_certificate(der) if der is not None else None
    read = facts if isinstance(facts, CertificateFacts) else None
    return RecordLine(
        number=number + 1,
        function=function_name(record),
        is_capf=record.function is TrustFunction.CAPF,
        owner=owner_of(record),
        host=record.dns_name,
        address=record.ip_address,
        subject=record.subject,
        issuer=record.issuer,
        serial=record.serial,
        holds=_holdings(record),
        sha1=certificate_sha1(record).hex(),
        sha256=hashlib.sha256(der).hexdigest() if der is not None else "",
        not_before=timestamp(read.not_before) if read else "",
        not_after=timestamp(read.not_after) if read else "",
        key=read.key if read else "",
        signed_list=signed_list,
    )


def _holdings(record: Record) -> str:
    if record.certificate is not None:
        return "certificate"
    parts = [("key", record.public_key), ("hash", record.certificate_hash)]
    return " and ".join(name for name, held in parts if held) or "nothing"
