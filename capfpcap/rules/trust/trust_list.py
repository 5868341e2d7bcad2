"""Findings on the trust list that a phone loaded, and on the certificate that it should match."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.signature import SignatureCheck
from capf_dissectors.trust_list import Record, TrustFunction, TrustList

from capfpcap.enrolment.loaded import LoadedTrustList
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.capf.attempt import asks_for_nothing
from capfpcap.rules.files.not_genuine import FILE_NOT_GENUINE, what_came
from capfpcap.rules.model.advice import RESET_LOCALKEY
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft, proof
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.questions.after_load import shook_hands_with_capf
from capfpcap.timeline.files import CONTENT_LIMIT, FileKind, TransferState

_SERVICES = ("tftp", "http")

ITL_EMPTY = Code(
    code="itl-empty",
    family=Family.TRUST_LIST,
    severity=Severity.CRITICAL,
    stage=Stage.TRUST_LIST,
    screen=Screen.NO_VALID_SERVER,
    by_start=True,
    looks_for=Sight.BAD_TRUST_LIST,
    services=_SERVICES,
    meaning="The server delivers an empty trust list.",
    told_by="A complete transfer of 0 bytes. A warning if it is the CTL and the phone has an ITL.",
    not_this="A transfer that was cut off.",
    remedy="On that node 'utils service restart Cisco Tftp', then 'show itl'. If its length "
    f"stays 0, {RESET_LOCALKEY}.",
)
ITL_CORRUPT = Code(
    code="itl-corrupt",
    family=Family.TRUST_LIST,
    severity=Severity.CRITICAL,
    stage=Stage.TRUST_LIST,
    screen=Screen.PENDING,
    by_start=True,
    looks_for=Sight.BAD_TRUST_LIST | Sight.NO_TRUST_LIST,
    causes=(FILE_NOT_GENUINE,),
    services=_SERVICES,
    meaning="The trust list that the server delivered cannot be read.",
    told_by="The transfer is complete and its content does not parse; the finding says at which "
    "byte and why. Or it is larger than any trust list. A warning if it is the CTL and the "
    "phone has an ITL.",
    not_this="A transfer that was cut off, or a capture that lacks bytes of it.",
    remedy="On the node that served it 'utils service restart Cisco Tftp', then reset the "
    f"phone. If the list stays broken, {RESET_LOCALKEY}.",
)
ITL_SIGNATURE_INVALID = Code(
    code="itl-signature-invalid",
    family=Family.TRUST_LIST,
    severity=Severity.CRITICAL,
    stage=Stage.TRUST_LIST,
    screen=Screen.PENDING,
    by_start=True,
    looks_for=Sight.BAD_TRUST_LIST,
    services=_SERVICES,
    meaning="The trust list was changed after it was signed, or signed with another key.",
    told_by="The list parses, and its signature does not verify with the signer's certificate "
    "in it. A warning if it is the CTL and the phone has an ITL.",
    not_this="A signer who is not in the list, or an algorithm that cannot be checked here.",
    remedy="'utils service restart Cisco Tftp' on that node, which signs the list again. If it "
    f"stays wrong, {RESET_LOCALKEY}. Erase the ITL of a phone that has already refused one.",
)
ITL_NO_CAPF_RECORD = Code(
    code="itl-no-capf-record",
    family=Family.TRUST_LIST,
    severity=Severity.CRITICAL,
    stage=Stage.TRUST_LIST,
    screen=Screen.NO_VALID_SERVER,
    by_start=True,
    looks_for=Sight.BAD_TRUST_LIST,
    services=_SERVICES,
    meaning="The trust list names no CAPF server: the phone shows 'No valid CAPF server'.",
    told_by="The list parses and verifies, and no record in it has function CAPF. Likely where "
    "only a list that is given (--itl, --show-itl) is known and the phone does not turn to CAPF.",
    not_this="A list without one beside a CTL that has one. A phone that sets up TLS with CAPF "
    "all the same: it holds another list, which was not captured.",
    remedy="Activate CAPF on the publisher (Cisco Unified Serviceability > Tools > Service "
    "Activation), 'utils service restart Cisco Tftp' on all TFTP nodes, check 'show itl' for a "
    "record with function CAPF, then reset the phone.",
)


_CTL_REMEDY = (
    "Look at it with 'show ctl'. In mixed mode have it written again ('utils ctl update "
    "CTLFile' on the publisher), 'utils service restart Cisco Tftp' on every TFTP node, then "
    "reset the phone."
)


def _last(case: Case, kind: FileKind) -> LoadedTrustList | None:
    """The list of one kind that the phone loaded last."""
    return next((item for item in reversed(case.phone.trust_lists) if item.kind is kind), None)


def _last_lists(case: Case) -> Iterator[LoadedTrustList]:
    """The ITL and the CTL that the phone loaded last."""
    for kind in (FileKind.ITL, FileKind.CTL):
        loaded = _last(case, kind)
        if loaded is not None:
            yield loaded


def _draft(
    case: Case,
    code: Code,
    loaded: LoadedTrustList,
    title: str,
    detail: str,
    remedy: str | None = None,
) -> Draft:
    """What is wrong with a list; of a CTL a warning, if the phone has another list."""
    transfer, is_ctl = loaded.transfer, loaded.kind is FileKind.CTL
    does_without = is_ctl and (
        _last(case, FileKind.ITL) is not None or shook_hands_with_capf(case, loaded.time)
    )
    return Draft(
        code,
        title=title,
        detail=detail + _BESIDE_OTHERS * does_without,
        proofs=(
            proof(loaded.sighting, transfer.first_row, f"request for {transfer.name}"),
            proof(
                loaded.sighting,
                transfer.final_row,
                f"{transfer.name} whole, {len(loaded.read.content)} bytes",
            ),
        ),
        service=transfer.via,
        flow=loaded.flow,
        severity=Severity.WARNING if does_without else _weight(case, code),
        remedy=remedy or (_CTL_REMEDY if is_ctl else None),
    )


def _weight(case: Case, code: Code) -> Severity | None:
    """Less than the code's own where no operation is pending that would fail of it."""
    if not asks_for_nothing(case):
        return None
    return Severity.INFO if code in (ITL_EMPTY, ITL_NO_CAPF_RECORD) else Severity.WARNING


