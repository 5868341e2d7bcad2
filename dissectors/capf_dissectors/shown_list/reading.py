"""From the phrases of a text to the lists in it."""

from __future__ import annotations

import re
from enum import IntEnum

from msgspec import Struct, field

from capf_dissectors.shown_list.decoding import Lines, lines_of
from capf_dissectors.shown_list.marks import MARKS, Mark, tag_name
from capf_dissectors.shown_list.model import Failure, Kind, Row, ShownList, ShownRecord
from capf_dissectors.shown_list.values import read_value
from capf_dissectors.signed_header import HeaderTag
from capf_dissectors.trust_list import MAX_RECORDS, RecordTag
from capf_dissectors.trust_list.records import MAX_RECORD_FIELDS

MAX_LISTS = 128
"""Lists of one text; a cluster has at most 20 nodes, each with an ITL and a CTL."""
_ONLY_IN_HEADERS = frozenset(tag.name for tag in HeaderTag) - {tag.name for tag in RecordTag}


class _Part(IntEnum):
    """How far a list has been read."""

    OPENING = 0
    HEADER = 1
    RECORDS = 2
    CLOSED = 3


class _Record(Struct):
    number: int | None
    line: int
    rows: list[Row] = field(default_factory=list)
    signed: bool | None = None


class _List(Struct):
    """A list as far as it has been read."""

    line: int
    kind: Kind | None = None
    part: _Part = _Part.OPENING
    length: int | None = None
    md5: str = ""
    sha1: str = ""
    version: str = ""
    header_length: int | None = None
    header: list[Row] = field(default_factory=list)
    records: list[_Record] = field(default_factory=list)
    verified: bool | None = None
    failures: list[Failure] = field(default_factory=list)
    elided: bool = False

    @property
    def says_something(self) -> bool:
        """Whether there is more than a header, which signed files that are no list have too."""
        return bool(self.records or self.failures or self.length is not None or self.md5)

    def frozen(self) -> ShownList:
        """The list, read."""
        failures = dict.fromkeys(self.failures)
        if self.length == 0:
            failures = {Failure.EMPTY: None, **failures}
        return ShownList(
            kind=self.kind,
            line=self.line,
            length=self.length,
            md5=self.md5,
            sha1=self.sha1,
            version=self.version,
            header_length=self.header_length,
            header=tuple(self.header),
            records=tuple(
                ShownRecord(one.number, one.line, tuple(one.rows), one.signed)
                for one in self.records
            ),
            verified=self.verified,
            failures=tuple(failures),
            elided=self.elided,
        )


def read_lists(text: str) -> list[ShownList]:
    """The lists of a text in their order, as far as they can be read."""
    lines = lines_of(text)
    reader = _Reader(lines)
    found = list(MARKS.finditer(lines.text))
    for index, match in enumerate(found):
        end = found[index + 1].start() if index + 1 < len(found) else len(lines.text)
        reader.take(match, lines.text[match.end() : end])
    return [one.frozen() for one in reader.lists if one.says_something][:MAX_LISTS]


