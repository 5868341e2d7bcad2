"""Whether captures reach up to now: a recorder that has stopped must not look like peace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from capfpcap.report import Capture, Report, Unjudged, VerdictSeverity

_EPOCH = datetime.fromtimestamp(0, UTC)
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_SECOND = 1_000_000_000
"""Nanoseconds."""


class Source(Struct, frozen=True):
    """Files of which the newest tells whether their recorder still runs."""

    name: str
    """As the user knows it."""
    paths: frozenset[str]


def up_to_date(report: Report, sources: Iterable[Source], now: int, most: int) -> Report:
    """``report``, or what it becomes where a source has no packet younger than ``most``.

    Both are nanoseconds, ``now`` since 1970 UTC. A failure stays one; any other verdict is unknown.
    """
    old = list(_too_old(report.captures, sources, now, most))
    if not old:
        return report
    sentence = f"{'; '.join(old)}: does the recorder still run?"
    verdict = report.verdict
    if verdict.severity is VerdictSeverity.CRITICAL:
        return replace(report, notes=(*report.notes, sentence))
    summary = f"{verdict.summary}; {sentence}"
    stale = replace(
        verdict, severity=VerdictSeverity.UNKNOWN, summary=summary, unjudged=Unjudged.STALE
    )
    return replace(report, verdict=stale)


def _too_old(
    captures: Sequence[Capture], sources: Iterable[Source], now: int, most: int
) -> Iterator[str]:
    for source in sources:
        lasts = [each.last for each in captures if each.path in source.paths]
        newest = max((_nanoseconds(last) for last in lasts if last is not None), default=None)
        if newest is None:
            yield f"{source.name} holds no packet"
        elif now - newest > most:
            yield f"the last packet of {source.name} is {_words(now - newest)} old"


def _nanoseconds(stamp: str) -> int:
    """A time of the report; what its nine decimals say beyond six is left out."""
    return (datetime.fromisoformat(stamp) - _EPOCH) // timedelta(microseconds=1) * 1_000


def _words(nanoseconds: int) -> str:
    """A duration in its two largest units: ``3 h 20 min``."""
    seconds = nanoseconds // _SECOND
    parts: list[str] = []
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count or parts or unit == "s":
            parts.append(f"{count} {unit}")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 s"
