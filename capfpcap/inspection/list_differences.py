"""Two trust lists, record by record: what differs, what matters first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from capf_dissectors.trust_list import Record, RecordTag, TrustFunction, TrustList
from msgspec import Struct

from capfpcap.inspection.trust_lists import function_name, owner_of

MAX_DIFFERENCES = 512
"""Differing records that are told; lists of one cluster have tens of records in all."""


class Standing(Enum):
    """How a record of one list stands to the other list."""

    SAME = "same"
    CHANGED = "changed"
    ONLY_FIRST = "only in the first"
    ONLY_SECOND = "only in the second"


class RecordDifference(Struct, frozen=True):
    """A record that one list has otherwise than the other."""

    standing: Standing
    function: str
    owner: str
    """As the first list has it, where it is there."""
    other_owner: str
    """As the second list has it."""
    first: int | None
    """Its number in the first list, from 1; None where it is not there."""
    second: int | None
    fields: tuple[str, ...]
    """What differs of one that changed."""
    matters: bool
    """Whether it can be why a phone with one list succeeds and a phone with the other fails."""
    expected: bool
    """Whether lists that two servers made for the same cluster always differ so."""


class ListDifferences(Struct, frozen=True):
    """What two lists have in common, and what not."""

    same: int
    """Records that both have."""
    header: tuple[str, ...]
    """What differs in the headers."""
    records: tuple[RecordDifference, ...]
    """What matters first, then the rest, what is expected last."""
    summary: str


_OF_THE_NODE = frozenset({TrustFunction.CCM, TrustFunction.CCM_TFTP, TrustFunction.TFTP})
"""Functions of the server that made a list: each TFTP server puts its own certificate there."""
_MATTER = frozenset({TrustFunction.CAPF, TrustFunction.TVS, TrustFunction.SAST})
_FIELDS = (
    ("certificate", RecordTag.CERTIFICATE),
    ("public_key", RecordTag.PUBLICKEY),
    ("certificate_hash", RecordTag.CERTHASH),
    ("serial", RecordTag.SERIALNUMBER),
    ("subject", RecordTag.SUBJECTNAME),
    ("issuer", RecordTag.ISSUERNAME),
    ("dns_name", RecordTag.DNSNAME),
    ("ip_address", RecordTag.IPADDRESS),
    ("signature", RecordTag.SIGNATURE),
    ("function", RecordTag.FUNCTION),
)


def list_differences(
    first: TrustList, second: TrustList, *, of_two_servers: bool
) -> ListDifferences:
    """Compare two lists; ``of_two_servers``: made by different servers of one cluster."""
    found: list[RecordDifference] = []
    same = 0
    own = _node_serials(first) | _node_serials(second) if of_two_servers else frozenset()
    numbers = {
        id(record): number
        for listed in (first, second)
        for number, record in enumerate(listed.records, 1)
    }
    for one, other in _paired(first.records, second.records):
        difference = _difference(one, other, numbers, own)
        if difference.standing is Standing.SAME:
            same += 1
        else:
            found.append(difference)
    found.sort(key=lambda item: (item.expected, not item.matters))
    header = tuple(_header(first, second))
    return ListDifferences(same, header, tuple(found[:MAX_DIFFERENCES]), _summary(found, header))


def _node_serials(listed: TrustList) -> frozenset[str]:
    """Serial numbers of the certificates of the server that made a list.

    Before CUCM 12.0 that server signs with its own, which stands as SAST in the list as well.
    """
    return frozenset(
        record.serial
        for record in listed.records
        if record.function in _OF_THE_NODE and record.serial
    )


_Pair = tuple[Record | None, Record | None]


def _paired(first: Sequence[Record], second: Sequence[Record]) -> Iterator[_Pair]:
    """Records of both that are about the same server in the same function.

    Those that are the same find each other first, then those of one owner.
    """
    ours, theirs = list(first), list(second)
    for key in (_content, _owner):
        waiting: dict[object, list[Record]] = defaultdict(list)
        for record in reversed(theirs):
            waiting[key(record)].append(record)
        rest: list[Record] = []
        for record in ours:
            group = waiting[key(record)]
            if group:
                yield record, group.pop()
            else:
                rest.append(record)
        left = {id(record) for group in waiting.values() for record in group}
        ours, theirs = rest, [record for record in theirs if id(record) in left]
    yield from ((record, None) for record in ours)
    yield from ((None, record) for record in theirs)


def _content(record: Record) -> tuple[object, ...]:
    return tuple(getattr(record, name) for name, _ in _FIELDS)


def _owner(record: Record) -> tuple[object, ...]:
    """A cluster has one CAPF, whatever its certificate is called."""
    if record.function is TrustFunction.CAPF:
        return (record.function,)
    return record.function, (record.dns_name or owner_of(record)).casefold()


def _changed(one: Record, other: Record) -> tuple[str, ...]:
    """The fields in which two records differ."""
    return tuple(tag.name for name, tag in _FIELDS if getattr(one, name) != getattr(other, name))


def _difference(
    one: Record | None, other: Record | None, numbers: Mapping[int, int], own: frozenset[str]
) -> RecordDifference:
    record = one or other
    assert record is not None
    fields = _changed(one, other) if one is not None and other is not None else ()
    return RecordDifference(
        standing=_standing(one, other, fields),
        function=function_name(record),
        owner=owner_of(record),
        other_owner=owner_of(other or record),
        first=None if one is None else numbers[id(one)],
        second=None if other is None else numbers[id(other)],
        fields=fields,
        matters=record.function in _MATTER,
        expected=record.function in _OF_THE_NODE | {TrustFunction.SAST} and record.serial in own,
    )


def _standing(one: Record | None, other: Record | None, fields: tuple[str, ...]) -> Standing:
    if one is None:
        return Standing.ONLY_SECOND
    if other is None:
        return Standing.ONLY_FIRST
    return Standing.CHANGED if fields else Standing.SAME


def _header(first: TrustList, second: TrustList) -> Iterator[str]:
    """What differs in the headers but the signature, which always does where anything else does."""
    one, other = first.header, second.header
    if one.signer != other.signer:
        yield "signer"
    if one.timestamp != other.timestamp:
        yield "time of signing"
    if one.version != other.version or one.signer_version != other.signer_version:
        yield "version"
    if one.digest_algorithm != other.digest_algorithm:
        yield "digest"


def _summary(found: Sequence[RecordDifference], header: Sequence[str]) -> str:
    capf = [item for item in found if item.function == TrustFunction.CAPF.name]
    unexpected = [item for item in found if not item.expected]
    if capf:
        return "the CAPF records differ: certificates that one list trusts the other refuses"
    if unexpected:
        return "the CAPF records are the same; other records differ"
    if found:
        return "they differ only in what each server says of itself"
    if header:
        return "the records are the same; the headers differ"
    return "they are the same"