_BESIDE_OTHERS = " The phone has another list to go by; what only the CTL tells it stays as it was."


@ITL_EMPTY.by_phone
def itl_empty(case: Case) -> Iterator[Draft]:
    """The last ITL or CTL has no octets."""
    for loaded in _last_lists(case):
        if not loaded.read.content:
            name, server = loaded.transfer.name, case.address(loaded.transfer.server)
            detail = f"{server} served {name} with 0 bytes."
            yield _draft(case, ITL_EMPTY, loaded, f"{name} is empty", detail)


@ITL_CORRUPT.by_phone
def itl_corrupt(case: Case) -> Iterator[Draft]:
    """The last ITL or CTL cannot be read."""
    for loaded in _last_lists(case):
        name = loaded.transfer.name
        if not loaded.read.content or isinstance(loaded.read.parsed, TrustList):
            continue
        length, what = len(loaded.read.content), what_came(loaded)
        yield _draft(
            case,
            ITL_CORRUPT,
            loaded,
            f"{name} from {case.address(loaded.transfer.server)} cannot be read",
            f"The server sent {name} whole, {length} bytes; it cannot be read: "
            f"{loaded.read.problem}." + (f" It is {what.value}." if what else ""),
            remedy=FILE_NOT_GENUINE.remedy if what else None,
        )


@ITL_CORRUPT.by_phone
def itl_too_large(case: Case) -> Iterator[Draft]:
    """The last list has more octets than are read of any."""
    itls = [item for item in case.phone.unread if item.transfer.kind is FileKind.ITL]
    readable = _last(case, FileKind.ITL)
    for item in itls[-1:]:
        transfer = item.transfer
        if transfer.state is not TransferState.COMPLETE or transfer.size <= CONTENT_LIMIT:
            continue
        if readable is not None and readable.time > transfer.ended:
            continue
        yield Draft(
            ITL_CORRUPT,
            title=f"{transfer.name} is too large for a trust list: {transfer.size} bytes",
            detail=f"{case.address(transfer.server)} served {transfer.name} with {transfer.size} "
            f"bytes; trust lists have some ten thousand, and of more than {CONTENT_LIMIT} "
            "none is read here.",
            proofs=(proof(item.sighting, transfer.final_row, f"{transfer.name} whole"),),
            service=transfer.via,
            flow=item.flow,
            certainty=Certainty.LIKELY,
        )


@ITL_SIGNATURE_INVALID.by_phone
def itl_signature_invalid(case: Case) -> Iterator[Draft]:
    """The last ITL or CTL parses and its signature does not verify."""
    for loaded in _last_lists(case):
        read, name = loaded.read.parsed, loaded.transfer.name
        if loaded.signature is not SignatureCheck.INVALID or not isinstance(read, TrustList):
            continue
        signer = read.header.signer
        yield _draft(
            case,
            ITL_SIGNATURE_INVALID,
            loaded,
            f"The signature of {name} does not verify",
            f"{name} says that {signer.name} (serial {signer.serial}) signed it; that certificate "
            "is in the list and its key did not make this signature.",
        )


@ITL_NO_CAPF_RECORD.by_phone
def itl_no_capf_record(case: Case) -> Iterator[Draft]:
    """The last list is good and names no CAPF server, nor does a CTL."""
    loaded = _last(case, FileKind.ITL)
    if loaded is None or not isinstance(loaded.read.parsed, TrustList):
        return
    if loaded.signature is SignatureCheck.INVALID:
        return
    trusted = case.phone.trusted_at(max(item.time for item in case.phone.trust_lists))
    if case.phone.unread or any(item.read.capf_records for item in trusted):
        return
    if shook_hands_with_capf(case, loaded.time):
        return
    name, records = loaded.transfer.name, loaded.read.parsed.records
    functions = ", ".join(dict.fromkeys(_function(record) for record in records)) or "none"
    yield _draft(
        case,
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
