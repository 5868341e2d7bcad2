"""Two certificates, or a certificate and a record, side by side; what differs is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from capf_tui.widgets.inspection.wrapping import slices, wrapped
from capfpcap.inspection.certificates import CertificateComparison, FieldPair

_NAME_WIDTH = 16
_NARROW_NAME_WIDTH = 13
_GAP = 2
_NARROW = 90
"""Cells below which names of fields have less room."""
_MARKS = {True: ("= ", "$good"), False: ("≠ ", "bold $bad"), None: ("  ", "$faint")}
_VERDICTS = {True: ("✓", "$good"), False: ("✗", "bold $bad"), None: ("·", "$faint")}
_DIFFERS = "bold $bad"
_DIGITS = re.compile(r"[0-9a-f…]{32,}")
"""Hashes and serial numbers, which have nothing in common but by chance."""


class ComparisonPane(VerticalScroll, can_focus=True):
    """The comparisons of one certificate."""

    def compose(self) -> ComposeResult:
        """One drawing."""
        yield ComparisonTable()

    def show(self, comparisons: Sequence[CertificateComparison]) -> None:
        """Show what one certificate is compared with."""
        self.query_one(ComparisonTable).show(comparisons)
        self.scroll_home(animate=False)


class ComparisonTable(Widget):
    """Fields below each other: its name, whether it differs, both values."""

    def __init__(self) -> None:
        super().__init__()
        self._comparisons: Sequence[CertificateComparison] = ()

    def show(self, comparisons: Sequence[CertificateComparison]) -> None:
        """Show other comparisons."""
        self._comparisons = comparisons
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as the values take."""
        return max(len(comparison_lines(self._comparisons, width)), 1)

    def render(self) -> Content:
        """All lines."""
        return Content("\n").join(comparison_lines(self._comparisons, self.size.width))


def comparison_lines(comparisons: Sequence[CertificateComparison], width: int) -> list[Content]:
    """The first comparison in full, of others what they showed."""
    if not comparisons:
        return []
    first, *others = comparisons
    lines = [_verdict(first), *_titles(first, width)]
    for pair in first.pairs:
        lines += _pair(pair, width)
    if others:
        lines += [Content(""), Content.styled("Other records for this service", "bold")]
    for other in others:
        mark, style = _VERDICTS[other.matches]
        lines.append(Content.assemble((f"{mark} ", style), f"{other.right}: {other.verdict}"))
    return lines


def _verdict(comparison: CertificateComparison) -> Content:
    mark, style = _VERDICTS[comparison.matches]
    differing = sum(pair.same is False for pair in comparison.pairs)
    fields = f", {differing} fields differ" if differing > 1 else ""
    return Content.styled(f"{mark} {comparison.verdict}{fields}", style)


def _titles(comparison: CertificateComparison, width: int) -> Iterator[Content]:
    name, value = _widths(width)
    left, right = wrapped(comparison.left, value), wrapped(comparison.right, value)
    for number in range(max(len(left), len(right))):
        yield Content.assemble(
            " " * (name + _GAP + 2),
            (_padded(_at(left, number), value + _GAP), "bold"),
            (_at(right, number), "bold"),
        )


def _widths(width: int) -> tuple[int, int]:
    """Cells of a name, and of each value."""
    name = _NAME_WIDTH if width >= _NARROW else _NARROW_NAME_WIDTH
    return name, max((width - name - 2 * _GAP - 3) // 2, 8)


def _pair(pair: FieldPair, width: int) -> Iterator[Content]:
    name_width, value_width = _widths(width)
    mark, style = _MARKS[pair.same]
    spans = _differing(pair)
    left = _styled(pair.left, spans[0], value_width)
    right = _styled(pair.right, spans[1], value_width)
    names = wrapped(pair.name, name_width)
    for number in range(max(len(left), len(right), len(names))):
        first = number == 0
        shown = left[number] if number < len(left) else Content("")
        other = right[number] if number < len(right) else Content("")
        name = _padded(_at(names, number), name_width + _GAP)
        yield Content.assemble(
            (name, "bold" if pair.decides else "$faint"),
            (mark if first else "  ", style),
            shown,
            " " * (value_width + _GAP - shown.cell_length),
            other,
        )


def _differing(pair: FieldPair) -> tuple[tuple[int, int], tuple[int, int]]:
    """Which characters of both values differ: all between what they begin and end with alike."""
    left, right = pair.left or "", pair.right or ""
    if pair.same is not False:
        return (0, 0), (0, 0)
    if left == right or not left or not right or _DIGITS.fullmatch(left + right):
        return (0, len(left)), (0, len(right))
    most = min(len(left), len(right))
    begin = next((at for at in range(most) if left[at] != right[at]), most)
    end = 0
    while end < most - begin and left[-1 - end] == right[-1 - end]:
        end += 1
    return (begin, len(left) - end), (begin, len(right) - end)


def _styled(value: str | None, differing: tuple[int, int], width: int) -> list[Content]:
    if value is None:
        return [Content.styled("not there", "$faint")]
    lines = []
    for start, stop in slices(value, width):
        begin, end = max(differing[0], start), min(differing[1], stop)
        if begin >= end:
            lines.append(Content(value[start:stop]))
        else:
            parts = (value[start:begin], (value[begin:end], _DIFFERS), value[end:stop])
            lines.append(Content.assemble(*parts))
    return lines


def _at(lines: Sequence[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - cell_len(text), 0)
