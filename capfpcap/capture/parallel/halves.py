"""A large file read by two processes, half of it each.

Where the halves meet must be known beforehand: a record is guessed near the middle, and what was
read behind it counts only if the records of the first half come out exactly there. To know the
TFTP clients of that moment, the second process looks through some of the packets before it. All
that could make a difference to a reading in one go is looked at when the halves are joined: if
there is any, what the second process found is let go, and the reading goes on behind the first.
"""

from __future__ import annotations

import os

from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.files.guess import GUESSED_IN, guess_record
from capfpcap.capture.files.pcap import FILE_HEADER, Header, PcapReader
from capfpcap.capture.files.source import Source, read_up_to
from capfpcap.capture.files.window import Window
from capfpcap.capture.keys import Keys
from capfpcap.capture.parallel.second_half import Found, Handed, SecondHalf, Share, aligned
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import ProblemLog
from capfpcap.capture.reading import NotHalvedError, Reading
from capfpcap.capture.records import Format
from capfpcap.capture.totals import Totals

MOST_HALVED = 1 << 31
"""Octets of the largest file that is halved: places in what one half hands over have 32 bits."""
ROOM = 3
"""Octets of shared memory for each octet of the second half: a row of columns is longer than the
shortest packet, and each packet that does not matter leaves one endpoint at the most."""
WARM_UP = 16
"""One in so many of the file's octets is looked through before the second half begins."""


class Halves(Struct, frozen=True):
    """A file of which the second half is being read already."""

    source: Source
    reader: PcapReader
    """Of the first half."""
    start: int
    """Offset of the second half."""
    second: SecondHalf


def take(reading: Reading, reader: Format, source: Source, log: ProblemLog, totals: Totals) -> None:
    """Takes all packets of a file, in two halves where that is possible.

    Raises:
        NotHalvedError: the file is to be read in one go, from its beginning.
    """
    halves = _halve(source, reader, reading.ports)
    if halves is None:
        reading.take(reader.batches(), log, totals, source)
        return
    with halves.second:
        _take_both(reading, halves, log, totals)


def _halve(source: Source, reader: Format, ports: PortSelection) -> Halves | None:
    """Begins to read the second half of a file; None where it is better read in one go."""
    size = source.size
    if source.compression or size is None or size > MOST_HALVED:
        return None
    if not isinstance(reader, PcapReader) or not hasattr(os, "fork"):
        return None
    middle = size * (WARM_UP + 1) // (2 * WARM_UP)
    warm_up = _record_behind(middle - size // WARM_UP, source, reader.header)
    start = _record_behind(middle, source, reader.header)
    if warm_up is None or start is None or start < reader.looked_at:
        return None
    header = reader.header
    try:
        second = SecondHalf(
            lambda: _read_second(source, header, warm_up, start, ports), ROOM * (size - start)
        )
    except OSError:
        return None
    source.stop_at(start)
    return Halves(source, reader, start, second)


def _record_behind(offset: int, source: Source, header: Header) -> int | None:
    """Where behind an offset a record begins, as it seems."""
    first, _ = read_up_to(source.stretch(FILE_HEADER), 4)
    seconds = int.from_bytes(first, "little" if header.little else "big")
    octets, _ = read_up_to(source.stretch(offset), GUESSED_IN)
    place = guess_record(octets, header, seconds)
    return None if place is None else offset + place


def _read_second(
    source: Source, header: Header, warm_up: int, start: int, ports: PortSelection
) -> Handed | None:
    """Reads from ``start`` on; None where the records before it do not come out there."""
    reading = Reading(ports, AddressTable())
    before = Window(source.stretch(warm_up, start), base=warm_up)
    learning = PcapReader(header, before, ProblemLog(), 0)
    for records in learning.batches():
        reading.scanner.look_through(records)
    if learning.stands_at != start:
        return None
    passed_over = reading.scanner.watch_passed_over()
    log, totals = ProblemLog(), Totals()
    reader = PcapReader(header, Window(source.stretch(start), base=start), log, 0)
    reading.take(reader.batches(), log, totals, None)
    if totals.last is not None:
        reading.scanner.note_lost_fragments(totals.last, log)
    return None if passed_over.too_many else _handed(reading, log, totals, passed_over.keys)


def _handed(reading: Reading, log: ProblemLog, totals: Totals, passed_over: Keys) -> Handed:
    columns, scanner = reading.columns(), reading.scanner
    chunks = scanner.payloads.chunks
    sized, sizes = scanner.segment_sizes.of_file(len(reading.files))
    blocked, blocks = scanner.selective.of_file(len(reading.files))
    share = Share(
        totals=totals,
        problems=log.problems(),
        rows=len(columns),
        payload=sum(aligned(len(chunk)) for chunk in chunks),
        addresses=list(scanner.addresses.ipv6),
        split=scanner.split,
        first_request=scanner.first_request,
        passed_over=len(passed_over),
        sized=len(sized),
        blocked=len(blocked),
    )
    return Handed(share, columns, chunks, passed_over, sized, sizes, blocked, blocks)


def _take_both(reading: Reading, halves: Halves, log: ProblemLog, totals: Totals) -> None:
    reader, source = halves.reader, halves.source
    good = reading.take(reader.batches(), log, totals, source)
    if reader.corrupt or not good:
        return
    if reader.stands_at != halves.start:
        raise NotHalvedError
    found = halves.second.found(reading.scanner.addresses)
    if found is None or reading.scanner.would_have_seen(
        found.passed_over, split=found.share.split, first_request=found.share.first_request
    ):
        source.stop_at(None)
        reader.go_on()
        reading.take(reader.batches(), log, totals, source)
    else:
        _join(reading, found, log, totals)


def _join(reading: Reading, found: Found, log: ProblemLog, totals: Totals) -> None:
    """Puts what was found of the second half behind the first."""
    share, columns, before = found.share, found.columns, totals.packets
    scanner, file = reading.scanner, len(reading.files)
    columns.frame[:] += before
    columns.file[:] = file
    columns.chunk[:] = scanner.payloads.add(found.payload)
    reading.growing.add(columns)
    scanner.segment_sizes.add(file, found.sized + before, found.sizes.copy())
    scanner.selective.add(file, found.blocked + before, found.blocks.copy())
    for problem in share.problems:
        frame, text = problem.frame, problem.text
        if frame is not None:
            text = text.replace(f"frame {frame}", f"frame {frame + before}", 1)
            frame += before
        log.add(problem.kind, text, frame, problem.count)
    totals.add(share.totals)
