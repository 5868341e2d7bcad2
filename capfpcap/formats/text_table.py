"""The table with which a report on several phones begins: who, where, how it ended, why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from capfpcap.formats.grouping import CauseGroup, Overview, PhoneFindings
from capfpcap.formats.harmless import harmless
from capfpcap.formats.layout import Style, Writer, cells, clip
from capfpcap.report import Outcome, Phone

MAX_ROWS = 20
"""Phones with a line each; the others are named, or counted where nothing is wrong with them."""

MAX_NAMED_PHONES = 12
"""Phones that one line names; the rest is counted."""

NAME_WIDTH = 32
"""Columns of a phone's or a capture's name; a device name has 15 characters."""

_HEADER = ("phone", "address", "outcome", "cause", "first frame")
_CAUSE = 3
"""The column from which on a row goes on in a second line where the page is narrow."""
_GAP = "  "
_INDENT = "    "

_OPEN = (Outcome.UNKNOWN, Outcome.IN_PROGRESS, Outcome.NOT_ATTEMPTED)


class _Row(NamedTuple):
    mark: str
    style: Style
    texts: tuple[str, ...]


def write_table(writer: Writer, phones: Overview, *, one_capture: bool) -> None:
    """A line for each phone: those that failed, those with a warning, the healthy ones."""
    groups = [*((group, True) for group in phones.failed), *((one, False) for one in phones.warned)]
    shares = _shares([len(group.entries) for group, _ in groups])
    rows = [
        _trouble(entry, failed=failed, one_capture=one_capture)
        for (group, failed), share in zip(groups, shares, strict=True)
        for entry in group.entries[:share]
    ]
    few = len(rows) + len(phones.healthy) <= MAX_ROWS
    rows += map(_healthy, phones.healthy if few else ())
    if rows:
        writer.gap()
        _write(writer, rows)
    for (group, _), share in zip(groups, shares, strict=True):
        _write_hidden(writer, group, share)
    if not few:
        writer.paragraph(_counted(phones.healthy), indent="  ", hanging=_INDENT)


def _shares(sizes: Sequence[int]) -> list[int]:
    """How many phones of each cause have a line: one of each, then more of the first ones."""
    shares = [int(number < MAX_ROWS) for number in range(len(sizes))]
    for number, size in enumerate(sizes[:MAX_ROWS]):
        shares[number] += min(size - 1, MAX_ROWS - sum(shares))
    return shares


def _trouble(entry: PhoneFindings, *, failed: bool, one_capture: bool) -> _Row:
    cause = entry.cause
    frame = ""
    if cause is not None and cause.evidence:
        first = cause.evidence[0]
        bare = one_capture and first.frame is not None
        frame = first.spot if bare else f"{clip(first.source, NAME_WIDTH)}:{first.spot}"
    mark, style = ("✗ ", Style.BAD) if failed else ("! ", Style.WARN)
    return _Row(mark, style, (*_about(entry.phone), cause.code if cause else "", frame))


def _healthy(entry: PhoneFindings) -> _Row:
    is_open = entry.phone.outcome in _OPEN
    mark, style = ("· ", Style.FAINT) if is_open else ("✓ ", Style.GOOD)
    return _Row(mark, style, (*_about(entry.phone), "", ""))


def _about(phone: Phone) -> tuple[str, str, str]:
    address = next((one for one in phone.addresses if one != phone.name), "")
    return clip(phone.name, NAME_WIDTH), address, _outcome(phone)


def _outcome(phone: Phone) -> str:
    return phone.outcome.value.replace("-", " ")


def _write(writer: Writer, rows: Sequence[_Row]) -> None:
    """The columns as wide as they need; on a narrow page the cause has a line of its own."""
    table = [_HEADER, *(row.texts for row in rows)]
    widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
    stacked = 2 + sum(widths) + len(_GAP) * (len(widths) - 1) > writer.page.width
    shown = widths[:_CAUSE] if stacked else widths
    writer.line("  " + _line(_HEADER, shown), Style.STRONG)
    for row in rows:
        writer.pieces([(row.mark, row.style), (_line(row.texts, shown), Style.PLAIN)])
        if stacked and row.texts[_CAUSE]:
            writer.line(_INDENT + _GAP.join(filter(None, row.texts[_CAUSE:])))


def _line(texts: Iterable[str], widths: Sequence[int]) -> str:
    columns = zip(texts, widths, strict=False)
    return _GAP.join([text + " " * (width - cells(text)) for text, width in columns]).rstrip()


def _write_hidden(writer: Writer, group: CauseGroup, share: int) -> None:
    """The phones of one cause that have no line: some by name."""
    hidden = group.entries[share:]
    if not hidden:
        return
    names = ", ".join(clip(one.phone.name, NAME_WIDTH) for one in hidden[:MAX_NAMED_PHONES])
    rest = len(hidden) - MAX_NAMED_PHONES
    more = f" and {rest:,} more" if rest > 0 else ""
    phones = "1 more phone" if len(hidden) == 1 else f"{len(hidden):,} more phones"
    text = f"{phones} with {group.code or 'no cause'}: {names}{more}"
    writer.paragraph(harmless(text), indent="  ", hanging=_INDENT)


def _counted(entries: Sequence[PhoneFindings]) -> str:
    """Healthy phones by how their enrolment ended."""
    outcomes = Counter(_outcome(entry.phone) for entry in entries)
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.most_common())
    phones = "1 phone" if len(entries) == 1 else f"{len(entries):,} phones"
    return f"{phones} without a fault: {counts}"
