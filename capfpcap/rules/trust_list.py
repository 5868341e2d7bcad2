"""Findings on the trust list that a phone loaded, and on the certificate that it should match."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.signature import SignatureCheck
from capf_dissectors.trust_list import Record, RecordMatch, TrustFunction, TrustList

from capfpcap.enrolment.loaded import LoadedTrustList, compare
from capfpcap.report import Certainty, Severity
from capfpcap.rules.case import Case
from capfpcap.rules.code import Code
from capfpcap.rules.draft import Draft, proof
from capfpcap.rules.sight import Sight
from capfpcap.timeline.files import FileKind
from capfpcap.timeline.session import Session
from capfpcap.trust.certificate import CertificateFacts, read_certificate
from capfpcap.trust.validity import day
from capfpcap.vantage.flow import Flow, Sighting

FAMILY = "Trust list"
_SERVICES = ("tftp", "http")

ITL_EMPTY = Code(
    code="itl-empty",
    looks_for=Sight.BAD_TRUST_LIST,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=_SERVICES,
    meaning="The server delivers a trust list without a single octet.",
    told_by="A transfer that is whole and has zero octets.",
    not_this="A transfer that was cut.",
    remedy="Restart the Cisco TFTP service, then 'show itl'. If its length stays 0, use "
    "'utils itl reset localkey' (in mixed mode also 'utils ctl reset localkey').",
)
ITL_CORRUPT = Code(
    code="itl-corrupt",
    looks_for=Sight.BAD_TRUST_LIST,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=_SERVICES,
    meaning="The trust list that the server delivered cannot be read.",
    told_by="The transfer is complete and its content does not parse; the finding says at which "
    "octet and why.",
    not_this="A transfer that was cut, or a capture that lacks octets of it.",
    remedy="Restart the Cisco TFTP service on the node that served it; if the list stays broken, "
    "'utils itl reset localkey', then reset the phone.",
)
ITL_SIGNATURE_INVALID = Code(
    code="itl-signature-invalid",
    looks_for=Sight.BAD_TRUST_LIST,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=_SERVICES,
    meaning="The trust list was changed after it was signed, or signed with another key.",
    told_by="The list parses, and its signature does not verify with the signer's certificate "
    "in it.",
    not_this="A signer who is not in the list, or an algorithm that cannot be checked here.",
    remedy="Restart the Cisco TFTP service so that it signs anew; if it stays wrong, "
    "'utils itl reset localkey'. Delete the phone's ITL if it has already refused one.",
)
ITL_NO_CAPF_RECORD = Code(
    code="itl-no-capf-record",
    looks_for=Sight.BAD_TRUST_LIST,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=_SERVICES,
    meaning="The trust list names no CAPF server: the phone shows 'No valid CAPF server'.",
    told_by="The list parses and verifies, and no record in it has function CAPF.",
    not_this="A list without one beside a CTL that has one.",
    remedy="Activate the CAPF service on the publisher, restart the TFTP service on all nodes, "
    "check with 'show itl' for a record with function CAPF, then reset the phone.",
)
ITL_CAPF_MISMATCH = Code(
    code="itl-capf-mismatch",
    looks_for=Sight.ODD_CERTIFICATE,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=("capf",),
    causes=("capf-certificate-replaced",),
    gives_way=True,
    meaning="The certificate that CAPF presents is not that of the CAPF record in the trust list "
    "that this phone loaded last.",
    told_by="The server's certificate compared with every CAPF record of that list: whole "
    "certificate, hash, key or serial number, whichever the record holds.",
    not_this="Lists that other phones loaded, or that this phone loaded before its last one.",
    remedy="The CAPF certificate was regenerated and the phone holds, or is served, an older "
    "list. Restart CAPF on the publisher and TFTP on all nodes, check that 'show itl' shows the "
    "new certificate on each, then reset the phone. If the phone keeps the old list, delete its "
    "ITL.",
)


def _last_itl(case: Case) -> LoadedTrustList | None:
    itls = [item for item in case.phone.trust_lists if item.kind is FileKind.ITL]
    return itls[-1] if itls else None


def _draft(code: Code, loaded: LoadedTrustList, title: str, detail: str) -> Draft:
    transfer = loaded.transfer
    return Draft(
        code,
        title=title,
        detail=detail,
        proofs=(
            proof(loaded.sighting, transfer.first_row, f"request for {transfer.name}"),
            proof(
                loaded.sighting,
                transfer.final_row,
                f"{transfer.name} whole, {len(loaded.read.content)} octets",
            ),
        ),
        service=transfer.via,
        flow=loaded.flow,
    )


@ITL_EMPTY.by_phone
def itl_empty(case: Case) -> Iterator[Draft]:
    """The last list has no octets."""
    loaded = _last_itl(case)
    if loaded is not None and not loaded.read.content:
        name, server = loaded.transfer.name, case.address(loaded.transfer.server)
        yield _draft(
            ITL_EMPTY, loaded, f"{name} is empty", f"{server} served {name} with 0 octets."
        )


@ITL_CORRUPT.by_phone
def itl_corrupt(case: Case) -> Iterator[Draft]:
    """The last list cannot be read."""
    loaded = _last_itl(case)
    if loaded is None or not loaded.read.content or isinstance(loaded.read.parsed, TrustList):
        return
    name, problem = loaded.transfer.name, loaded.read.parsed
    where = _where(problem, len(loaded.read.content))
    yield _draft(
        ITL_CORRUPT,
        loaded,
        f"{name} cannot be read: {where}",
        f"{case.address(loaded.transfer.server)} served {name} whole, {len(loaded.read.content)} "
        f"octets; it does not parse: {where}.",
    )


def _where(problem: Malformed | NeedMore, length: int) -> str:
    if isinstance(problem, Malformed):
        return f"octet {problem.offset}: {problem.reason}"
    return f"it ends at octet {length}, {problem.at_least} or more too early"


@ITL_SIGNATURE_INVALID.by_phone
def itl_signature_invalid(case: Case) -> Iterator[Draft]:
    """The last list parses and its signature does not verify."""
    loaded = _last_itl(case)
    if loaded is None or loaded.signature is not SignatureCheck.INVALID:
        return
    name = loaded.transfer.name
    assert isinstance(loaded.read.parsed, TrustList)
    signer = loaded.read.parsed.header.signer
    yield _draft(
        ITL_SIGNATURE_INVALID,
        loaded,
        f"The signature of {name} does not verify",
        f"{name} says that {signer.name} (serial {signer.serial}) signed it; that certificate is "
        "in the list and its key did not make this signature.",
    )


@ITL_NO_CAPF_RECORD.by_phone
def itl_no_capf_record(case: Case) -> Iterator[Draft]:
    """The last list is good and names no CAPF server, nor does a CTL."""
    loaded = _last_itl(case)
    if loaded is None or not isinstance(loaded.read.parsed, TrustList):
        return
    if loaded.signature is SignatureCheck.INVALID:
        return
    trusted = case.phone.trusted_at(max(item.time for item in case.phone.trust_lists))
    if any(item.read.capf_records for item in trusted):
        return
    name, records = loaded.transfer.name, loaded.read.parsed.records
    functions = ", ".join(dict.fromkeys(_function(record) for record in records)) or "none"
    yield _draft(
        ITL_NO_CAPF_RECORD,
        loaded,
        f"{name} names no CAPF server",
        f"{name} from {case.address(loaded.transfer.server)} has {len(records)} records "
        f"(functions: {functions}); none has function CAPF.",
    )


def _function(record: Record) -> str:
    if isinstance(record.function, TrustFunction):
        return record.function.name.replace("_", "+")
    return "none" if record.function is None else str(record.function)


@ITL_CAPF_MISMATCH.by_phone
def itl_capf_mismatch(case: Case) -> Iterator[Draft]:
    """A certificate presented on the CAPF port that is not the one in the phone's list."""
    for flow, sighting, session in reversed(case.capf_sessions):
        leaf = session.server_leaf
        if leaf is None:
            continue
        compared = [
            (item, record, match)
            for item in case.phone.trusted_at(flow.started)
            for record, match in compare(item.read, leaf)
        ]
        if compared and all(_differs(match) for _, _, match in compared):
            yield _mismatch(case, flow, sighting, session, leaf, *compared[-1])
            return


