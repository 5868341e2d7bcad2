"""A capture without what is in it twice, and in parts where several places recorded it.

A mirror port shows packets before and behind a router that are copies of one moment: one of them is
left. In a file that was merged of two captures, clocks and the way between lie between copies: each
place is a vantage point of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from capfpcap.capture.columns import Capture, CaptureFile, PacketColumns
from capfpcap.capture.keys import endpoint_keys
from capfpcap.capture.ports import PortSelection
from capfpcap.flows.copies import FEWEST, NEAR, Copies, Mask, Rows, find_copies
from capfpcap.flows.devices import devices_of
from capfpcap.flows.orientation import Orientation, orient
from capfpcap.flows.places import NOWHERE, Sign, Told, places_of, tell_places

_SHARE = 0.2
"""The share of rows that must be copies, of all or between two hosts; a mirror of both directions
makes it a half."""
_NEVER = (1 << 63) - 1
_MERGED = 10_000_000
"""Nanoseconds between packet and copy that no mirror takes."""
_STEADY = 1_000_000
"""Nanoseconds by which two clocks' times between packet and copy differ; hosts' timers do more."""
_FEWEST_ONE_WAY = 8
"""Copies without which nothing is taken for a second recorder's where one side alone is seen."""
_SURE = 0.99
"""The share of rows of which the place must be known."""


class Merged(Struct, frozen=True, eq=False):
    """That a capture holds what several places recorded."""

    places: int
    """1 where they could not be taken apart."""
    sign: Sign | None
    """What told them apart."""
    apart: int
    """Nanoseconds between a packet and its copy: the median."""
    example: tuple[tuple[int, int], ...]
    """Index of the file and frame number of a packet and its copies."""


class Part(NamedTuple):
    """What one place recorded."""

    capture: Capture
    orientation: Orientation
    duplicates: int
    """How many rows repeated another; they are left out."""
    merged: Merged | None


def part_capture(capture: Capture, ports: PortSelection) -> list[Part]:
    """The places of a capture, from the clients' end to the servers'; of nearly all it is one."""
    columns = capture.columns

    def where(rows: Rows) -> npt.NDArray[np.uint64]:
        return places_of(capture, columns, rows)

    orientation = orient(columns, ports)
    servers = np.where(
        orientation.to_server,
        endpoint_keys(columns.destination, columns.destination_port),
        endpoint_keys(columns.source, columns.source_port),
    )
    every = find_copies(columns, capture.payloads, servers, where)
    copies = next((copies for copies in every if _are_many(columns, copies)), None)
    if copies is None:
        return [Part(capture, orientation, 0, None)]
    told = tell_places(capture, columns, orientation, copies)
    if told is None or (told.place == NOWHERE).mean() > 1 - _SURE:
        return _as_one(capture, copies, orientation)
    devices = devices_of(columns, orientation, copies, told)
    return _by_place(capture, orientation, devices, copies, told)


def _are_many(columns: PacketColumns, copies: Copies) -> bool:
    """Whether a mirror or a second recorder was at work, for all traffic or for some hosts'."""
    later = copies.later
    if len(later) < FEWEST:
        return False
    share = _SHARE * copies.compared
    if len(later) >= share * len(columns):
        return True
    ends = columns.source ^ columns.destination
    hosts, counts = np.unique(ends[later], return_counts=True)
    place = np.minimum(np.searchsorted(hosts, ends), len(hosts) - 1)
    every = np.bincount(place[hosts[place] == ends], minlength=len(hosts))
    return bool(((counts >= FEWEST) & (counts >= share * every)).any())


def _as_one(capture: Capture, copies: Copies, orientation: Orientation) -> list[Part]:
    """The capture with one of each packet, where nothing tells several places apart."""
    later = copies.later
    if copies.apart > NEAR and not _are_another_recorders(capture.columns, copies, orientation):
        return [Part(capture, orientation, 0, None)]
    far = copies.apart > _MERGED
    merged = Merged(1, None, copies.apart, _example(capture.columns, copies)) if far else None
    kept = _all_but(capture, later)
    files = _without_end(capture, kept, copies.apart) if far else capture.files
    one = replace(_of(capture, kept), files=files)
    return [Part(one, orientation.take(kept), len(later), merged)]


def _are_another_recorders(
    columns: PacketColumns, copies: Copies, orientation: Orientation
) -> bool:
    """Whether packets that come again late are what a second recorder saw of all of them.

    What one side sends again and again with one number, or a few packets often, are no copies;
    unless all that there is comes again after exactly the same time, and other packets between:
    who repeats a packet waits with the next one.
    """
    later, packets = copies.later, len(copies.rows) - len(copies.later)
    if packets < FEWEST or len(later) >= 2 * packets:
        return False
    if len(np.unique(orientation.to_server[later])) == 2:
        return True
    if packets < _FEWEST_ONE_WAY or len(copies.rows) < _SURE * len(columns):
        return False
    pairs = copies.packet[1:] == copies.packet[:-1]
    apart = np.diff(columns.time[copies.rows])[pairs]
    place = np.argsort(np.argsort(columns.time, kind="stable"), kind="stable")
    between = np.diff(place[copies.rows])[pairs] > 1
    return int(np.ptp(apart)) <= _STEADY and bool(between.mean() > 0.5)


