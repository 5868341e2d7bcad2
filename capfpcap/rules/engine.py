"""Runs the rules and makes of what they say one account: causes, symptoms, what was overcome.

Each rule runs on its own: one that fails is reported as the tool's own error and costs none of the
others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct, field

from capfpcap.enrolment.phone import Phone
from capfpcap.report import Outcome, Severity
from capfpcap.rules.by_start import with_starts
from capfpcap.rules.catalogue import CATALOGUE
from capfpcap.rules.model.case import Case, Scene
from capfpcap.rules.model.code import Code, PhoneRule, Scope
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.sight import Sight, look
from capfpcap.rules.outcome import outcome_of, successes
from capfpcap.rules.questions.sharing import neighbours_in_words
from capfpcap.services import Purpose, Service, used_for

MAX_FINDINGS_OF_A_PHONE = 64
"""More than this of one phone are left out, the least grave ones, and the notes say so."""

_SEVERITIES = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
_BESIDE_CAPF = used_for(Purpose.TRUST, Purpose.REGISTRATION)


class Account(Struct, eq=False):
    """What there is to say of one phone."""

    case: Case
    drafts: list[Draft]
    """Causes before symptoms, the grave before the harmless."""
    root: Draft | None
    outcome: Outcome


class Judged(Struct, eq=False):
    """What the rules found."""

    accounts: list[Account]
    scene_drafts: list[Draft]
    errors: list[str] = field(default_factory=list)
    """Rules that failed and phones that were left out, a sentence each."""


def judge(scene: Scene, ignored: frozenset[str] = frozenset()) -> Judged:
    """Run every rule that is not ignored."""
    judged = judge_phones(scene, ignored)
    judged.scene_drafts = judge_captures(scene, ignored, judged.errors)
    return judged


def judge_phones(
    scene: Scene, ignored: frozenset[str], phones: Sequence[Phone] | None = None
) -> Judged:
    """Run the rules that judge one phone at a time, on those asked for or on some of them."""
    judged = Judged([], [], list(scene.left_out))
    for phone in scene.chosen.phones if phones is None else phones:
        judged.accounts.append(_account(Case(phone, scene), ignored, judged.errors))
    return judged


def judge_captures(scene: Scene, ignored: frozenset[str], errors: list[str]) -> list[Draft]:
    """Run the rules that judge the captures as a whole."""
    rules = [(code, rule) for code in CATALOGUE.values() for rule in code.scene_rules]
    if scene.judgement.evidence is not None:
        from capfpcap.rules.trust.by_evidence import SCENE_RULES  # noqa: PLC0415 - only where it is given

        rules += SCENE_RULES
    return [
        draft
        for code, rule in rules
        if code.code not in ignored
        for draft in _run(code, rule, scene, errors)
    ]


@lru_cache(256)
def _in_sight(sight: Sight, ignored: frozenset[str]) -> tuple[tuple[Code, PhoneRule], ...]:
    """The rules that may find something, by what a phone shows."""
    return tuple(
        (code, rule)
        for code in CATALOGUE.values()
        if code.code not in ignored and (code.looks_for is None or code.looks_for & sight)
        for rule in code.phone_rules
    )


def _of_evidence(case: Case, ignored: frozenset[str]) -> list[tuple[Code, PhoneRule]]:
    """The rules that weigh what was given beside the captures; none where nothing was."""
    if case.judgement.evidence is None:
        return []
    from capfpcap.rules.trust.by_evidence import PHONE_RULES  # noqa: PLC0415 - only where it is given

    return [(code, rule) for code, rule in PHONE_RULES if code.code not in ignored]


def _account(case: Case, ignored: frozenset[str], errors: list[str]) -> Account:
    def judge(case: Case) -> list[Draft]:
        return [
            draft
            for code, rule in (*_in_sight(look(case), ignored), *_of_evidence(case, ignored))
            for draft in _run(code, rule, case, errors)
        ]

    drafts = [] if case.blind else with_starts(case, judge(case), judge)
    if case.judgement.evidence is not None and case.logs:
        from capfpcap.rules.names.logged_names import with_logs  # noqa: PLC0415 - only with logs

        drafts = with_logs(case, drafts, ignored)
    if len(drafts) > MAX_FINDINGS_OF_A_PHONE:
        left_out = len(drafts) - MAX_FINDINGS_OF_A_PHONE
        drafts.sort(key=lambda draft: _SEVERITIES.index(draft.weight))
        errors.append(f"{case.phone.name}: {left_out} findings were left out")
        del drafts[MAX_FINDINGS_OF_A_PHONE:]
    drafts = [draft for draft in drafts if not _superfluous(draft, drafts)]
    ended = successes(case)
    for draft in drafts:
        _attribute(draft, case)
        draft.caused_by = _cause(draft, drafts)
        draft.resolved = draft.resolved or _overcome(draft, ended)
    drafts.sort(key=_order)
    root = next((draft for draft in drafts if _explains(draft)), None)
    return Account(case, drafts, root, outcome_of(case, drafts, ended))


def _attribute(draft: Draft, case: Case) -> None:
    """Say whose a finding is; one on connections that nobody knows the phone of is nobody's."""
    phone = case.phone
    if not phone.is_several:
        draft.phone = phone.name
        return
    draft.title += f" ({len(phone.stands_for)} phones behind {phone.addresses[0]})"
    draft.detail += f" No packet tells whose that is: {neighbours_in_words(case)}."


