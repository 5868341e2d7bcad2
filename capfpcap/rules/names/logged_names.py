"""Names that do not resolve by the phone's own log.

What only the log says is likely: nobody saw the packets. What a capture shows as well is one
finding with both as evidence (:func:`with_logs`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct

from capfpcap.report import Certainty
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Entry
from capfpcap.rules.model.screen import NameOf
from capfpcap.rules.names.names import (
    DNS_NO_ADDRESS,
    DNS_NO_ANSWER,
    DNS_NXDOMAIN,
    DNS_SERVER_FAILURE,
)
from capfpcap.rules.questions.needed_names import may_be_a_server, needed_names
from capfpcap.services import Service

if TYPE_CHECKING:
    from capf_dissectors import phone_log

    from capfpcap.evidence.logs import Placed

_SECOND = 1_000_000_000
_SOON = 10_000_000_000
"""Nanoseconds behind a failed name in which what needs it complains."""
_NEAR_LINES = 400
"""Entries behind it, where the log tells no time."""
_WHAT_PROVES = " A capture at the phone at the same time would prove it."
_FEWEST_ASKED = 2
"""Questions to servers without any answer."""
_FAILURES = ("SERVFAIL", "REFUSED", "NOTIMP", "FORMERR")


class _Ending(Enum):
    """How the questions for a name ended."""

    NXDOMAIN = auto()
    FAILURE = auto()
    NO_ADDRESS = auto()
    NO_ANSWER = auto()


class _Logged(Struct, frozen=True):
    """One entry."""

    time: int
    place: int
    """Among the entries of its log."""
    entry: phone_log.Entry


class _Failed(Struct, frozen=True):
    """A name that did not resolve."""

    placed: Placed
    name: str
    ending: _Ending
    said: tuple[_Logged, ...]
    """What says so."""
    complaints: tuple[_Logged, ...]
    """What of CAPF or TVS failed soon afterwards."""


_CODES = {
    _Ending.NXDOMAIN: (DNS_NXDOMAIN, "The name does not exist in DNS"),
    _Ending.FAILURE: (DNS_SERVER_FAILURE, "The DNS server answers {value}"),
    _Ending.NO_ADDRESS: (DNS_NO_ADDRESS, "The name has no address in DNS"),
    _Ending.NO_ANSWER: (DNS_NO_ANSWER, "No DNS server answered"),
}


def with_logs(case: Case, drafts: list[Draft], ignored: frozenset[str]) -> list[Draft]:
    """``drafts``, and what the phone's own logs say of the names that it needs."""
    logged = (draft for draft in _drafts(case) if draft.code.code not in ignored)
    return _merged([*drafts, *logged])


def _drafts(case: Case) -> Iterator[Draft]:
    known = {need.host: need.name_of for need in needed_names(case) if need.certain}
    for placed in case.logs:
        for failed in _failures(placed):
            name_of = known.get(failed.name, NameOf.UNKNOWN)
            if failed.name in known or (failed.complaints and may_be_a_server(failed.name)):
                yield _draft(case, failed, name_of)


