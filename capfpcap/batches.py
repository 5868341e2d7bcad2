"""Checking captures of very many phones, some of them at a time, by several workers.

A phone is judged by its own flows alone. So the phones of one capture are judged in batches whose
flows are let go when their part of the report is written: memory is bounded by what is relevant in
the capture, not by what is known of all phones at once; and batches can be shared out to processes.
Captures that were joined are known as a whole, and only the judging is shared out. The report is
the same, byte for byte, as that of the whole at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import NamedTuple

import msgspec
from msgspec import Struct

from capfpcap.capture.addresses import FIRST_IPV6
from capfpcap.compose.kept_flows import KeptFlows
from capfpcap.compose.whole import Part, describe_part
from capfpcap.enrolment.identify import MOST_PHONES, identify_phones
from capfpcap.enrolment.phone import Phone
from capfpcap.flows.icmp import IcmpError
from capfpcap.flows.table import FlowTable, FlowView
from capfpcap.rules.captures.captures import notable_flows
from capfpcap.rules.engine import judge_phones
from capfpcap.rules.model.case import Judgement, Scene, unreachable_in
from capfpcap.rules.model.cluster_facts import Around, joined
from capfpcap.services import Purpose, used_for
from capfpcap.sharing import Judge, shared_out
from capfpcap.timeline.conversation import read_conversations
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint

BATCH_ROWS = 10_000
"""Rows of the flow table that one batch holds, about: those of some 200 phones."""
FIRST_ROWS = 1_000
"""Rows of the first batch where processes share the others: all begin with what it learned."""
WORTH_SHARING = 30_000
"""Rows from which on a second process pays for its start."""

_TOO_MANY = (
    f"more than {MOST_PHONES:,} clients ask for files, CAPF or TVS: those that came after them are "
    "not judged"
)
_TELLING = used_for(Purpose.FILES, Purpose.TRUST, Purpose.ENROLMENT)

_Numbered = list[tuple[int, FlowView]]

Heard = Callable[[Part, float], None]
"""Told of each part that this process has judged, and which share of its work is done. What all
phones together show may change a part yet."""


class Work(Struct, frozen=True):
    """What every batch needs to know."""

    point: VantagePoint
    judgement: Judgement
    ignored: frozenset[str]
    errors: list[IcmpError]
    kept_as: type[KeptFlows] | None = None
    """How flows are kept where there are many; None: as they are."""
    around: Around | None = None
    """What all phones show of the servers, once that is known."""
    heard: Heard | None = None
    """Who wants to see parts before the whole is there."""


def batches_of(table: FlowTable, left_out: list[str]) -> list[_Numbered] | None:
    """The flows by client in batches, each with its number; None where phones cannot be parted.

    A phone that uses IPv4 and IPv6 has two addresses: captures with IPv6 stay whole. ``left_out``
    is told of clients that are too many.
    """
    by_client: dict[int, _Numbered] = defaultdict(list)
    for number, view in enumerate(table.views, 1):
        if view.client >= FIRST_IPV6:
            return None
        by_client[view.client].append((number, view))
    batches: list[_Numbered] = []
    first = FIRST_ROWS if len(table.columns) >= WORTH_SHARING else BATCH_ROWS
    room = 0
    phones = 0
    for numbered in by_client.values():
        if any(view.service in _TELLING for _, view in numbered):
            phones += 1
            if phones > MOST_PHONES:
                continue
        if room <= 0:
            room = BATCH_ROWS if batches else first
            batches.append([])
        batches[-1] += numbered
        room -= rows_in(numbered)
    if phones > MOST_PHONES:
        left_out.append(_TOO_MANY)
    return batches


def rows_in(numbered: _Numbered) -> int:
    """Rows of the flow table that some flows have."""
    return sum(view.stop - view.start for _, view in numbered)


def run(work: Work, batches: Sequence[_Numbered], workers: int) -> list[Part]:
    """The parts of the report, one a batch, in their order.

    Phones whose account depends on what others show of the servers are judged again where their
    own batch did not show all of it.
    """
    parts = _run(work, batches, workers)
    around = joined(part.around for part in parts)
    again = [
        number for number, part in enumerate(parts) if part.looked_around and part.around != around
    ]
    knowing = msgspec.structs.replace(work, around=around, heard=None)
    judged = _run(knowing, [batches[number] for number in again], workers) if again else []
    for number, part in zip(again, judged, strict=True):
        parts[number] = part
    return parts


def _run(work: Work, batches: Sequence[_Numbered], workers: int) -> list[Part]:
    rows = sum(map(rows_in, batches))
    judge = partial(judge_batch, work)
    if workers < 2 or rows < WORTH_SHARING:
        here = _telling(judge, work.heard, len(batches))
        return [here(batch) for batch in batches]
    here = _telling(judge, work.heard, 1 + len(batches[1::workers]))
    first = here(batches[0])  # loads and learns what no process needs to load and learn again
    return [first, *shared_out(judge, batches[1:], workers, here)]


def _telling(judge: Judge[_Numbered], heard: Heard | None, total: int) -> Judge[_Numbered]:
    """``judge`` that tells of what it judged, of ``total`` batches."""
    if heard is None:
        return judge
    done = count(1)

    def judge_and_tell(batch: _Numbered) -> Part:
        part = judge(batch)
        heard(part, next(done) / total)
        return part

    return judge_and_tell


def run_joined(
    scene: Scene, ignored: frozenset[str], workers: int, kept_as: type[KeptFlows] | None
) -> list[Part]:
    """The parts of the report on several captures; every rule sees the whole scene."""
    rows = sum(len(point.table.columns) for point in scene.points)
    count = workers if rows >= WORTH_SHARING else 1
    phones = scene.chosen.phones
    number = {phone.name: at * count // len(phones) for at, phone in enumerate(phones)}
    shares = [_Share([], []) for _ in range(count)]
    for phone in phones:
        shares[number[phone.name]].phones.append(phone)
    for flow in scene.shown_flows:
        shares[number.get(flow.phone or "", 0)].flows.append(flow)

    def judge(share: _Share) -> Part:
        return describe_part(
            scene, judge_phones(scene, ignored, share.phones), share.flows, kept_as
        )

    return shared_out(judge, shares, count)


class _Share(NamedTuple):
    """Some of the phones and their flows."""

    phones: list[Phone]
    flows: list[Flow]


def judge_batch(work: Work, numbered: _Numbered) -> Part:
    """Read and judge the flows of some phones, and describe what was found."""
    scene = scene_of(work, numbered)
    part = describe_part(scene, judge_phones(scene, work.ignored), kept_as=work.kept_as)
    looked_around = scene.looked_around
    return msgspec.structs.replace(
        part,
        notable=[(int(flow.id[1:]), flow.phone) for flow in notable_flows(scene)],
        looked_around=looked_around,
        around=scene.around,
    )


def scene_of(work: Work, numbered: _Numbered) -> Scene:
    """The scene of some flows and their phones alone."""
    flows = _flows(work.point, numbered)
    flows.sort(key=lambda flow: flow.started)
    addresses = work.point.table.capture.addresses
    unreachable = unreachable_in(flows, [(work.point, work.errors)])
    left_out: list[str] = []
    phones = identify_phones(flows, addresses, unreachable, left_out)
    period = work.judgement.period
    return Scene(
        [work.point],
        period.flows(flows),
        period.phones(phones),
        addresses,
        work.judgement,
        unreachable,
        known_around=work.around,
        identified=[phone.name for phone in phones if not phone.is_several],
        left_out=left_out,
    )


def notable_scene(work: Work, parts: Sequence[Part]) -> Scene:
    """A scene of the flows alone that the rules on captures look at."""
    point = work.point
    notable = sorted(item for part in parts for item in part.notable)
    flows = _flows(point, [(number, point.table.views[number - 1]) for number, _ in notable])
    for (_, phone), flow in zip(notable, flows, strict=True):
        flow.phone = phone
    return Scene([point], flows, [], point.table.capture.addresses, work.judgement)


def must_be_whole(parts: Sequence[Part]) -> bool:
    """Whether phones of two parts have to be judged together.

    That is so where a phone has two addresses, so that its flows lie in two parts, and where two
    servers served different trust lists of one name.
    """
    names = [name for part in parts for name in part.names]
    lists = {item for part in parts for item in part.lists}
    servers = {(name, server) for name, server, _ in lists}
    variants = {(name, keys) for name, _, keys in lists}
    files = {name for name, _, _ in lists}
    return len(set(names)) < len(names) or (len(servers) > len(files) < len(variants))


def _flows(point: VantagePoint, numbered: _Numbered) -> list[Flow]:
    conversations = read_conversations(point.table, [view for _, view in numbered])
    return [
        Flow([Sighting(point, conversation)], view.service, view.first_time, id=f"f{number}")
        for (number, view), conversation in zip(numbered, conversations, strict=True)
    ]
