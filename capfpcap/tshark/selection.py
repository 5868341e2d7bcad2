"""Which frames tshark needs to see to make the trees of some: all of their connections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.columns import PacketColumns
from capfpcap.capture.files.frames import Excerpt, Frame, frame_reader
from capfpcap.capture.headers import linktypes
from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.stack import header_stack
from capfpcap.flows.table import FlowTable, FlowView
from capfpcap.services import Reader, Service, read_as

AROUND = 50
"""Frames before one of no flow that are handed over with it, and on both sides of a fragment those
among which the others of its datagram are looked for."""
MAX_HANDED = 20_000
"""Frames that are handed over; a trust list takes some tens, a firmware image thousands."""
MAX_HANDED_BYTES = 64 << 20
_LEAST = 100
"""Frames that are handed over of each flow, however many flows there are."""
_BEGINNING = 0.5
"""Which part of what is handed over of a longer flow is its beginning: its handshake is there."""
_HEADERS = 100
"""Bytes of a frame before the payload of its transport, at the most that is usual."""

_TLS = frozenset(read_as(Reader.TLS)) - {Service.SIP_TLS}
"""Wireshark knows the port of SIP over TLS by itself."""

_LARGEST = 1 << 16
"""Bytes of a frame of a connection of which that is not known."""

_Numbers = npt.NDArray[np.uint32]


class Selection(Struct, frozen=True):
    """Frames of one file that belong together."""

    excerpt: Excerpt
    tls_ports: frozenset[int]
    """TCP ports of servers that speak TLS there, which Wireshark does not know."""
    capf_ports: frozenset[int]
    """Those of them that are CAPF's."""
    remarks: tuple[str, ...]
    """What is not complete; a sentence each."""


def select(
    tables: Sequence[FlowTable],
    path: str,
    numbers: Collection[int],
    others: Sequence[Collection[int]] = (),
) -> Selection:
    """The frames of these numbers, with all others of their flows, or of ``others``.

    Raises:
        FrameError: one of them cannot be had.
    """
    asked = frame_reader(path).read_all(numbers).frames
    flows = _flows_of(tables, path, asked)
    groups = [(members, *_of_flow(flow, path)) for flow, members in flows.items()]
    groups += [
        ([number for number in numbers if number in other], _sorted(other), _LARGEST)
        for other in others
    ]
    wanted, remarks = set(numbers), list(_elsewhere(flows, path))
    for number in numbers:
        if not any(number in members for members, _, _ in groups):
            wanted.update(range(max(number - AROUND, 1), number))
    for members, all_numbers, largest in groups:
        wanted.update(_some(all_numbers, members[-1], largest, len(groups), remarks))
    excerpt = _with_fragments(path, frame_reader(path).read_all(wanted))
    return Selection(
        excerpt,
        frozenset(flow.server_port for flow in flows if flow.service in _TLS),
        frozenset(flow.server_port for flow in flows if flow.service is Service.CAPF),
        tuple(remarks),
    )


def ports_of(frame: Frame) -> tuple[int, int, int] | None:
    """IP protocol, source and destination port of a TCP or UDP packet."""
    last = header_stack(frame.data, frame.link_type)[-1]
    if last.layer not in (Layer.TCP, Layer.UDP) or last.end - last.at < 4:
        return None
    source, destination = frame.data[last.at : last.at + 2], frame.data[last.at + 2 : last.at + 4]
    return last.layer, int.from_bytes(source), int.from_bytes(destination)


def _flows_of(
    tables: Sequence[FlowTable], path: str, asked: Iterable[Frame]
) -> dict[FlowView, list[int]]:
    """The flows of some frames, with which of the frames belong to each."""
    flows: dict[FlowView, list[int]] = defaultdict(list)
    for table in tables:
        files = [number for number, file in enumerate(table.capture.files) if file.path == path]
        rows = np.flatnonzero(np.isin(table.columns.file, files))
        views = _Views(table)
        for frame in asked:
            row = _row_of(table, rows, frame)
            if row is not None:
                flows[views.with_row(row)].append(frame.number)
    return flows


def _row_of(table: FlowTable, rows: npt.NDArray[np.intp], frame: Frame) -> int | None:
    """The row that a frame is; of one that was left out (a copy, a fragment), one beside it."""
    columns = table.columns
    found = rows[columns.frame[rows] == frame.number]
    if not len(found):
        distance = np.abs(columns.frame[rows].astype(np.int64) - frame.number)
        near = rows[distance <= AROUND]
        found = near[_alike(columns.take(near), frame)]
    return int(found[0]) if len(found) else None


