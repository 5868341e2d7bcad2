"""Capture files in, columns of the packets that matter out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct, field

from capfpcap.capture import linktypes
from capfpcap.capture.columns import (
    AddressTable,
    Capture,
    CaptureError,
    CaptureFile,
    CaptureProblem,
    PacketColumns,
    ProblemKind,
)
from capfpcap.capture.distinct import distinct
from capfpcap.capture.formats import open_format
from capfpcap.capture.growing import GrowingColumns
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import ProblemLog
from capfpcap.capture.records import Records
from capfpcap.capture.ring import Refused, RingFile, in_order
from capfpcap.capture.scan import Scanner
from capfpcap.capture.watch import Watch
from capfpcap.capture.window import Window

Progress = Callable[[int, int | None], None]
"""Told how many octets of the files were read, and how many there are where that is known."""


def read_capture(
    paths: Sequence[str],
    ports: PortSelection,
    addresses: AddressTable,
    *,
    progress: Progress | None = None,
) -> Capture:
    """Reads the files that one vantage point recorded.

    Several files are those of one ring buffer, in any order: they are joined in the order of their
    first packets. ``-`` is standard input. ``addresses`` may be shared with other captures.

    Raises:
        CaptureError: none of the files can be read.
    """
    files, refused = in_order(paths)
    if not files:
        raise refused[0].error if refused else CaptureError("no capture file was named")
    reading = _Reading(ports, addresses, _Meter(files, progress))
    for file in files:
        try:
            reading.read(file)
        except CaptureError as error:
            refused.append(Refused(file.path, error))
    if not reading.files:
        raise refused[0].error
    unreadable = tuple(_unreadable(entry) for entry in refused)
    return Capture(
        files=(*reading.files, *unreadable),
        columns=reading.columns(),
        payloads=reading.scanner.payloads,
        addresses=addresses,
        segment_sizes=reading.scanner.segment_sizes,
    )


def can_be_read_again(paths: Sequence[str]) -> bool:
    """Whether all are files on disk, which a pipe or standard input is not."""
    return all(Path(path).is_file() for path in paths)


def _unreadable(entry: Refused) -> CaptureFile:
    """The place in the capture of a file that could not be read."""
    problem = CaptureProblem(ProblemKind.UNSUPPORTED, str(entry.error), None)
    return CaptureFile(entry.path, "", (), 0, 0, None, None, (problem,))


class _Meter:
    """Adds up the progress of several files."""

    def __init__(self, files: list[RingFile], report: Progress | None) -> None:
        sizes = [file.size for file in files if file.size is not None]
        self._total = sum(sizes) if len(sizes) == len(files) else None
        self._before = 0
        self._report = report

    def show(self, done: int) -> None:
        """Reports ``done`` octets of the present file."""
        if self._report:
            self._report(self._before + done, self._total)

    def finish(self, done: int) -> None:
        """Goes on to the next file."""
        self.show(done)
        self._before += done


class _Totals(Struct):
    """What is counted over all packets of a file."""

    packets: int = 0
    relevant: int = 0
    first: int | None = None
    last: int | None = None
    link_types: set[int] = field(default_factory=set)

    def count(self, records: Records, relevant: int) -> None:
        """Adds one batch."""
        times = records.times()
        first, last = int(times.min()), int(times.max())
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)
        self.packets += len(records)
        self.relevant += relevant
        types = distinct(records.link_types)
        self.link_types.update(kind for kind in types if kind < linktypes.UNDESCRIBED)


class _Reading:
    """Goes through the files one after another."""

    def __init__(self, ports: PortSelection, addresses: AddressTable, meter: _Meter) -> None:
        self.scanner = Scanner(ports, addresses)
        self.files: list[CaptureFile] = []
        self._columns = GrowingColumns()
        self._meter = meter

    def columns(self) -> PacketColumns:
        """The rows of all files."""
        return self._columns.finish()

    def read(self, file: RingFile) -> None:
        """Reads one file to its end, or as far as it can be read."""
        log, totals, watch = ProblemLog(), _Totals(), Watch()
        with file.open() as source:
            window = Window(source)
            reader = open_format(file.path, window, log)
            for records in reader.batches():
                columns = self.scanner.scan(records, len(self.files), log)
                self._columns.add(columns)
                totals.count(records, len(columns))
                self._meter.show(source.done)
                if why := watch.objection(records, source.done if source.compression else None):
                    text = f"the file was read up to frame {totals.packets}: {why}"
                    log.add(ProblemKind.CORRUPT, text, totals.packets)
                    break
            self._meter.finish(source.done)
        if totals.last is not None:
            self.scanner.note_lost_fragments(totals.last, log)
        self.files.append(
            CaptureFile(
                path=file.path,
                format=f"{reader.name}+{source.compression}" if source.compression else reader.name,
                link_types=tuple(map(linktypes.name, sorted(totals.link_types))),
                packets=totals.packets,
                relevant_packets=totals.relevant,
                first=totals.first,
                last=totals.last,
                problems=log.problems(),
                secrets=reader.secrets,
            )
        )
