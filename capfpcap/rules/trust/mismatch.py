"""Whether the certificate that CAPF presents is the one in the phone's trust list."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from capf_dissectors.capf_shape import SessionState
from capf_dissectors.trust_list import Record, RecordMatch

from capfpcap.enrolment.loaded import LoadedTrustList, compare
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.certificates.certificate import (
    CAPF_CERTIFICATE_REPLACED,
    EITHER_EXPLANATION,
    EITHER_REMEDY,
)
from capfpcap.rules.model.advice import AFTER_CAPF_CERTIFICATE, ERASE_ITL, RESET
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft, proof
from capfpcap.rules.model.presented import (
    Presented,
    is_foreign,
    may_be_signed_by_ca,
    presented_in,
    row_at_publisher,
)
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight
from capfpcap.timeline.session import Session
from capfpcap.timeline.session_end import left_without_a_word
from capfpcap.trust.certificate import CertificateFacts, UnreadableCertificate, read_certificate
from capfpcap.trust.validity import day
from capfpcap.vantage.flow import Flow, Sighting

ITL_CAPF_MISMATCH = Code(
    code="itl-capf-mismatch",
    family=Family.TRUST_LIST,
    severity=Severity.CRITICAL,
    stage=Stage.TRUST_LIST,
    screen=Screen.CONNECTION_FAILED,
    looks_for=Sight.ODD_CERTIFICATE,
    services=("capf",),
    causes=(CAPF_CERTIFICATE_REPLACED,),
    meaning="The certificate that CAPF presents is not that of the CAPF record in the trust list "
    "that this phone loaded last.",
    told_by="The server's certificate compared with every CAPF record of that list: whole "
    "certificate, hash, key or serial number, whichever the record holds. Likely where only a list "
    "that is given (--itl, --show-itl) is known.",
    not_this="Lists that other phones loaded, or that this phone loaded before its last one.",
    remedy=f"The phone's list is older than CAPF's certificate: {AFTER_CAPF_CERTIFICATE}. Check "
    f"'show itl' for the new certificate. {RESET} the phone. If it keeps the old list, erase its "
    f"ITL ({ERASE_ITL}).",
)


_Compared = tuple[LoadedTrustList, Record, RecordMatch]
"""A list, one of its CAPF records, and how that compares with a certificate."""


@ITL_CAPF_MISMATCH.by_phone
def itl_capf_mismatch(case: Case) -> Iterator[Draft]:
    """A certificate presented on the CAPF port that is not the one in the phone's list."""
    for flow, sighting, session in reversed(case.capf_sessions):
        compared = _compared(case, flow, session)
        if not _all_differ(compared):
            continue
        draft = _mismatch(case, flow, sighting, session, *compared[-1])
        item = presented_in(flow, sighting, session)
        if item is None or item.accepted or weigh_issuer(case, item, draft):
            yield draft
        return


def weigh_issuer(case: Case, item: Presented, draft: Draft) -> bool:
    """Say where the certificate is from; whether it may be CAPF's own at all."""
    foreign = is_foreign(case, item)
    if not may_be_signed_by_ca(item.facts):
        return not foreign
    if foreign:
        draft.certainty, draft.remedy = Certainty.LIKELY, EITHER_REMEDY
        draft.detail += EITHER_EXPLANATION
        return True
    draft.detail += (
        f" It was issued by {item.facts.issuer}: CAPF was given a certificate signed by "
    )
    draft.detail += "a CA, and the phone's list is from before."
    at_publisher = row_at_publisher(item)
    if at_publisher is not None:
        draft.proofs += (proof(*at_publisher, "the certificate leaves the publisher itself"),)
    return True


def is_none_of_the_lists(case: Case, flow: Flow, session: Session) -> bool:
    """Whether a session's certificate is surely not that of the lists which the phone held."""
    return _all_differ(_compared(case, flow, session))


def _compared(case: Case, flow: Flow, session: Session) -> list[_Compared]:
    leaf = session.server_leaf
    if leaf is None:
        return []
    return [
        (item, record, match)
        for item in _that_count(case, flow, session)
        for record, match in compare(item.read, leaf)
    ]


def _all_differ(compared: list[_Compared]) -> bool:
    return bool(compared) and all(differs(match) for _, _, match in compared)


def _that_count(case: Case, flow: Flow, session: Session) -> list[LoadedTrustList]:
    """The lists that a certificate is to be compared with, in the order of their arrival.

    The last one that names a CAPF server counts: none, if behind it another came that the captures
    do not hold. A phone that does not refuse the certificate may have found it in an earlier one.
    """
    trusted = sorted(case.phone.trusted_at(flow.started), key=attrgetter("time"))
    naming = [item for item in trusted if item.read.capf_records]
    if naming and any(naming[-1].time < item.transfer.ended for item in case.phone.unread):
        return []
    said = session.fatal_alert
    refused = said is not None and said.from_client
    return naming[-1:] if refused else naming


def differs(match: RecordMatch) -> bool:
    """Whether a record surely stands for another key; a reissued certificate keeps its key."""
    return match.matches is False and match is not RecordMatch.REISSUED


def _mismatch(
    case: Case,
    flow: Flow,
    sighting: Sighting,
    session: Session,
    loaded: LoadedTrustList,
    record: Record,
    match: RecordMatch,
) -> Draft:
    leaf, said = session.server_leaf, session.server_certificate
    assert leaf is not None and said is not None
    presented = describe(read_certificate(leaf))
    listed = describe_record(record)
    transfer = loaded.transfer
    accepted = session.handshake_complete and not left_without_a_word(session)
    enrolled = session.shape.state is SessionState.COMPLETE
    return Draft(
        ITL_CAPF_MISMATCH,
        title="The certificate of CAPF is not the one in the phone's trust list",
        detail=f"{case.server(flow)} presents {presented}. The CAPF record of {transfer.name}, "
        f"which the phone loaded last, holds {listed}. They differ: {match.value}."
        + (" The phone went on all the same: it trusts a list that is not captured." * accepted),
        proofs=(
            proof(
                loaded.sighting, transfer.final_row, f"{transfer.name}: CAPF record for {listed}"
            ),
            proof(sighting, said.row, f"server certificate {presented}"),
        ),
        service=flow.service,
        flow=flow,
        certainty=Certainty.LIKELY if accepted else Certainty.PROVEN,
        severity=Severity.INFO if enrolled else Severity.WARNING if accepted else None,
    )


def describe(facts: CertificateFacts | UnreadableCertificate) -> str:
    """A certificate in a few words."""
    if isinstance(facts, UnreadableCertificate):
        return f"a certificate that cannot be read ({facts.reason}), SHA-1 {facts.sha1}"
    return (
        f"CN={facts.common_name}, serial {facts.serial}, SHA-1 {facts.sha1}, valid from "
        f"{day(facts.not_before)}"
    )


def describe_record(record: Record) -> str:
    """The certificate that a record stands for, as far as it holds one."""
    if record.certificate is not None:
        return describe(read_certificate(record.certificate))
    parts = [record.subject or "a certificate without a name"]
    if record.serial:
        parts.append(f"serial {record.serial}")
    if record.certificate_hash:
        parts.append(f"hash {record.certificate_hash.hex()}")
    return ", ".join(parts)
