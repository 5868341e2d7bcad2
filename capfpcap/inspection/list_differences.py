"""Two trust lists, record by record: what differs, what matters first."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from capf_dissectors.distinguished_name import same_name
from capf_dissectors.trust_list import RecordTag, TrustFunction, TrustList
from msgspec import Struct

from capfpcap.inspection.list_sides import OF_THE_NODE, Listed, Side, host_of, side_of
from capfpcap.inspection.trust_lists import function_name, owner_of

MAX_DIFFERENCES = 512
"""Differing records that are told; lists of one cluster have tens of records in all."""


class Standing(Enum):
    """How a record of one list stands to the other list."""

    SAME = "same"
    CHANGED = "changed"
    ONLY_FIRST = "only in the first"
    ONLY_SECOND = "only in the second"


class Change(Struct, frozen=True):
    """A field that two records do not have alike."""

    field: str
    """The tag, as ``show itl`` calls it."""
    first: str
    second: str


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
    changes: tuple[Change, ...]
    """What differs of one that changed."""
    matters: bool
    """Whether it can be why a phone with one list succeeds and a phone with the other fails."""
    expected: bool
    """Whether lists that two servers made for the same cluster always differ so."""

    @property
    def fields(self) -> tuple[str, ...]:
        """What differs of one that changed."""
        return tuple(change.field for change in self.changes)


class ListDifferences(Struct, frozen=True):
    """What two lists have in common, and what not."""

    same: int
    """Records that both have."""
    header: tuple[str, ...]
    """What differs in the headers."""
    records: tuple[RecordDifference, ...]
    """What matters first, then the rest, what is expected last."""
    summary: str


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
    return compare_sides(side_of(first), side_of(second), of_two_servers=of_two_servers)


def compare_sides(first: Side, second: Side, *, of_two_servers: bool) -> ListDifferences:
    """Compare two lists by what both sources tell."""
    found: list[RecordDifference] = []
    same = 0
    sides = (first, second) if of_two_servers else ()
    for one, other in _paired(first.records, second.records):
        difference = _difference(one, other, expected=_is_expected(one, other, sides))
        if difference.standing is Standing.SAME:
            same += 1
        else:
            found.append(difference)
    found.sort(key=_weight)
    header = tuple(_header(first, second))
    return ListDifferences(same, header, tuple(found[:MAX_DIFFERENCES]), _summary(found, header))


def _weight(item: RecordDifference) -> tuple[bool, bool, bool]:
    return item.expected, item.function != TrustFunction.CAPF.name, not item.matters


_Pair = tuple[Listed | None, Listed | None]


def _paired(first: Sequence[Listed], second: Sequence[Listed]) -> Iterator[_Pair]:
    """Records of both that are about the same server in the same function.

    Those that are the same find each other first, then those of one owner.
    """
    ours, theirs = list(first), list(second)
    for key in _KEYS:
        waiting: dict[object, list[Listed]] = defaultdict(list)
        for listed in reversed(theirs):
            waiting[key(listed)].append(listed)
        rest: list[Listed] = []
        for listed in ours:
            group = waiting[key(listed)]
            if group:
                yield listed, group.pop()
            else:
                rest.append(listed)
        left = {id(listed) for group in waiting.values() for listed in group}
        ours, theirs = rest, [listed for listed in theirs if id(listed) in left]
    yield from ((listed, None) for listed in ours)
    yield from ((None, listed) for listed in theirs)


def _content(listed: Listed) -> tuple[object, ...]:
    return tuple(getattr(listed.record, name) for name, _ in _FIELDS)


def _identity(listed: Listed) -> tuple[object, ...]:
    record = listed.record
    return record.function, record.serial, record.certificate_hash, owner_of(record).casefold()


def _subject(listed: Listed) -> tuple[object, ...]:
    """A cluster has one CAPF, whatever its certificate is called."""
    record = listed.record
    if record.function is TrustFunction.CAPF:
        return (record.function,)
    return record.function, owner_of(record).casefold()


def _host(listed: Listed) -> tuple[object, ...]:
    record = listed.record
    return record.function, (record.dns_name or owner_of(record)).casefold()


_KEYS: tuple[Callable[[Listed], tuple[object, ...]], ...] = (_content, _identity, _subject, _host)
"""What two records have in common that belong together, the surest sign first."""
_NAMES = frozenset({"subject", "issuer"})


def _changed(one: Listed, other: Listed) -> Iterator[Change]:
    """The fields in which two records differ, of those that both sources tell."""
    untold = one.untold | other.untold
    for name, tag in _FIELDS:
        if name in untold:
            continue
        mine, yours = getattr(one.record, name), getattr(other.record, name)
        if mine != yours and not (name in _NAMES and untold and same_name(mine, yours)):
            yield Change(tag.name, _as_text(name, mine), _as_text(name, yours))
    if None not in (one.key_length, other.key_length) and one.key_length != other.key_length:
        lengths = (f"{each.key_length} bytes" for each in (one, other))
        yield Change(RecordTag.PUBLICKEY.name, *lengths)


def _as_text(name: str, value: object) -> str:
    """A field as it is shown: of a certificate its SHA-1, of other bytes how many they are."""
    if value is None or value in ("", b""):
        return "none"
    if not isinstance(value, bytes):
        return str(value)
    if name == "certificate":
        return hashlib.sha1(value, usedforsecurity=False).hexdigest()
    return value.hex() if name == "certificate_hash" else f"{len(value)} bytes"


def _is_expected(one: Listed | None, other: Listed | None, sides: Sequence[Side]) -> bool:
    """Whether a record is what a server says of itself, as lists of two servers differ.

    So are its own certificates for files, and for signing before CUCM 12.0; and its own TVS, where
    the other list has no record of it.
    """
    for listed in (one, other):
        if listed is None:
            continue
        record = listed.record
        if record.function in OF_THE_NODE | {TrustFunction.SAST}:
            return any(record.serial in side.own_serials for side in sides)
    here = (
        [side for side, listed in zip(sides, (one, other), strict=True) if listed is not None]
        if sides
        else []
    )
    listed = one or other
    assert listed is not None
    alone = one is None or other is None
    is_tvs = listed.record.function is TrustFunction.TVS
    return is_tvs and alone and any(host_of(listed.record) in side.own_hosts for side in here)


def _difference(one: Listed | None, other: Listed | None, *, expected: bool) -> RecordDifference:
    listed = one or other
    assert listed is not None
    record = listed.record
    changes = tuple(_changed(one, other)) if one is not None and other is not None else ()
    return RecordDifference(
        standing=_standing(one, other, changes),
        function=function_name(record),
        owner=owner_of(record),
        other_owner=owner_of((other or listed).record),
        first=None if one is None else one.number,
        second=None if other is None else other.number,
        changes=changes,
        matters=record.function in _MATTER,
        expected=expected,
    )


def _standing(one: Listed | None, other: Listed | None, changes: tuple[Change, ...]) -> Standing:
    if one is None:
        return Standing.ONLY_SECOND
    if other is None:
        return Standing.ONLY_FIRST
    return Standing.CHANGED if changes else Standing.SAME


def _header(one: Side, other: Side) -> Iterator[str]:
    """What differs in the headers but the signature, which always does where anything else does."""
    pairs = (
        ("signer", one.signer, other.signer),
        ("time of signing", one.timestamp, other.timestamp),
        ("version", one.version, other.version),
        ("digest", one.digest, other.digest),
    )
    for name, mine, yours in pairs:
        if mine is not None and yours is not None and mine != yours:
            yield name


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
