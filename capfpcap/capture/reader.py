"""Capture files in, columns of the packets that matter out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.by_frame import ByFrame
from capfpcap.capture.columns import (
    Capture,
    CaptureError,
    CaptureFile,
    NothingRecordedError,
    PacketColumns,
    PayloadStore,
)
from capfpcap.capture.files.formats import open_format
from capfpcap.capture.files.ring import Refused, RingFile, in_order
from capfpcap.capture.files.source import Source, named
from capfpcap.capture.files.window import Window
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import CaptureProblem, ProblemKind, ProblemLog
from capfpcap.capture.reading import Meter, NotHalvedError, Progress, Reading
from capfpcap.capture.totals import Totals

WORTH_HALVING = 1 << 26
"""Octets of a file from which on a second process pays for its start."""


def read_capture(
    paths: Sequence[str],
    ports: PortSelection,
    addresses: AddressTable,
    *,
    progress: Progress | None = None,
    workers: int = 1,
) -> Capture:
    """Reads the files that one vantage point recorded.

    Several files are those of one ring buffer, in any order: they are joined in the order of their
    first packets. ``-`` is standard input. ``addresses`` may be shared with other captures.
    With several ``workers``, a large file is read by two processes.

    Raises:
        CaptureError: none of the files can be read.
    """
    files, refused = in_order(paths)
    if not files:
        raise refused[0].error if refused else CaptureError("no capture file was named")
    meter = Meter(files, progress)
    try:
        halved = workers > 1 and len(files) == 1 and (files[0].size or 0) >= WORTH_HALVING
        reading = _read(files, Reading(ports, addresses, meter), refused, halved=halved)
    except NotHalvedError:
        reading = _read(files, Reading(ports, addresses, meter), refused, halved=False)
    if not reading.files:
        raise refused[0].error
    unreadable = tuple(_unreadable(entry) for entry in refused)
    return Capture(
        files=(*reading.files, *unreadable),
        columns=reading.columns(),
        payloads=reading.scanner.payloads,
        addresses=addresses,
        segment_sizes=reading.scanner.segment_sizes,
        selective=reading.scanner.selective,
        interfaces=reading.scanner.interfaces,
    )


def can_be_read_again(paths: Sequence[str]) -> bool:
    """Whether all are files on disk, which a pipe or standard input is not."""
    return all(Path(path).is_file() for path in paths)


def capture_without_packets(paths: Sequence[str], addresses: AddressTable) -> Capture:
    """What files without a single octet are as a capture."""
    return Capture(
        files=tuple(_without_packets(path) for path in paths),
        columns=PacketColumns.empty(),
        payloads=PayloadStore(),
        addresses=addresses,
        segment_sizes=ByFrame(np.uint16),
        selective=ByFrame(np.uint64),
        interfaces=ByFrame(np.uint16),
    )


def _unreadable(entry: Refused) -> CaptureFile:
    """The place in the capture of a file that could not be read."""
    if isinstance(entry.error, NothingRecordedError):
        return _without_packets(entry.path)
    problem = CaptureProblem(ProblemKind.UNSUPPORTED, str(entry.error), None)
    return _without_packets(entry.path, problem)


def _without_packets(path: str, *problems: CaptureProblem) -> CaptureFile:
    return CaptureFile(path, "", (), 0, 0, None, None, problems)


def _read(
    files: Sequence[RingFile], reading: Reading, refused: list[Refused], *, halved: bool
) -> Reading:
    """Reads all files that can be read, each to its end or as far as that is possible.

    Raises:
        NotHalvedError: it was wished to read a file in two halves, and that did not work.
    """
    for file in files:
        try:
            with file.open() as source:
                _read_file(file, source, reading, halved=halved)
        except CaptureError as error:
            refused.append(Refused(file.path, error))
    return reading


def _read_file(file: RingFile, source: Source, reading: Reading, *, halved: bool) -> None:
    log, totals = ProblemLog(), Totals()
    reader = open_format(named(file.path), Window(source), log)
    if halved:
        from capfpcap.capture.parallel.halves import take  # noqa: PLC0415 - for large files only

        take(reading, reader, source, log, totals)
    else:
        reading.take(reader.batches(), log, totals, source)
    reading.finish(file, source, reader, log, totals)
