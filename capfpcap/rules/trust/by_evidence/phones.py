"""The lists that were given, beside what a phone did.

What the captures show of a phone's list is what it holds; a list that was given only tells what a
node serves, so that the phone may hold another. It counts where the captures show none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capf_dissectors.shown_list import Kind
from capf_dissectors.trust_list import RecordMatch, TrustList, record_matches

from capfpcap.enrolment.loaded import LoadedTrustList
from capfpcap.evidence.lists import GivenList, lists_agree
from capfpcap.report import Certainty, Severity
from capfpcap.rules.capf.attempt import is_overdue
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, PhoneRule
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.model.presented import Presented, presented_in
from capfpcap.rules.questions.wording import listed
from capfpcap.rules.trust.by_evidence.faults import FAULT_CODES, faults_of
from capfpcap.rules.trust.by_evidence.nodes import capf_entry, groups_of, in_words
from capfpcap.rules.trust.lists_differ import ITL_DIFFERS_BETWEEN_SERVERS
from capfpcap.rules.trust.mismatch import (
    ITL_CAPF_MISMATCH,
    describe,
    describe_record,
    differs,
    weigh_issuer,
)
from capfpcap.timeline.files import FileKind

_LISTS = (FileKind.ITL, FileKind.CTL)


def _shows_a_list(case: Case) -> bool:
    """Whether the captures tell of the phone's list, be it that none came.

    One that came and that they do not hold whole tells nothing.
    """
    if case.phone.unread and not case.phone.trust_lists:
        return False
    return any(item.transfer.kind in _LISTS for item in case.phone.files)


def matches_of(given: GivenList, certificate: bytes) -> list[RecordMatch]:
    """How the CAPF records of a list compare with a certificate."""
    return [record_matches(one.record, certificate) for one in given.capf]


def _presented(case: Case) -> Presented | None:
    """The certificate that CAPF presented last, where no list of the phone is captured."""
    if _shows_a_list(case):
        return None
    shown = (presented_in(*session) for session in reversed(case.capf_sessions))
    return next((item for item in shown if item is not None), None)


def _mismatch(case: Case) -> Iterator[Draft]:
    """A certificate that none of the lists that were given stands for."""
    item, evidence = _presented(case), case.judgement.evidence
    if item is None or evidence is None:
        return
    naming = [given for given in evidence.lists if given.capf]
    compared = [match for given in naming for match in matches_of(given, item.facts.der)]
    if not compared or not all(map(differs, compared)):
        return
    held = _held_by_alarm(case, naming)
    presented, first = describe(item.facts), held[0] if held else naming[0]
    names = listed(given.name for given in naming[:4])
    listed_one = describe_record(first.capf[0].record)
    draft = Draft(
        ITL_CAPF_MISMATCH,
        title="The certificate of CAPF is not the one in the list that was given",
        detail=f"{case.server(item.flow)} presents {presented}. The CAPF record of {names} holds "
        f"{listed_one}. They differ: {compared[0].value}. {_which_is_held(held, first)}"
        f"{_ACCEPTED if item.accepted else _LIKE_IT}",
        proofs=(
            capf_entry(first),
            proof(item.sighting, item.row, f"server certificate {presented}"),
        ),
        service=item.flow.service,
        flow=item.flow,
        certainty=Certainty.POSSIBLE if held == [] else Certainty.LIKELY,
        severity=Severity.WARNING if item.accepted else None,
        at=item.time,
    )
    if item.accepted or weigh_issuer(case, item, draft):
        yield draft


def _held_by_alarm(case: Case, lists: Sequence[GivenList]) -> list[GivenList] | None:
    """Those of some lists of which the phone's own alarm has the SHA-1; None without an alarm.

    Each node has an ITL of its own: a phone that holds another one may yet hold the same records.
    """
    alarms = case.scene.held.get(case.phone.name.upper(), ())
    told = {held.said.itl.hex() for held in alarms if held.said.itl is not None}
    known = [given for given in lists if given.sha1 and given.kind is Kind.ITL]
    return [given for given in known if given.sha1 in told] if told and known else None


def _which_is_held(held: list[GivenList] | None, given: GivenList) -> str:
    """Whether the phone holds a list that was given, as far as the captures tell."""
    if held is None:
        return "The captures do not show which list the phone holds"
    if not held:
        return "The phone's alarm (DeviceTLInfo) names an ITL that is none of those given"
    return f"The phone's alarm (DeviceTLInfo) names the SHA-1 of {given.name}: it holds that list"


_ACCEPTED = (
    "; it went on, so it trusts another one. A phone that loads the one given would refuse this "
    "certificate."
)
_LIKE_IT = ": one that is served like this refuses the certificate."


def _differ(case: Case) -> Iterator[Draft]:
    """Lists that were given, of which some would have done for a phone that was refused."""
    item, evidence = _presented(case), case.judgement.evidence
    if item is None or evidence is None or item.accepted:
        return
    groups = groups_of(evidence)
    fitting = [_fits(group, item.facts.der) for group in groups]
    if True not in fitting or False not in fitting:
        return
    good, bad = groups[fitting.index(True)], groups[fitting.index(False)]
    yield Draft(
        ITL_DIFFERS_BETWEEN_SERVERS,
        title="One node's list has CAPF's certificate, another's has not",
        detail=f"{in_words([good, bad])}. {case.server(item.flow)} presents the former, and the "
        "phone refuses it: it holds the latter's list, or an older one.",
        proofs=(
            *(capf_entry(group[0]) for group in (bad, good)),
            proof(item.sighting, item.row, f"server certificate {describe(item.facts)}"),
        ),
        service=item.flow.service,
        flow=item.flow,
        certainty=Certainty.LIKELY,
        at=item.time,
    )


def _fits(group: list[GivenList], certificate: bytes) -> bool | None:
    """Whether lists stand for a certificate; None where they do not tell."""
    matches = [match for given in group for match in matches_of(given, certificate)]
    if any(match.matches for match in matches):
        return True
    return False if all(map(differs, matches)) else None


def _loaded_another(case: Case) -> Iterator[Draft]:
    """A phone that is seen to load a list with another CAPF certificate than those given."""
    evidence = case.judgement.evidence
    itls = [item for item in case.phone.trust_lists if item.kind is FileKind.ITL]
    if evidence is None or not itls or not itls[-1].read.capf_records:
        return
    own = itls[-1]
    answers = {given: _agrees(given, own) for given in evidence.itls}
    other = next((given for given, answer in answers.items() if answer is False), None)
    if other is None or True in answers.values():
        return
    server = case.address(own.transfer.server)
    yield Draft(
        ITL_DIFFERS_BETWEEN_SERVERS,
        title=f"The phone loaded a list with another CAPF certificate than {other.name}",
        detail=f"{own.transfer.name}, which the phone loaded from {server}, has a CAPF record for "
        f"{describe_record(own.read.capf_records[0])}; {other.name} has one for "
        f"{describe_record(other.capf[0].record)}. {_why_they_differ(own, other)}"
        f"{_newer(case, other)}.",
        proofs=(
            proof(own.sighting, own.transfer.final_row, f"{own.transfer.name} whole"),
            capf_entry(other),
        ),
        service=own.transfer.via,
        flow=own.flow,
        certainty=Certainty.LIKELY,
        severity=Severity.WARNING,
    )


def _agrees(given: GivenList, own: LoadedTrustList) -> bool | None:
    """Whether a list that was given names the CAPF certificate that a phone's list names."""
    return lists_agree(own.read.capf_records, [one.record for one in given.capf])


