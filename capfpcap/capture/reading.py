"""The files of one vantage point, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import CaptureFile, PacketColumns
from capfpcap.capture.files.ring import RingFile
from capfpcap.capture.files.source import Source
from capfpcap.capture.files.watch import Watch
from capfpcap.capture.growing import GrowingColumns
from capfpcap.capture.headers import linktypes
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import CaptureProblem, ProblemKind, ProblemLog
from capfpcap.capture.records import Format, Records
from capfpcap.capture.scan import Scanner
from capfpcap.capture.totals import Totals

Progress = Callable[[int, int | None], None]
"""Told how many octets of the files were read, and how many there are where that is known."""


class Meter:
    """Adds up the progress of several files."""

    def __init__(self, files: Sequence[RingFile], report: Progress | None) -> None:
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


class NotHalvedError(Exception):
    """The halves of a file do not meet: what seemed to be a record is none."""


class Reading:
    """What was read so far."""

    def __init__(
        self, ports: PortSelection, addresses: AddressTable, meter: Meter | None = None
    ) -> None:
        self.ports = ports
        self.scanner = Scanner(ports, addresses)
        self.files: list[CaptureFile] = []
        self.growing = GrowingColumns()
        self._meter = meter

    def columns(self) -> PacketColumns:
        """The rows of all files; nothing can be read any more."""
        return self.growing.finish()

    def take(
        self, batches: Iterable[Records], log: ProblemLog, totals: Totals, source: Source | None
    ) -> bool:
        """Takes packets of the file whose turn it is; whether there was nothing against any.

        ``source`` is where they come from, if anybody is to be told how far the reading is.
        """
        watch = Watch()
        for records in batches:
            columns = self.scanner.scan(records, len(self.files), log)
            self.growing.add(columns)
            totals.count(records, len(columns))
            if self._meter and source:
                self._meter.show(source.done)
            compressed = source.done if source and source.compression else None
            if why := watch.objection(records, compressed):
                text = f"the file was read up to frame {totals.packets}: {why}"
                log.add(ProblemKind.CORRUPT, text, totals.packets)
                return False
        return True

    def finish(
        self, file: RingFile, source: Source, reader: Format, log: ProblemLog, totals: Totals
    ) -> None:
        """Ends a file of which all was taken."""
        if self._meter:
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
                problems=tuple(_worth_telling(log.problems(), totals)),
                secrets=reader.secrets,
            )
        )


def _worth_telling(problems: Iterable[CaptureProblem], totals: Totals) -> Iterator[CaptureProblem]:
    """Without encrypted packets where there are others that matter: then they are no one's news."""
    for problem in problems:
        if problem.kind is not ProblemKind.ENCRYPTED or not totals.relevant:
            yield problem
