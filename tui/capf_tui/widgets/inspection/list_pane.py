"""A trust list in full: its signature, how it differs, its records, who loaded it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import set_cell_size
from textual.content import Content

from capf_tui.asking.trust_lists import ListStoryAnswer
from capf_tui.clock import Clock, nanoseconds
from capf_tui.widgets.panes.text_pane import TextPane
from capfpcap.inspection.list_differences import ListDifferences, RecordDifference, Standing
from capfpcap.inspection.trust_lists import ListDescription, ListLoad, RecordLine

MAX_LOADS = 100
"""Loadings of one list that are told one by one."""
MAX_RECORDS = 200
"""Records that are told one by one; a cluster of twenty servers has about 80."""
_HEADING = "bold $key"
_SHOWN_HASH = 16
"""Characters of a hash that tell it from others at a glance."""
_WIDE = 100
"""Cells from which on records are told in full."""
_OWNER_WIDTH = 33
_TELLING = {
    "CERTIFICATE": "another certificate",
    "CERTHASH": "another certificate",
    "PUBLICKEY": "another key",
}
_MARKS = {
    Standing.CHANGED: "≠",
    Standing.ONLY_FIRST: "-",
    Standing.ONLY_SECOND: "+",
    Standing.SAME: "=",
}


class Told(NamedTuple):
    """What the pane tells of."""

    label: str
    file: str
    story: ListStoryAnswer
    compared_with: str
    """Label of the list that it is compared with; empty where there is none."""
    loads: Sequence[ListLoad]
    only_last: bool


class ListPane(TextPane):
    """All that is said of one list."""

    _shown: tuple[Told | None, Clock] = None, Clock()

    def show(self, told: Told | None, clock: Clock) -> None:
        """Show a list, or none."""
        self._shown = told, clock
        self._tell()

    def on_resize(self) -> None:
        """Lines have another width."""
        self._tell()

    def _tell(self) -> None:
        told, clock = self._shown
        self.tell([] if told is None else list(list_lines(told, clock, self.size.width)))


def list_lines(told: Told, clock: Clock, width: int) -> Iterator[Content]:
    """All that is said of a list, on lines of so many cells."""
    description = told.story.description
    size = f"{description.kind}, {description.length:,} bytes"
    version = f", version {description.version}" if description.version else ""
    yield Content.assemble((f"{told.label} {told.file}", "bold"), (f"  {size}{version}", "$faint"))
    yield from _signature(description)
    if told.story.differences is not None and told.compared_with:
        yield Content("")
        yield from _differences(told.story.differences, told.compared_with, told.label)
    if description.records:
        yield Content("")
        yield Content.styled(f"{len(description.records)} records", _HEADING)
    for record in description.records[:MAX_RECORDS]:
        yield _record(record, width)
    yield Content("")
    yield from _loads(told, clock)
    yield Content("")
    yield Content.styled(f"SHA-256 {description.sha256}", "$faint")


def _signature(description: ListDescription) -> Iterator[Content]:
    if description.problem:
        yield Content.styled(f"✗ cannot be read: {description.problem}", "bold $bad")
        return
    mark, style = {True: ("✓", "$good"), False: ("✗", "bold $bad"), None: ("?", "$warn")}[
        description.verified
    ]
    yield Content.assemble((f"{mark} signature {description.signature}", style))
    signed = [description.digest, description.signer]
    when = [f"signed {description.signed_at}"] if description.signed_at else []
    yield Content.styled("  " + ", ".join(filter(None, [*signed, *when])), "$faint")


def _differences(differences: ListDifferences, other: str, own: str) -> Iterator[Content]:
    yield Content.styled(f"Compared with {other}", _HEADING)
    grave = any(record.matters and not record.expected for record in differences.records)
    yield Content.styled(differences.summary, "bold $bad" if grave else "")
    for record in differences.records:
        yield _difference(record, other, own)
    same = f"{differences.same} records are the same"
    header = f"; headers differ in {', '.join(differences.header)}" if differences.header else ""
    yield Content.styled(f"= {same}{header}", "$faint")


def _difference(record: RecordDifference, other: str, own: str) -> Content:
    style = "$faint" if record.expected else "bold $bad" if record.matters else "$warn"
    owner = record.owner
    if record.standing is Standing.CHANGED and record.other_owner != record.owner:
        owner = f"{record.owner} → {record.other_owner}"
    words = {
        Standing.CHANGED: _changed(record.fields),
        Standing.ONLY_FIRST: f"only in {other}",
        Standing.ONLY_SECOND: f"only in {own}",
        Standing.SAME: "",
    }[record.standing]
    expected = " (expected between servers)" if record.expected else ""
    return Content.assemble(
        (f"{_MARKS[record.standing]} {record.function:<9}", style),
        f"{owner}  ",
        (f"{words}{expected}", "$faint"),
    )


def _changed(fields: Sequence[str]) -> str:
    """What differs, in words: another certificate has another key and serial number as well."""
    for tag, words in _TELLING.items():
        if tag in fields:
            return words
    return ", ".join(name.lower() for name in fields)


def _record(record: RecordLine, width: int) -> Content:
    held = record.holds
    if record.key and width >= _WIDE:
        held += f", {record.key}"
    if record.not_after:
        held += f" until {record.not_after[:10]}"
    hashed = f"  {record.sha1[:_SHOWN_HASH]}" if width >= _WIDE else ""
    owner = set_cell_size(record.owner or "without a name", _OWNER_WIDTH)
    bold = "bold" if record.is_capf else ""
    return Content.assemble(
        ("✓" if record.signed_list else " ", "$good"),
        (f"{record.number:>3} ", "$faint"),
        (f"{record.function or 'none':<9}", bold),
        (owner, bold),
        (f"  {held}{hashed}", "$faint"),
    )


def _loads(told: Told, clock: Clock) -> Iterator[Content]:
    count = len({load.phone for load in told.loads})
    whom = "1 phone" if count == 1 else f"{count:,} phones"
    last = ", of each the list loaded last" if told.only_last else ""
    yield Content.styled(f"Loaded by {whom}{last}", _HEADING)
    for load in told.loads[:MAX_LOADS]:
        replaced = "" if load.last else "  another list followed"
        when = f"  {clock.text(nanoseconds(load.time))} {clock.zone_name}" if load.time else ""
        frame = f"  {load.capture}:{load.frame}" if load.frame else ""
        yield Content.assemble(
            (load.phone, "bold"),
            f"{when}  {load.file} from {load.server} by {load.via}",
            (f"{frame}{replaced}", "$faint"),
        )
    if len(told.loads) > MAX_LOADS:
        yield Content.styled(f"and {len(told.loads) - MAX_LOADS:,} more", "$faint")