def _without_end(capture: Capture, kept: Mask, apart: int) -> tuple[CaptureFile, ...]:
    """The files as they ended by the clock of the packets that are kept."""
    files = []
    for number, file in enumerate(capture.files):
        times = capture.columns.time[kept & (capture.columns.file == number)]
        end = None if file.last is None else max(file.last - apart, int(times.max(initial=-_NEVER)))
        files.append(replace(file, last=end))
    return tuple(files)


def _all_but(capture: Capture, rows: Rows) -> Mask:
    kept = np.ones(len(capture.columns), np.bool_)
    kept[rows] = False
    return kept


def _of(capture: Capture, kept: Mask) -> Capture:
    return replace(capture, columns=capture.columns.take(kept))


def _by_place(
    capture: Capture, orientation: Orientation, devices: list[int], copies: Copies, told: Told
) -> list[Part]:
    """A part for each device, with one of each packet: that at its place nearest to the clients."""
    place = np.maximum(told.place, 0).astype(np.int64)
    device = np.array(devices, np.int64)[place]
    turn = np.lexsort(
        (capture.columns.time[copies.rows], place[copies.rows], device[copies.rows], copies.packet)
    )
    rows, packet = copies.rows[turn], copies.packet[turn]
    again = (packet[1:] == packet[:-1]) & (device[rows[1:]] == device[rows[:-1]])
    later = rows[1:][again]
    columns = _at_one_distance(capture.columns, orientation, rows, again, place, devices)
    kept = _all_but(capture, later)
    count = devices[-1] + 1
    whole = replace(capture, columns=columns)
    if count == 1:
        return [Part(_of(whole, kept), orientation.take(kept), len(later), None)]
    merged = Merged(count, told.sign, copies.apart, _example(capture.columns, copies))
    ahead = _ahead(columns, orientation, copies, place)
    return [
        Part(
            _of_place(whole, kept & (device == number), None if number else max(ahead, 0)),
            orientation.take(kept & (device == number)),
            int((device[later] == number).sum()),
            merged,
        )
        for number in range(count)
    ]


def _example(columns: PacketColumns, copies: Copies) -> tuple[tuple[int, int], ...]:
    rows = copies.rows[copies.packet == copies.packet[0]]
    return tuple(zip(columns.file[rows].tolist(), columns.frame[rows].tolist(), strict=True))


def _ahead(
    columns: PacketColumns,
    orientation: Orientation,
    copies: Copies,
    place: npt.NDArray[np.int64],
) -> int:
    """Nanoseconds by which the clocks of later places are ahead of the first one's, about."""
    one, other = copies.rows[:-1], copies.rows[1:]
    pairs = (copies.packet[1:] == copies.packet[:-1]) & (place[one] != place[other])
    sign = np.where(place[one] < place[other], 1, -1)
    later, up = sign * (columns.time[other] - columns.time[one]), orientation.to_server[one]
    ways = [later[pairs & way] for way in (up, ~up)]
    return int(np.mean([np.median(way) for way in ways if len(way)]))


def _at_one_distance(
    columns: PacketColumns,
    orientation: Orientation,
    rows: Rows,
    again: Mask,
    place: npt.NDArray[np.int64],
    devices: list[int],
) -> PacketColumns:
    """The rows with the TTL that they have at the first place of their device.

    A mirror that loses that copy leaves one whose TTL is no sign of another sender. ``rows`` are
    copies, ``again`` says which of them follow another of the same packet and device.
    """
    first = np.array([devices.index(device) for device in devices])[place]
    moved = place != first
    if not moved.any():
        return columns
    ttl = columns.ttl.astype(np.int64)
    one, other = rows[:-1][again], rows[1:][again]
    for up in (True, False):
        pairs = (orientation.to_server[one] == up) & (place[one] != place[other])
        if pairs.any():
            hops = int(np.median(ttl[one[pairs]] - ttl[other[pairs]]))
            ttl[moved & (orientation.to_server == up)] += hops
    return replace(columns, ttl=np.clip(ttl, 0, 255).astype(np.uint8))


def _of_place(capture: Capture, kept: Mask, ahead: int | None) -> Capture:
    """The rows of one place; the time that it surely watched is that of its rows.

    The first place, of which ``ahead`` is how far the clocks of the others are ahead, is taken to
    have watched as long as they: there the phone's own silence is to be seen. What is wrong with a
    file is told of it alone.
    """
    columns = capture.columns.take(kept)
    files = []
    for number, file in enumerate(capture.files):
        times = columns.time[columns.file == number]
        begin, end = int(times.min(initial=_NEVER)), int(times.max(initial=-_NEVER))
        if ahead is not None and file.last is not None:
            end = max(end, file.last - ahead)
        files.append(
            replace(
                file,
                relevant_packets=len(times),
                first=begin if len(times) else None,
                last=end if len(times) else None,
                problems=() if ahead is None else file.problems,
            )
        )
    return replace(capture, columns=columns, files=tuple(files))
