"""How two lists in hand differ, and what follows for a phone that holds one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from capf_dissectors import shown_list
from capf_dissectors.shown_list import ShownList
from capf_dissectors.trust_list import RecordTag, TrustFunction
from msgspec import Struct

from capfpcap.inspection.held.sources import Held
from capfpcap.inspection.list_differences import (
    Change,
    ListDifferences,
    RecordDifference,
    Standing,
    compare_sides,
)
from capfpcap.inspection.list_sides import Side, shown_side, side_of

SCHEMA_VERSION = 1


class DiffVerdict(Enum):
    """What comparing two lists showed."""

    SAME = "same"
    EXPECTED = "expected"
    """They differ only as the lists of two nodes always do."""
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    """One cannot be read, or lacks what would tell."""


class ListName(Struct, frozen=True):
    """Which list."""

    source: str
    number: int
    """Among those of its source, from 1."""
    kind: str
    name: str
    """As its header or the phone that loaded it calls it; empty where nothing says so."""
    sha256: str
    """Empty where only saved output tells of it."""


class DiffRecord(Struct, frozen=True):
    """A record that the lists do not have alike."""

    function: str
    owner: str
    other_owner: str
    standing: Standing
    first: int | None
    """Its number in the first list, from 1; null where it is not there."""
    second: int | None
    expected: bool
    """Whether lists of two nodes always differ so."""
    changes: tuple[Change, ...]
    consequence: str
    """What follows for a phone; empty where nothing does."""


class ListDiff(Struct, frozen=True):
    """Two lists, compared."""

    schema_version: int
    first: ListName
    second: ListName
    verdict: DiffVerdict
    summary: str
    of_two_nodes: bool
    """Whether two servers made them, by what they say of themselves."""
    same: int
    """Records that both have."""
    header: tuple[str, ...]
    """What differs in the headers besides the signature."""
    records: tuple[DiffRecord, ...]
    """What matters first, what is expected last."""


def compare_held(first: Held, second: Held) -> ListDiff:
    """Compare two lists by what both sources tell of them."""
    names = _name(first), _name(second)
    problem = _problem(first, second)
    if problem:
        return ListDiff(SCHEMA_VERSION, *names, DiffVerdict.UNKNOWN, problem, False, 0, (), ())
    one, other = _sides(first, second)
    apart = _of_two_nodes(first, second, one, other)
    found = compare_sides(one, other, of_two_servers=apart)
    verdict, summary = _verdict(found, first, second, one, other)
    records = tuple(map(_record, found.records))
    return ListDiff(
        SCHEMA_VERSION, *names, verdict, summary, apart, found.same, found.header, records
    )


def _name(held: Held) -> ListName:
    kind = held.kind.value if held.kind else ""
    return ListName(held.source, held.number, kind, held.name, held.sha256)


def _problem(first: Held, second: Held) -> str:
    """Why the two cannot be compared; empty where they can."""
    for held in (first, second):
        if held.shown is not None and not held.shown.records:
            return f"{held.source} tells of no record: there is no list to compare"
        if held.shown is None and held.trust_list is None:
            return f"{held.source} is no trust list that can be read"
    if None not in (first.kind, second.kind) and first.kind is not second.kind:
        return "one is an ITL, the other a CTL: these are different lists by design"
    return ""


def _sides(first: Held, second: Held) -> tuple[Side, Side]:
    """Both byte by byte, or both as the command line prints them."""
    ours, theirs = first.trust_list, second.trust_list
    if ours is not None and theirs is not None:
        return side_of(ours), side_of(theirs)
    return shown_side(_shown(first)), shown_side(_shown(second))


def _shown(held: Held) -> ShownList:
    if held.shown is not None:
        return held.shown
    listed, content = held.trust_list, held.content
    assert listed is not None and content is not None
    return shown_list.of_bytes(content, listed.header, listed.records, kind=held.kind)


def _of_two_nodes(first: Held, second: Held, one: Side, other: Side) -> bool:
    """By the servers that served them, or else by what each list says of its own server."""
    servers = [{loaded.item.transfer.server for loaded in held.loads} for held in (first, second)]
    if all(servers) and first.addresses is second.addresses:
        return servers[0].isdisjoint(servers[1])
    return bool(one.own_hosts and other.own_hosts) and one.own_hosts.isdisjoint(other.own_hosts)


def _verdict(
    found: ListDifferences, first: Held, second: Held, one: Side, other: Side
) -> tuple[DiffVerdict, str]:
    unexpected = [record for record in found.records if not record.expected]
    changed = [record for record in unexpected if record.standing is Standing.CHANGED]
    gaps = _gaps(first, second, unexpected)
    if not changed and gaps:
        return DiffVerdict.UNKNOWN, gaps
    if not unexpected and (untold := _untold_capf(one, other)):
        return DiffVerdict.UNKNOWN, untold
    if unexpected:
        return DiffVerdict.DIFFERENT, found.summary
    if found.records:
        return DiffVerdict.EXPECTED, found.summary
    return DiffVerdict.SAME, found.summary


def _gaps(first: Held, second: Held, unexpected: Sequence[RecordDifference]) -> str:
    """What is missing in a text where the other list has more records than it."""
    lacking = {Standing.ONLY_FIRST: second, Standing.ONLY_SECOND: first}
    for record in unexpected:
        held = lacking.get(record.standing)
        if held is None or held.shown is None:
            continue
        if held.shown.gap:
            return f"{held.source} is not whole: {held.shown.gap}"
    return ""


_TELLING = frozenset({"certificate_hash", "serial"})


def _untold_capf(one: Side, other: Side) -> str:
    """Why CAPF records that agree in all that is told may yet be different."""
    for side in (one, other):
        for listed in side.records:
            if listed.record.function is TrustFunction.CAPF and listed.untold >= _TELLING:
                return (
                    f"the CAPF record ({listed.number}) lacks hash and serial number: what is left "
                    "does not tell whether it is the same certificate"
                )
    return ""


def _record(found: RecordDifference) -> DiffRecord:
    return DiffRecord(
        function=found.function,
        owner=found.owner,
        other_owner=found.other_owner,
        standing=found.standing,
        first=found.first,
        second=found.second,
        expected=found.expected,
        changes=found.changes,
        consequence="" if found.expected else " ".join(_consequence(found)),
    )


_OF_A_CERTIFICATE = frozenset(
    tag.name
    for tag in (
        RecordTag.CERTIFICATE,
        RecordTag.CERTHASH,
        RecordTag.PUBLICKEY,
        RecordTag.SERIALNUMBER,
    )
)


def _consequence(found: RecordDifference) -> Iterator[str]:
    other_certificate = not _OF_A_CERTIFICATE.isdisjoint(found.fields)
    if found.standing is Standing.CHANGED and not other_certificate:
        yield "The certificate is the same."
        return
    if found.function == TrustFunction.CAPF.name:
        if found.standing is Standing.CHANGED:
            yield (
                "A phone that holds one list refuses the CAPF certificate that the other names: "
                "its screen says 'LSC: Connection Failed'."
            )
        else:
            lacking = "second" if found.standing is Standing.ONLY_FIRST else "first"
            yield (
                f"A phone that holds the {lacking} list knows no CAPF server, unless its CTL names "
                "one: its screen says 'No valid CAPF server'."
            )
    elif found.function == TrustFunction.TVS.name:
        yield "A phone whose list lacks it cannot ask that TVS about certificates."
    elif found.function == TrustFunction.SAST.name:
        yield "A phone whose list lacks it takes lists signed with it only if TVS vouches for it."
    elif found.function:
        yield "A phone whose list lacks it takes files signed with it only if TVS vouches for it."
