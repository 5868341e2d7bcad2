"""Console logs of phones on a command line, as evidence beside the captures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import click

from capfpcap.cli import options
from capfpcap.cli.completion import FILE
from capfpcap.cli.errors import CommandError, reason

if TYPE_CHECKING:
    from capfpcap.analysis import Options
    from capfpcap.evidence.logs import PhoneLog

MAX_LOG = 100_000_000
"""Bytes of a log that are read; a phone keeps some ten million."""
_PIECE = 8192
"""Bytes of a line that are read at a time; what is behind matters to nobody."""


class GivenLogs(NamedTuple):
    """The logs of a command line."""

    logs: tuple[str, ...]
    year: int | None
    zone: tzinfo | None

    def added(self, common: Options) -> Options:
        """The analysis's options with these logs among the evidence."""
        if not self.logs:
            return common
        from msgspec.structs import replace  # noqa: PLC0415 - loaded with the analysis

        from capfpcap.evidence import Evidence  # noqa: PLC0415 - only where there is any

        found, remarks = self.read()
        known = common.evidence or Evidence()
        evidence = replace(known, logs=tuple(found), remarks=(*known.remarks, *remarks))
        return replace(common, evidence=evidence)

    def read(self) -> tuple[list[PhoneLog], list[str]]:
        """The logs, and what is odd about them.

        Raises:
            CommandError: one cannot be read.
        """
        logs: list[PhoneLog] = []
        remarks: list[str] = []
        for number, text in enumerate(self.logs, 1):
            log, odd = self._read_one(text, number)
            logs.append(log)
            remarks += odd
        return logs, remarks

    def _read_one(self, text: str, number: int) -> tuple[PhoneLog, list[str]]:
        from capfpcap.evidence.logs import read_log  # noqa: PLC0415 - only with logs
        from capfpcap.report import EvidenceFile, EvidenceKind  # noqa: PLC0415

        phone, path = _told_apart(text)
        identity = "phone-log" if number == 1 else f"phone-log-{number}"
        file = EvidenceFile(id=identity, path=path, kind=EvidenceKind.PHONE_LOG)
        try:
            with Path(path).open("rb") as stream:
                log, odd = read_log(
                    _lines(stream), file, phone=phone, year=self.year, zone=self.zone
                )
                if stream.tell() >= MAX_LOG:
                    odd.append(f"of {path} the first {MAX_LOG // 1_000_000} MB were read")
        except (OSError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise CommandError(f"cannot read {path}: {why}") from error
        return log, odd


def _told_apart(text: str) -> tuple[str | None, str]:
    """The phone that stands before a file's name, and the file."""
    from capfpcap.enrolment.choice import mac_digits  # noqa: PLC0415 - loads NumPy

    name, found, path = text.partition("=")
    if found and path and name[:3].upper() in ("SEP", "ATA") and mac_digits(name):
        return name.upper(), path
    return None, text


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines, of long ones the beginning, up to the limit."""
    done = 0
    while done < MAX_LOG and (line := stream.readline(_PIECE)):
        done += len(line)
        yield line
        while done < MAX_LOG and not line.endswith(b"\n") and (line := stream.readline(_PIECE)):
            done += len(line)


def phone_logs(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name logs, given to a command as one."""

    @wraps(function)
    def command(*arguments: Any, **others: Any) -> Any:
        given = GivenLogs(**{name: others.pop(f"log_{name}") for name in GivenLogs._fields})
        return function(*arguments, logs=given, **others)

    for decorate in (_zone, _year, _logs):
        decorate(command)
    return command


_logs = click.option(
    "--phone-log",
    "log_logs",
    metavar="[PHONE=]FILE",
    type=FILE,
    multiple=True,
    help="Console log of a phone, as evidence; alone it is judged too. PHONE= says whose it is "
    "where it does not. Several: the option again.",
)
_year = click.option(
    "--year",
    "log_year",
    type=click.IntRange(2004, 2200),
    default=None,
    help="The year of the logs' lines (default: that of the captures).",
)
_zone = click.option(
    "--log-tz",
    "log_zone",
    metavar="ZONE",
    default=None,
    callback=lambda context, parameter, name: (
        None if name is None else options.zone_called(context, parameter, name)
    ),
    help="The zone of the logs' times (default: found where captures show the same).",
)
