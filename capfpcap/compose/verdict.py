"""The verdict: the worst that was found, and the sentence that a report opens with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from capfpcap.report import Certainty, Finding, Outcome, Phone, Severity, Verdict, VerdictSeverity

NOT_ALL_JUDGED = "; part of the captures could not be judged"
"""Why a verdict is unknown although phones were seen."""
_FAILED = frozenset({Outcome.FAILED, Outcome.REFUSED})


def verdict_on(
    phones: Sequence[Phone], findings: Sequence[Finding], *, packets: int, undecided: bool
) -> Verdict:
    """The verdict on ``phones`` and ``findings``, from captures of that many packets.

    ``undecided`` says that part of the captures could not be judged: it makes an *ok* or a
    *warning* unknown, for what was not seen may be worse.
    """
    severity = _severity(findings, undecided=undecided or not phones)
    limited = NOT_ALL_JUDGED if phones and severity is VerdictSeverity.UNKNOWN else ""
    return Verdict(severity=severity, summary=_summary(phones, findings, packets) + limited)


def _severity(findings: Iterable[Finding], *, undecided: bool) -> VerdictSeverity:
    found = {finding.severity for finding in findings}
    if Severity.CRITICAL in found:
        return VerdictSeverity.CRITICAL
    if undecided:
        return VerdictSeverity.UNKNOWN
    return VerdictSeverity.WARNING if Severity.WARNING in found else VerdictSeverity.OK


def _summary(phones: Sequence[Phone], findings: Sequence[Finding], packets: int) -> str:
    if not phones:
        if not packets:
            return "nothing to judge: the captures hold no packet"
        return f"nothing to judge: no phone enrols in these {packets} packets"
    failed = [phone for phone in phones if phone.outcome in _FAILED]
    if failed:
        return f"{len(failed)} of {_count(len(phones))} failed: {_leading_cause(failed, findings)}"
    trouble = _gravest(findings)
    told = f": {_of_phone(trouble.phone)}{_hedged(trouble)}" if trouble is not None else ""
    return f"{_count(len(phones))}, {_outcomes(phones)}{told}"


def _leading_cause(failed: Sequence[Phone], findings: Iterable[Finding]) -> str:
    """A phone that failed of the commonest cause, that cause, and how many others there are."""
    causes = Counter(phone.root_cause for phone in failed)
    code, _ = causes.most_common(1)[0]
    first = next(phone for phone in failed if phone.root_cause == code)
    cause = next(
        (each for each in findings if each.phone == first.name and each.code == code), None
    )
    title = "the cause is not visible" if cause is None else _hedged(cause)
    others = len(causes) - 1
    more = f" (and {others} other cause{'s' if others > 1 else ''})" if others else ""
    return f"{_of_phone(first.name)}{title}{more}"


def _gravest(findings: Iterable[Finding]) -> Finding | None:
    """The first of the findings that weigh most; None where there are mere facts."""
    faults = [finding for finding in findings if finding.severity is not Severity.INFO]
    critical = (finding for finding in faults if finding.severity is Severity.CRITICAL)
    return next(critical, faults[0] if faults else None)


def _hedged(finding: Finding) -> str:
    """A finding's title, behind how sure it is where it is not proven."""
    proven = finding.certainty is Certainty.PROVEN
    return finding.title if proven else f"{finding.certainty.value}: {finding.title}"


def _of_phone(name: str | None) -> str:
    return f"{name}: " if name else ""


def _count(phones: int) -> str:
    return "1 phone" if phones == 1 else f"{phones} phones"


def _outcomes(phones: Sequence[Phone]) -> str:
    """How many ended how, in words."""
    counts = Counter(phone.outcome.value.replace("-", " ") for phone in phones)
    return ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