def _draft(case: Case, failed: _Failed, name_of: NameOf) -> Draft:
    code, words = _CODES[failed.ending]
    said = words.format(value=failed.said[-1].entry.message.value)
    log = failed.placed.log
    complaint = failed.complaints[-1].entry.message.text if failed.complaints else ""
    then = f" Then: {complaint}." if complaint else ""
    of_capf = any("CAPF" in item.entry.message.text for item in failed.complaints)
    if name_of is NameOf.UNKNOWN and of_capf:
        name_of = NameOf.CAPF
    return Draft(
        code,
        title=f"{said}: {failed.name}",
        detail=f"The phone's log {log.file.path} says so of {failed.name}, "
        f"{_times(len(failed.said))}.{then}{_on_the_clock(failed.placed)}{_WHAT_PROVES}",
        proofs=tuple(
            Entry(
                log.file.id,
                item.entry.message.text,
                line=item.entry.line,
                time=item.time,
            )
            for item in (*failed.said[: MAX_EVIDENCE // 2], *failed.complaints)[:MAX_EVIDENCE]
        ),
        service=Service.DNS,
        certainty=_certainty(case, failed.placed),
        name_of=name_of,
        at=failed.said[-1].time,
    )


def _certainty(case: Case, placed: Placed) -> Certainty:
    """Of a log that nothing ties to the captures beside it, nobody knows the time."""
    apart = placed.clock.value == "assumed" and bool(case.scene.points)
    return Certainty.POSSIBLE if apart else Certainty.LIKELY


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _on_the_clock(placed: Placed) -> str:
    """How the log's times compare with those of the captures."""
    if placed.clock.value == "assumed":
        return " Its times are taken for UTC: --log-tz names another zone."
    if placed.clock.value != "matched":
        return ""
    zone, skew = placed.zone_and_skew
    sign, minutes = "-" if zone < 0 else "+", abs(zone)
    by = f"{abs(skew) / _SECOND:.3f} s {'fast' if skew >= 0 else 'slow'}"
    return f" Its clock goes by UTC{sign}{minutes // 60:02}:{minutes % 60:02}, {by}."


def _failures(placed: Placed) -> Iterator[_Failed]:
    """The names of a log that did not resolve in the end."""
    by_name: defaultdict[str, list[_Logged]] = defaultdict(list)
    complaints: list[_Logged] = []
    for place, (time, entry) in enumerate(placed.timed):
        item = _Logged(time, place, entry)
        if entry.message.name:
            by_name[entry.message.name].append(item)
        elif _complains(entry.message):
            complaints.append(item)
    for name, items in by_name.items():
        ended = _ending(items)
        if ended is not None:
            ending, said = ended
            followed = tuple(_following(said[-1], complaints))
            yield _Failed(placed, name, ending, tuple(said), followed)


def _complains(message: phone_log.Message) -> bool:
    """Whether something that needs a name did not get on."""
    kind = message.kind.name
    if kind in ("CAPF_FAILED", "CAPF_NO_CONNECTION"):
        return True
    return kind == "TVS" and "fail" in message.text.lower()


def _following(last: _Logged, complaints: Sequence[_Logged]) -> Iterator[_Logged]:
    for item in complaints:
        if item.place < last.place:
            continue
        if last.time and item.time:
            if item.time - last.time <= _SOON:
                yield item
        elif item.place - last.place <= _NEAR_LINES:
            yield item


def _ending(items: Sequence[_Logged]) -> tuple[_Ending, list[_Logged]] | None:
    """How the questions for a name ended; None where it has an address, or nothing is said."""
    answers = [item for item in items if item.entry.message.kind.name in ("REPLY", "CACHED")]
    values = {item.entry.message.value for item in answers}
    if any(value[:1].isdigit() or ":" in value for value in values):
        return None
    asked_for = {
        item.entry.message.type for item in items if item.entry.message.kind.name == "QUERY"
    }
    told = [item for item in answers if item.entry.message.type != "AAAA" or asked_for == {"AAAA"}]
    for ending, wanted in (
        (_Ending.NXDOMAIN, ("NXDOMAIN",)),
        (_Ending.FAILURE, _FAILURES),
        (_Ending.NO_ADDRESS, ("NODATA",)),
    ):
        said = [item for item in told if item.entry.message.value in wanted]
        if said:
            return ending, said
    forwarded = [item for item in items if item.entry.message.kind.name == "FORWARDED"]
    if not answers and len(forwarded) >= _FEWEST_ASKED:
        return _Ending.NO_ANSWER, forwarded
    return None


def _merged(drafts: list[Draft]) -> list[Draft]:
    """Findings of which log and capture say the same as one, with the evidence of both."""
    found: dict[tuple[Code, str], Draft] = {}
    for draft in drafts:
        key = draft.code, draft.title.rpartition(": ")[2]
        other = found.get(key)
        if other is None or draft.frames or other.service is not Service.DNS:
            found.setdefault(key, draft)
            continue
        entries = tuple(item for item in draft.proofs if isinstance(item, Entry))
        room = MAX_EVIDENCE - min(len(entries), MAX_EVIDENCE // 2)
        other.proofs = (*other.proofs[:room], *entries)[:MAX_EVIDENCE]
        other.detail += " " + draft.detail.removesuffix(_WHAT_PROVES)
        draft.title = ""
    return [draft for draft in drafts if draft.title]
