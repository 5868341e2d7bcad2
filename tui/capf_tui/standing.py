"""How it stands: the verdict, or how far the analysis is."""

from __future__ import annotations

from textual.content import Content

from capf_tui.asking.overview import OverviewAnswer
from capf_tui.engine.wire import Cancelled, Failed, News, Progressed, Ready
from capfpcap.report import Unjudged, Verdict, VerdictSeverity

_SIGNS = {
    VerdictSeverity.OK: ("✓ OK", "bold $good"),
    VerdictSeverity.WARNING: ("! WARNING", "bold $warn"),
    VerdictSeverity.CRITICAL: ("✗ CRITICAL", "bold $bad"),
    VerdictSeverity.UNKNOWN: ("? UNKNOWN", "bold $warn"),
}
_BAR_WIDTH = 20
_MEGABYTE = 1_000_000


def standing_of(news: News, overview: OverviewAnswer | None) -> Content:
    """What the engine said last, in one line; once it is ready, the verdict."""
    match news:
        case Progressed(stage, done, total):
            return Content.assemble((_progress(stage, done, total), "$key"))
        case Failed(sentence):
            return Content.assemble(("? UNKNOWN ", "bold $warn"), sentence)
        case Cancelled():
            said = "The analysis was cancelled: r analyses again, q quits"
            return Content.assemble(("? UNKNOWN ", "bold $warn"), said)
        case Ready(_, following) if overview is not None:
            sign, style = _SIGNS[overview.verdict.severity]
            live = ("● following ", "bold $key") if following else ""
            return Content.assemble(live, (sign, style), " ", overview.verdict.summary)
        case _:
            return Content.styled("Loading the report", "$key")


def verdict_of(news: News | None, overview: OverviewAnswer | None) -> Verdict | None:
    """What a user who leaves now has learned; None while there is nothing to learn yet."""
    if overview is not None:
        return overview.verdict
    if isinstance(news, Failed):
        return Verdict(
            severity=VerdictSeverity.UNKNOWN, summary=news.sentence, unjudged=Unjudged.EVERYTHING
        )
    return None


def _progress(stage: str, done: int, total: int | None) -> str:
    if stage == "judging":
        return f"Judging {_bar(done, total)} {done} %" if total else "Judging what was read …"
    read = f"{done / _MEGABYTE:,.0f} MB"
    if not total:
        return f"Reading {read} …" if done else "Reading …"
    return f"Reading {_bar(done, total)} {read} of {total / _MEGABYTE:,.0f} MB"


def _bar(done: int, total: int) -> str:
    filled = _BAR_WIDTH * done // total
    return "█" * filled + "░" * (_BAR_WIDTH - filled)