def _why_they_differ(own: LoadedTrustList, other: GivenList) -> str:
    """Where two lists may come from that name different CAPF certificates."""
    parsed = own.read.parsed
    records = parsed.records if isinstance(parsed, TrustList) else ()
    ours = {record.serial for record in records}
    if ours.isdisjoint(one.record.serial for one in other.records):
        return "They have no certificate in common: the one given is of another cluster, or older"
    return "They are of two nodes, or the list was made again between the two"


def _newer(case: Case, given: GivenList) -> str:
    """Which of the two CAPF presents, where that is seen."""
    for session in reversed(case.capf_sessions):
        item = presented_in(*session)
        if item is not None:
            fits = any(match.matches for match in matches_of(given, item.facts.der))
            return f"; CAPF presents the certificate of {given.name}" if fits else ""
    return ""


def _faults(code: Code) -> PhoneRule:
    """The rule that explains by one fault of a list why a phone does not turn to CAPF."""

    def rule(case: Case) -> Iterator[Draft]:
        evidence = case.judgement.evidence
        if evidence is None or _shows_a_list(case) or not is_overdue(case):
            return
        faults = list(faults_of(evidence))
        ailing = {id(fault.given) for fault in faults}
        surely = all(id(given) in ailing for given in evidence.itls)
        found = [fault for fault in faults if fault.code is code]
        if not found:
            return
        yield Draft(
            code,
            title=found[0].title,
            detail=f"{found[0].detail} The phone does not turn to CAPF, and the captures do not "
            "show its list: one that is served like this is why.",
            proofs=tuple(fault.entry for fault in found[:MAX_EVIDENCE]),
            certainty=Certainty.LIKELY if surely else Certainty.POSSIBLE,
            at=case.phone.configurations[-1].time,
        )

    return rule


RULES: tuple[tuple[Code, PhoneRule], ...] = (
    (ITL_CAPF_MISMATCH, _mismatch),
    (ITL_DIFFERS_BETWEEN_SERVERS, _differ),
    (ITL_DIFFERS_BETWEEN_SERVERS, _loaded_another),
    *((code, _faults(code)) for code in FAULT_CODES),
)
