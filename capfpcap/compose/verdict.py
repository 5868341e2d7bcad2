"""The verdict: the worst that was found, and the sentence that a report opens with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from capfpcap.report import (
    Certainty,
    Finding,
    Outcome,
    Phone,
    Severity,
    Unjudged,
    Verdict,
    VerdictSeverity,
)

NOT_ALL_JUDGED = "; part of the captures could not be judged"
"""Why a verdict is unknown although phones were seen."""
_FAILED = frozenset({Outcome.FAILED, Outcome.REFUSED})
_OPEN = frozenset({Outcome.UNKNOWN, Outcome.IN_PROGRESS})
"""Outcomes that are none: the captures do not show how it ended."""


_BEHIND_THE_NAT = "a capture on the phones' side of the NAT"
_FROM_THE_START = "a capture at the phone, of both directions and from its start on"


def verdict_on(
    phones: Sequence[Phone],
    findings: Sequence[Finding],
    *,
    packets: int,
    undecided: bool,
    is_shared: bool = False,
    files: int | None = None,
) -> Verdict:
    """The verdict on ``phones`` and ``findings``, from captures of that many packets.

    ``files`` were given where no capture was.

    ``is_shared`` says that there are connections of which nobody knows which phone made them.

    ``undecided`` says that part of the captures could not be judged. That, and that no phone came
    to an outcome, makes an *ok* or a *warning* unknown: what was not seen may be worse.
    """
    severity = _severity(findings)
    unjudged = _unjudged(phones, part=undecided)
    if severity is VerdictSeverity.CRITICAL:
        unjudged = None
    elif unjudged is not None:
        severity = VerdictSeverity.UNKNOWN
    summary = _summary(phones, findings, packets) if files is None else _of_files(files, findings)
    if files is None or _gravest(findings) is not None:
        summary += _what_would_tell(phones, unjudged, is_shared=is_shared)
    return Verdict(severity=severity, summary=summary, unjudged=unjudged)


def _severity(findings: Iterable[Finding]) -> VerdictSeverity:
    found = {finding.severity for finding in findings}
    if Severity.CRITICAL in found:
        return VerdictSeverity.CRITICAL
    return VerdictSeverity.WARNING if Severity.WARNING in found else VerdictSeverity.OK


def _unjudged(phones: Sequence[Phone], *, part: bool) -> Unjudged | None:
    if not phones:
        return Unjudged.EVERYTHING
    if part:
        return Unjudged.PART
    return Unjudged.OUTCOMES if all(phone.outcome in _OPEN for phone in phones) else None


def _what_would_tell(phones: Sequence[Phone], unjudged: Unjudged | None, *, is_shared: bool) -> str:
    """What is missing, and the capture that would have it."""
    if unjudged is Unjudged.PART:
        return NOT_ALL_JUDGED
    if unjudged is not Unjudged.OUTCOMES:
        return ""
    if all(phone.outcome is Outcome.IN_PROGRESS for phone in phones):
        return "; what would tell: a capture that goes on until CAPF's last message"
    if is_shared:
        return f"; what would tell whose a connection is: {_BEHIND_THE_NAT}"
    if not any(phone.attempts for phone in phones):
        seen = "; no connection to CAPF is seen; what would tell: "
        return f"{seen}{_FROM_THE_START}, until it has tried"
    return f"; what would tell: {_FROM_THE_START}"


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


def _of_files(files: int, findings: Sequence[Finding]) -> str:
    """What files say without any capture."""
    given = f"no capture, {files} file{'' if files == 1 else 's'}"
    trouble = _gravest(findings)
    if trouble is not None:
        return f"{given}: {_hedged(trouble)}"
    return f"{given}: no fault in what they say; what would tell of a phone: {_FROM_THE_START}"


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