_Judged = TypeVar("_Judged", Case, Scene)


def _run(
    code: Code, rule: Callable[[_Judged], Iterator[Draft]], judged: _Judged, errors: list[str]
) -> list[Draft]:
    """What one rule finds; a rule that fails finds nothing and is named."""
    try:
        return list(rule(judged))
    except Exception as error:
        sentence = f"the rule for {code.code} failed: {type(error).__name__}: {error}"
        if sentence not in errors:
            errors.append(sentence)
        return []


def _superfluous(draft: Draft, drafts: list[Draft]) -> bool:
    """Whether a finding would only say again what another one says better."""
    if next(_found(draft.code.gives_way_to, draft, drafts), None) is not None:
        return True
    last_resort = draft.last_resort or draft.code.last_resort
    return last_resort and any(other.weight is Severity.CRITICAL for other in drafts)


def _cause(draft: Draft, drafts: list[Draft]) -> Code | None:
    """The code of the finding of the same phone that explains this one."""
    return next(_found(draft.code.explained_by, draft, drafts), None)


def _found(causes: Sequence[Code], draft: Draft, drafts: list[Draft]) -> Iterator[Code]:
    """Those of some causes that were found and concern a finding of the same phone."""
    for cause in causes:
        for other in drafts:
            if other.code is cause and other is not draft and _concerns(other, draft):
                yield cause
                break


def _concerns(cause: Draft, symptom: Draft) -> bool:
    """Whether a cause can act on a symptom.

    Those of one start act in that one only, connection faults only within their service.
    """
    if cause.start is not None and not cause.start.holds(symptom.moment):
        return False
    if cause.code.scope is Scope.PHONE or cause.service is None or symptom.service is None:
        return True
    return cause.service is symptom.service


def _overcome(draft: Draft, ended: dict[Service, int]) -> bool:
    """Whether a later session of the phone got through where this failed."""
    if (draft.severity or draft.code.severity) is not Severity.CRITICAL:
        return False
    services = {Service.CAPF} | ({draft.service} if draft.service is not None else set())
    return any(ended.get(service, 0) > draft.moment for service in services)


def _order(draft: Draft) -> tuple[bool, int, bool, int]:
    """Causes before symptoms, grave before harmless, CAPF's own before other services'."""
    return (
        draft.caused_by is not None,
        _SEVERITIES.index(draft.weight),
        draft.service in _BESIDE_CAPF,
        draft.moment,
    )


def _explains(draft: Draft) -> bool:
    return (
        draft.caused_by is None
        and draft.code.severity is not Severity.INFO
        and (draft.severity is not Severity.INFO)
    )
