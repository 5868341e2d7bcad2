"""A trust list as rows of a table."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Kind(Enum):
    """Which list."""

    ITL = "ITL"
    CTL = "CTL"


class Failure(Enum):
    """What the command line says in place of a list; the value is how it begins."""

    EMPTY = "Length of file: 0"
    NOT_FOUND = "File not found"
    UNPARSABLE = "Error parsing the File"


class Remark(Struct, frozen=True):
    """Something that does not add up."""

    line: int
    """From 1; 0 where it is about the list as a whole."""
    text: str
    lacks: bool = False
    """Whether something that the list has is not in the text."""


class Row(Struct, frozen=True):
    """One line of the table: a field of the header or of a record."""

    position: int
    """What the column BYTEPOS holds, which is the field's tag."""
    tag: str
    """The tag's name as :class:`RecordTag` or :class:`HeaderTag` spells it."""
    length: int | None
    """Bytes of the value in the list; None where the text lacks it."""
    value: str
    """As it stands there, wraps undone; bytes in hexadecimal without separators, lower case.

    Many fields are printed without a value.
    """
    line: int
    """From 1; 0 where it comes from no text."""
    cut: bool = False
    """Whether part of the value is left out."""


class ShownRecord(Struct, frozen=True):
    """One record."""

    number: int | None
    """As its heading says, from 1; None without a heading."""
    line: int
    rows: tuple[Row, ...]
    signed: bool | None = None
    """Whether *this etoken was used to sign the file*; None where nothing says so."""

    def row(self, tag: str) -> Row | None:
        """The first row of a tag."""
        return next((row for row in self.rows if row.tag == tag), None)


class ShownList(Struct, frozen=True):
    """One list, or what the command line says in place of it; None where the text does not say."""

    kind: Kind | None
    line: int
    """Where it begins, from 1."""
    length: int | None = None
    """Bytes of the file."""
    md5: str = ""
    sha1: str = ""
    """Checksums of the file in hexadecimal, lower case."""
    version: str = ""
    header_length: int | None = None
    header: tuple[Row, ...] = ()
    records: tuple[ShownRecord, ...] = ()
    verified: bool | None = None
    failures: tuple[Failure, ...] = ()
    elided: bool = False
    """Whether somebody left something out, and marked it."""
    remarks: tuple[Remark, ...] = ()
    """What does not add up."""

    @property
    def gap(self) -> str:
        """Why records of the list may not be in the text; empty where all surely are.

        Its end is there where the words on its signature are, or where the lengths add up.
        """
        lacking = [remark.text for remark in self.remarks if remark.lacks]
        if lacking:
            return lacking[0]
        if self.elided:
            return "something was left out of it"
        adds_up = bool(self.length and self.header_length)
        return "" if adds_up or self.verified is not None else "its end is not there"

    def header_row(self, tag: str) -> Row | None:
        """The first row of a tag in the header."""
        return next((row for row in self.header if row.tag == tag), None)