def _differs(match: RecordMatch) -> bool:
    """Whether a record surely stands for another key; a reissued certificate keeps its key."""
    return match.matches is False and match is not RecordMatch.REISSUED


def _mismatch(
    case: Case,
    flow: Flow,
    sighting: Sighting,
    session: Session,
    leaf: bytes,
    loaded: LoadedTrustList,
    record: Record,
    match: RecordMatch,
) -> Draft:
    presented = _describe(read_certificate(leaf))
    listed = _describe_record(record)
    transfer, said = loaded.transfer, session.server_certificate
    assert said is not None
    accepted = session.handshake_complete
    return Draft(
        ITL_CAPF_MISMATCH,
        title="The certificate of CAPF is not the one in the phone's trust list",
        detail=f"{case.server(flow)} presents {presented}. The CAPF record of {transfer.name}, "
        f"which the phone loaded last, stands for {listed}. They differ: {match.value}."
        + (" The phone went on all the same." if accepted else ""),
        proofs=(
            proof(
                loaded.sighting, transfer.final_row, f"{transfer.name}: CAPF record for {listed}"
            ),
            proof(sighting, said.row, f"server certificate {presented}"),
        ),
        service=flow.service,
        flow=flow,
        certainty=Certainty.LIKELY if accepted else Certainty.PROVEN,
        severity=Severity.WARNING if accepted else None,
    )


def _describe(facts: CertificateFacts | Exception) -> str:
    if isinstance(facts, Exception):
        return f"a certificate that cannot be read ({facts})"
    return (
        f"CN={facts.common_name}, serial {facts.serial}, SHA-1 {facts.sha1}, valid from "
        f"{day(facts.not_before)}"
    )


def _describe_record(record: Record) -> str:
    """The certificate that a record stands for, as far as it holds one."""
    if record.certificate is not None:
        return _describe(read_certificate(record.certificate))
    parts = [record.subject or "a certificate without a name"]
    if record.serial:
        parts.append(f"serial {record.serial}")
    if record.certificate_hash:
        parts.append(f"hash {record.certificate_hash.hex()}")
    return ", ".join(parts)