def _alike(columns: PacketColumns, frame: Frame) -> npt.NDArray[np.bool_]:
    """Which rows are of the same datagram or connection, going the same way."""
    alike = np.zeros(len(columns), np.bool_)
    if (key := _fragment(frame)) is not None:
        alike |= columns.identification == int.from_bytes(key[:2])
    elif (ports := ports_of(frame)) is not None:
        protocol, source, destination = ports
        alike |= (columns.protocol == protocol) & (columns.source_port == source)
        alike &= columns.destination_port == destination
    return alike


class _Views:
    """The flows of a table by their rows."""

    def __init__(self, table: FlowTable) -> None:
        self._views = sorted(table.views, key=lambda view: view.start)
        self._starts = np.array([view.start for view in self._views])

    def with_row(self, row: int) -> FlowView:
        return self._views[int(np.searchsorted(self._starts, row, "right")) - 1]


def _of_flow(flow: FlowView, path: str) -> tuple[_Numbers, int]:
    """The frames of a flow in the file, ascending, and the most bytes that one has."""
    columns, files = flow.table.columns, flow.table.capture.files
    rows = np.arange(flow.start, flow.stop)
    mine = [number for number, file in enumerate(files) if file.path == path]
    rows = rows[np.isin(columns.file[rows], mine)]
    return _sorted(columns.frame[rows]), int(columns.captured_length[rows].max(initial=0))


def _elsewhere(flows: Mapping[FlowView, Sequence[int]], path: str) -> Iterator[str]:
    """Of which flows other files of a ring hold a part, which tshark is not shown."""
    for flow, members in flows.items():
        files = {int(number) for number in np.unique(flow.table.columns.file[flow.rows])}
        others = [flow.table.capture.files[number].path for number in sorted(files)]
        if others != [path]:
            names = ", ".join(other for other in others if other != path)
            yield f"tshark is not shown what {names} has of the flow of frame {members[0]}"


def _sorted(numbers: Iterable[int]) -> _Numbers:
    return np.sort(np.array(list(numbers), np.uint32))


def _some(
    numbers: _Numbers, member: int, largest: int, flows: int, remarks: list[str]
) -> list[int]:
    """The frames of a flow: all of them, or of too many its beginning and what is near."""
    allowed = min(MAX_HANDED, MAX_HANDED_BYTES // (largest + _HEADERS))
    allowed = max(allowed // flows, _LEAST)
    if len(numbers) > allowed:
        remarks.append(
            f"the flow of frame {member} has {len(numbers)} frames, of which tshark is shown "
            f"{allowed}: what it says of the others' absence is not so"
        )
        numbers = _near(numbers, member, allowed)
    chosen: list[int] = numbers.tolist()
    return chosen


def _near(numbers: _Numbers, member: int, allowed: int) -> _Numbers:
    beginning = int(allowed * _BEGINNING)
    behind = max(int(np.searchsorted(numbers, member, "right")), allowed)
    return np.concatenate([numbers[:beginning], numbers[behind - allowed + beginning : behind]])


def _with_fragments(path: str, excerpt: Excerpt) -> Excerpt:
    """With the other fragments of datagrams that were sent in fragments."""
    keys: set[bytes] = set()
    near: set[int] = set()
    for frame in excerpt.frames:
        if (key := _fragment(frame)) is not None:
            keys.add(key)
            near.update(range(max(frame.number - AROUND, 1), frame.number + AROUND + 1))
    if not keys:
        return excerpt
    had = {frame.number for frame in excerpt.frames}
    around = frame_reader(path).read_all(near, must_be_there=False)
    more = [one for one in around.frames if one.number not in had and _fragment(one) in keys]
    frames = sorted([*excerpt.frames, *more], key=lambda frame: frame.number)
    return Excerpt(tuple(frames), max(excerpt.times, around.times, key=len))


def _fragment(frame: Frame) -> bytes | None:
    """What the fragments of one datagram have in common; None for what is no fragment."""
    *_, before, last = [None, *header_stack(frame.data, frame.link_type)]
    if last is None or before is None or last.layer != Layer.FRAGMENT:
        return None
    header = frame.data[before.at : before.end]
    if before.layer == Layer.IPV4:
        return header[4:6] + header[12:20]
    return header[4:8] if before.layer == Layer.IPV6_FRAGMENT else None


def can_be_handed(frame: Frame) -> bool:
    """Whether it is a packet of a link type that a file can name."""
    return 0 <= frame.link_type < linktypes.UNDESCRIBED
