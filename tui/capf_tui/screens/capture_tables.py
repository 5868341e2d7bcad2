"""The rows of the captures, and of the matrix of what phones reach."""

from __future__ import annotations

from collections.abc import Sequence

from capf_tui.asking.captures import SERVICE_NAMES, ReachCell, ReachRow
from capf_tui.clock import nanoseconds
from capf_tui.order import Keys
from capf_tui.screens.rows import Rows
from capf_tui.widgets.columns import Column
from capf_tui.widgets.tone import Cell, Span, Tone, cell
from capf_tui.words import REACH_MARKS
from capfpcap.inspection.captures import CaptureDetails
from capfpcap.report import Reach, Role

_HOUR, _MINUTE = 3600, 60
_TITLES = {"dns": "DNS", "tftp": "TFTP", "http": "HTTP", "tvs": "TVS", "capf": "CAPF"}


class CaptureTable(Rows[CaptureDetails]):
    """The captures."""

    @property
    def columns(self) -> Sequence[Column]:
        """Narrow screens leave out what the pane says."""
        return (
            Column("", 1),
            Column("Capture", 11, stretches=True),
            Column("Taken at", 9),
            Column(self.clock.title("First"), self.clock.width),
            Column("Span", 8, right=True),
            Column("Packets", 9, right=True),
            Column("Analysed", 9, right=True),
            Column("Clock", 20, from_width=100, stretches=True),
        )

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a capture."""
        details = self.rows[row]
        capture = details.capture
        unknown = capture.role is Role.OTHER and not capture.role_given
        mark = Span("!", Tone.WARN) if details.flaws else Span("✓", Tone.GOOD)
        return (
            (mark,),
            cell(capture.id, Tone.STRONG),
            cell(
                "not known" if unknown else capture.role.value,
                Tone.FAINT if unknown else Tone.PLAIN,
            ),
            cell(self.clock.text(nanoseconds(capture.first)), Tone.FAINT),
            cell(span_words(details.span_s)),
            cell(f"{capture.packets:,}"),
            cell(f"{details.kept:,}"),
            cell(details.clock),
        )

    def text(self, row: CaptureDetails) -> str:
        """Id and path."""
        return f"{row.capture.id} {row.capture.path}".lower()

    def keys(self, column: int) -> Keys:  # noqa: ARG002
        """Captures stay in the report's order."""
        return []


def span_words(seconds: float | None) -> str:
    """A span of time: ``1:02:03`` or ``12.3 s``."""
    if seconds is None:
        return ""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, minutes = whole // _HOUR, whole % _HOUR // _MINUTE
    return (
        f"{hours}:{minutes:02d}:{whole % _MINUTE:02d}"
        if hours
        else f"{minutes}:{whole % _MINUTE:02d}"
    )


class MatrixTable(Rows[str]):
    """The phones by name and, once they are known, what each reaches."""

    def __init__(self) -> None:
        super().__init__()
        self.reached: dict[int, ReachRow] = {}

    def clear(self) -> None:
        """No rows, and nothing known of any."""
        super().clear()
        self.reached = {}

    @property
    def columns(self) -> Sequence[Column]:
        """A column for each service."""
        services = (Column(_TITLES[name], 6) for name in SERVICE_NAMES)
        return (Column("", 1), Column("Phone", 15, stretches=True), *services)

    def cells(self, row: int) -> Sequence[Cell]:
        """Both ways of each service."""
        known = self.reached.get(row)
        if known is None:
            waiting = cell("…", Tone.FAINT)
            return (waiting, cell(self.rows[row], Tone.STRONG), *([waiting] * len(SERVICE_NAMES)))
        return (
            (REACH_MARKS[known.state],),
            cell(self.rows[row], Tone.STRONG),
            *map(_both_ways, known.cells),
        )

    def text(self, row: str) -> str:
        """The name."""
        return row.lower()

    def keys(self, column: int) -> Keys:
        """What to sort by: names, or how bad it is."""
        if column == 1:
            return self.rows
        return [_badness(self.reached.get(number), column) for number in range(len(self.rows))]


def _both_ways(one: ReachCell) -> Cell:
    if not one.used:
        return cell("-", Tone.FAINT)
    more = (Span("!", Tone.WARN),) if one.other_servers else ()
    return (
        Span("→", Tone.FAINT),
        REACH_MARKS[one.to_server],
        Span("←", Tone.FAINT),
        REACH_MARKS[one.to_client],
        *more,
    )


_WORST_FIRST = (Reach.DROPPED, Reach.UNKNOWN, Reach.PASSES)


def _badness(row: ReachRow | None, column: int) -> float:
    if row is None:
        return float(len(_WORST_FIRST) * 2)
    if column == 0:
        return float(_WORST_FIRST.index(row.state))
    one = row.cells[column - 2]
    return float(min(_WORST_FIRST.index(one.to_server), _WORST_FIRST.index(one.to_client)))
