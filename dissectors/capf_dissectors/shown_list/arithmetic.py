"""Whether the lengths of a printed list add up; where they do not, rows are missing or changed.

A record has RECORDLENGTH bytes: 5 for that field itself, and for each other field 3 and its LENGTH.
SIGNERID and the file are sums of the same kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from capf_dissectors.shown_list.model import Failure, Remark, Row, ShownList, ShownRecord
from capf_dissectors.shown_list.records import stated_length
from capf_dissectors.shown_list.values import TEXTS, octets_of
from capf_dissectors.signed_header import HeaderTag
from capf_dissectors.tlv import FIELD_HEAD
from capf_dissectors.trust_list import RecordTag

MAX_REMARKS = 64
"""More are left out; a text with so many is no list."""
_RECORDLENGTH_FIELD = 5
_VERSION_AND_HEADERLENGTH = 10
_MOST_PADDING = 3
_WITHIN = {
    HeaderTag.SIGNERID.name: (
        HeaderTag.SIGNERNAME.name,
        HeaderTag.SERIALNUMBER.name,
        HeaderTag.CANAME.name,
    ),
    HeaderTag.SIGNATUREINFO.name: (
        HeaderTag.DIGESTALGORITHM.name,
        HeaderTag.SIGNATUREALGOINFO.name,
    ),
    HeaderTag.SIGNATUREALGOINFO.name: (
        HeaderTag.SIGNATUREALGORITHM.name,
        HeaderTag.SIGNATUREMODULUS.name,
    ),
}
"""Fields that hold others, whose lengths they count; the sum is printed as their value."""


def with_remarks(shown: ShownList) -> ShownList:
    """A list with what does not add up in it."""
    if shown.failures == (Failure.EMPTY,) and not shown.records:
        return shown
    remarks = [
        *_of_header(shown),
        *(remark for one in shown.records for remark in _of_record(one)),
        *_of_numbers(shown),
        *_of_file(shown),
    ]
    return replace(shown, remarks=tuple(remarks[:MAX_REMARKS]))


def _sum(rows: Iterable[Row]) -> int | None:
    """The bytes that fields take; None where a length is not told."""
    total = 0
    for row in rows:
        if row.length is None:
            return None
        total += FIELD_HEAD + row.length
    return total


def _of_record(shown: ShownRecord) -> Iterator[Remark]:
    name = "a record" if shown.number is None else f"record {shown.number}"
    stated = stated_length(shown)
    others = [row for row in shown.rows if row.tag != RecordTag.RECORDLENGTH.name]
    total = _sum(others)
    if stated is None:
        yield Remark(shown.line, f"{name} lacks its RECORDLENGTH", lacks=True)
    elif total is not None and (counted := _RECORDLENGTH_FIELD + total) != stated:
        what = "some are missing" if counted < stated else "a length is wrong"
        yield Remark(
            shown.line,
            f"RECORDLENGTH of {name} is {stated}, its rows add up to {counted}: {what}",
            lacks=counted < stated,
        )
    for row in others:
        yield from _of_value(row, name)


def _of_value(row: Row, name: str) -> Iterator[Remark]:
    """A value that has another length than its row says."""
    if row.length is None:
        yield Remark(row.line, f"{row.tag} of {name} has no length")
        return
    if row.tag in TEXTS:
        shown = len(row.value.encode())
        if row.value and shown not in (row.length, row.length - 1):
            kind = "is cut off" if shown < row.length else "is too long"
            yield Remark(
                row.line, f"{row.tag} of {name} {kind}: {shown} of {row.length - 1} characters"
            )
        return
    if row.tag in (RecordTag.SERIALNUMBER.name, RecordTag.CERTHASH.name) and row.value:
        count = len(octets_of(row.value))
        if count != row.length and not row.cut:
            yield Remark(row.line, f"{row.tag} of {name} has {count} of its {row.length} bytes")


def _of_header(shown: ShownList) -> Iterator[Remark]:
    for row in shown.header:
        yield from _of_value(row, "the header")
    for container, contents in _WITHIN.items():
        holder = shown.header_row(container)
        inner = [each for each in shown.header if each.tag in contents]
        stated, total = _number(holder), _sum(inner)
        if container == HeaderTag.SIGNATUREINFO.name and total is not None:
            total += _nested(shown)
        if holder is not None and stated is not None and total is not None and stated != total:
            what = "some are missing" if total < stated else "a length is wrong"
            yield Remark(
                holder.line, f"{container} is {stated}, its rows add up to {total}: {what}"
            )
    yield from _of_header_length(shown)


def _nested(shown: ShownList) -> int:
    """What SIGNATUREALGOINFO holds counts within SIGNATUREINFO; its row tells its own length."""
    row = shown.header_row(HeaderTag.SIGNATUREALGOINFO.name)
    inner = _number(row)
    return 0 if row is None or inner is None or row.length is None else inner - row.length


def _number(row: Row | None) -> int | None:
    words = row.value.split() if row is not None else []
    return int(words[0]) if words and words[0].isdecimal() and len(words[0]) <= 5 else None


def _of_header_length(shown: ShownList) -> Iterator[Remark]:
    inner = {tag for contents in _WITHIN.values() for tag in contents}
    total = _VERSION_AND_HEADERLENGTH
    for row in shown.header:
        length = _number(row) if row.tag in _WITHIN else row.length
        if row.tag in inner:
            continue
        if length is None:
            return
        total += FIELD_HEAD + length
    stated = shown.header_length
    if stated is None or not shown.header:
        return
    if not total <= stated <= total + _MOST_PADDING:
        what = "some are missing" if total < stated else "a length is wrong"
        yield Remark(
            shown.header[0].line, f"HeaderLength is {stated}, its rows add up to {total}: {what}"
        )


def _of_numbers(shown: ShownList) -> Iterator[Remark]:
    expected = 1
    for one in shown.records:
        if one.number is not None and one.number > expected:
            missing = f"record {expected}"
            if one.number - 1 > expected:
                missing = f"records {expected} to {one.number - 1}"
            verb = "is" if one.number - 1 == expected else "are"
            yield Remark(one.line, f"{missing} {verb} missing", lacks=True)
        expected = (one.number or expected) + 1


def _of_file(shown: ShownList) -> Iterator[Remark]:
    lengths = [stated_length(one) for one in shown.records]
    if shown.length is None or shown.header_length is None or None in lengths:
        return
    total = shown.header_length + sum(length or 0 for length in lengths)
    if total != shown.length and shown.length:
        what = "records are missing" if total < shown.length else "a length is wrong"
        yield Remark(
            shown.line,
            f"the file has {shown.length} bytes, header and records add up to {total}: {what}",
            lacks=total < shown.length,
        )
