"""What the lists that were given say on their own: of nodes, not of any phone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capfpcap.evidence import Evidence
from capfpcap.evidence.lists import GivenList, lists_agree
from capfpcap.report import Severity
from capfpcap.rules.model.case import Scene
from capfpcap.rules.model.code import Code, SceneRule
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Entry
from capfpcap.rules.questions.wording import listed
from capfpcap.rules.trust.by_evidence.faults import FAULT_CODES, faults_of
from capfpcap.rules.trust.lists_differ import ITL_DIFFERS_BETWEEN_SERVERS


def capf_entry(given: GivenList) -> Entry:
    """The place of a list's CAPF record."""
    capf = given.capf[0]
    note = f"{given.name}: CAPF record for {capf.owner}"
    return Entry(given.file.id, note, line=capf.line, record=capf.number)


def groups_of(evidence: Evidence) -> list[list[GivenList]]:
    """The ITLs that were given by their CAPF certificates: lists of one group surely agree."""
    groups: list[list[GivenList]] = []
    for given in evidence.itls:
        if not given.capf:
            continue
        for group in groups:
            if agree(group[0], given) is not False:
                group.append(given)
                break
        else:
            groups.append([given])
    return groups


def agree(one: GivenList, other: GivenList) -> bool | None:
    """Whether two lists name the same CAPF certificate; None where that cannot be told."""
    return lists_agree([each.record for each in one.capf], [each.record for each in other.capf])


def in_words(groups: Sequence[Sequence[GivenList]]) -> str:
    """Which lists name which certificate."""
    parts = []
    for group in groups:
        capf = group[0].capf[0]
        serial = f" (serial {capf.record.serial})" if capf.record.serial else ""
        names = listed(given.name for given in group[:4])
        parts.append(f"{names} {'name' if len(group) > 1 else 'names'} {capf.owner}{serial}")
    return "; ".join(parts)


def _differ(scene: Scene) -> Iterator[Draft]:
    """Lists of several nodes that do not name the same CAPF certificate."""
    evidence = scene.judgement.evidence
    groups = groups_of(evidence) if evidence is not None else []
    if len(groups) < 2:
        return
    yield Draft(
        ITL_DIFFERS_BETWEEN_SERVERS,
        title="The lists that were given do not name the same CAPF certificate",
        detail=f"{in_words(groups)}. Which one a phone trusts depends on the node that it asks.",
        proofs=tuple(capf_entry(group[0]) for group in groups[:MAX_EVIDENCE]),
        severity=_weight(scene),
    )


def _weight(scene: Scene) -> Severity | None:
    """A warning beside captures: there the phones that fail of it have findings of their own."""
    return Severity.WARNING if scene.points else None


def _faults(code: Code) -> SceneRule:
    """The rule that finds one code among the faults of the lists."""

    def rule(scene: Scene) -> Iterator[Draft]:
        evidence = scene.judgement.evidence
        for fault in faults_of(evidence) if evidence is not None else ():
            if fault.code is code:
                yield Draft(
                    code,
                    title=fault.title,
                    detail=fault.detail,
                    proofs=(fault.entry,),
                    severity=_weight(scene),
                )

    return rule


RULES: tuple[tuple[Code, SceneRule], ...] = (
    (ITL_DIFFERS_BETWEEN_SERVERS, _differ),
    *((code, _faults(code)) for code in FAULT_CODES),
)
