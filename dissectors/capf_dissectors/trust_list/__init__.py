"""Trust lists of Cisco IP phones: the ITL (``ITLFile.tlv``, ``ITLSEP….tlv``) and the CTL.

A list is a signed header and records, one for each role of a server. Offsets count from the first
octet of the file. Only bytes are judged here: whether a transfer was cut is known to the caller.
"""

from __future__ import annotations

from msgspec import Struct

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.signed_header import SignedHeader, dissect_header
from capf_dissectors.tlv import UndecodableError
from capf_dissectors.trust_list.matching import RecordMatch, certificate_sha1, record_matches
from capf_dissectors.trust_list.records import Record, RecordTag, TrustFunction, read_record

__all__ = [
    "LIST_VERSION",
    "MAX_RECORDS",
    "Record",
    "RecordMatch",
    "RecordTag",
    "TrustFunction",
    "TrustList",
    "certificate_sha1",
    "dissect",
    "record_matches",
]

LIST_VERSION = (1, 2)
"""VERSION in the header of a list; other signed files have 1.0, encrypted ones 2.0."""
MAX_RECORDS = 1024
"""More records than this make a list malformed; a cluster of 20 servers has about 80."""


class TrustList(Struct, frozen=True):
    """A whole list."""

    header: SignedHeader
    records: tuple[Record, ...]

    def with_function(self, function: TrustFunction) -> tuple[Record, ...]:
        """The records of one role, in the order of the file."""
        return tuple(record for record in self.records if record.function == function)


def dissect(data: bytes) -> TrustList | NeedMore | Malformed:
    """The list that is all of ``data``.

    A header without any record is a list without records. The file does not say how many records
    it has: a file cut exactly between two of them is a shorter list, whose signature fails.
    """
    header = dissect_header(data)
    if not isinstance(header, SignedHeader):
        return header
    try:
        return TrustList(header, tuple(_read_records(data, header.length)))
    except UndecodableError as end:
        return end.answer


def _read_records(data: bytes, position: int) -> list[Record]:
    records: list[Record] = []
    while position < len(data):
        if len(records) == MAX_RECORDS:
            raise UndecodableError.at(position, f"more than {MAX_RECORDS} records")
        record = read_record(data, position)
        records.append(record)
        position += record.length
    return records