class _Reader:
    """Puts what is found where it belongs."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.lists: list[_List] = []
        self._open: _List | None = None

    def take(self, match: re.Match[str], behind: str) -> None:
        """A phrase or the beginning of a row, and what stands between it and the next."""
        mark = Mark[match.lastgroup or ""]
        line = self._lines.number_at(match.start())
        if mark is Mark.ROW:
            self._row(match, behind, line)
        elif mark is Mark.PROMPT:
            self._open = None
        elif mark is Mark.RECORD:
            self._record(_kind(match, mark), int(match["number"]), line)
        elif mark in _OPENINGS:
            self._opening(match, mark, line)
        elif mark in (Mark.SIGNED, Mark.VERIFIED):
            self._footer(match, mark, line)
        elif mark in _FAILURES:
            listed = self._list(_kind(match, mark), _Part.OPENING, line, anywhere=True)
            listed.failures.append(_FAILURES[mark])

    def _list(self, kind: Kind | None, part: _Part, line: int, *, anywhere: bool = False) -> _List:
        """The list that is being read, or a new one where this cannot be part of it."""
        listed = self._open
        other = listed is not None and None not in (kind, listed.kind) and kind is not listed.kind
        if listed is None or other or (listed.part > part and not anywhere):
            listed = self._open = _List(line, kind)
            if len(self.lists) <= MAX_LISTS:
                self.lists.append(listed)
        listed.kind = listed.kind or kind
        if not anywhere:
            listed.part = part
        return listed

    def _opening(self, match: re.Match[str], mark: Mark, line: int) -> None:
        kind = _kind(match, mark)
        if self._open is not None and mark is Mark.LENGTH and self._open.length is not None:
            self._open = None
        part = _OPENINGS[mark]
        listed = self._list(kind, part, line)
        if mark is Mark.LENGTH:
            listed.length = int(match["bytes"])
        elif mark is Mark.MD5:
            listed.md5 = match["md5"].lower()
        elif mark is Mark.SHA1:
            listed.sha1 = match["sha1"].lower()
        elif mark is Mark.VERSION:
            listed.version = match["version"]
        elif mark is Mark.HEADERLENGTH:
            listed.header_length = int(match["header"])

    def _record(self, kind: Kind | None, number: int, line: int) -> None:
        listed = self._open
        if listed is not None and listed.records and number <= (listed.records[-1].number or 0):
            self._open = None
        listed = self._list(kind, _Part.RECORDS, line)
        if len(listed.records) < MAX_RECORDS:
            listed.records.append(_Record(number, line))

    def _row(self, match: re.Match[str], behind: str, line: int) -> None:
        tag = tag_name(match["tag"])
        begins = tag == RecordTag.RECORDLENGTH.name
        in_record = begins or (self._open is not None and self._open.part is _Part.RECORDS)
        if tag in _ONLY_IN_HEADERS or not in_record:
            rows = self._list(None, _Part.HEADER, line).header
        else:
            rows = self._rows(line, begins=begins)
        if len(rows) >= MAX_RECORD_FIELDS:
            return
        length = None if match["length"] is None else int(match["length"])
        value, cut = read_value(tag, length, behind)
        rows.append(Row(int(match["position"]), tag, length, value, line, cut))
        if self._open is not None and cut:
            self._open.elided = True

    def _rows(self, line: int, *, begins: bool) -> list[Row]:
        """Those of the record that is being read; one may lack its heading."""
        listed = self._list(None, _Part.RECORDS, line)
        if not listed.records or (begins and listed.records[-1].rows):
            if len(listed.records) >= MAX_RECORDS:
                return []
            listed.records.append(_Record(None, line))
        return listed.records[-1].rows

    def _footer(self, match: re.Match[str], mark: Mark, line: int) -> None:
        kind = _kind(match, mark)
        if mark is Mark.SIGNED:
            listed = self._list(kind, _Part.RECORDS, line)
            if listed.records:
                listed.records[-1].signed = match["unsigned"] is None
            return
        listed = self._list(kind, _Part.CLOSED, line)
        listed.verified = match["unverified"] is None


def _kind(match: re.Match[str], mark: Mark) -> Kind | None:
    group = f"kind_{mark.name}"
    spelt = match[group] if group in match.re.groupindex else None
    return None if spelt is None else Kind(spelt.upper())


_OPENINGS = {
    Mark.CHECKSUMS: _Part.OPENING,
    Mark.MD5: _Part.OPENING,
    Mark.SHA1: _Part.OPENING,
    Mark.LENGTH: _Part.OPENING,
    Mark.MODIFIED: _Part.OPENING,
    Mark.OPENING: _Part.OPENING,
    Mark.VERSION: _Part.HEADER,
    Mark.HEADERLENGTH: _Part.HEADER,
}
_FAILURES = {Mark.NOT_FOUND: Failure.NOT_FOUND, Mark.UNPARSABLE: Failure.UNPARSABLE}
