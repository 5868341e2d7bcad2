"""What :mod:`capfpcap` offers to other programs; they take it from there, not from here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fnmatch import filter as matching
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, Unpack

from capfpcap import analysis, formats
from capfpcap.analysis import FlowTimeline, PhoneTimeline, TimelineEvent
from capfpcap.capture.columns import CaptureError
from capfpcap.capture.names import captures_in, given_twice
from capfpcap.enrolment.choice import NotShownError
from capfpcap.formats.page import Page
from capfpcap.report import Finding, Report, Role, Severity
from capfpcap.rules.catalogue import CATALOGUE

if TYPE_CHECKING:
    from capfpcap.flows.keys import Keys

__all__ = [
    "Analysis",
    "Error",
    "Finding",
    "FlowTimeline",
    "Options",
    "PhoneTimeline",
    "Report",
    "Severity",
    "TimelineEvent",
    "analyze",
    "check",
    "render",
]

FilePath: TypeAlias = str | os.PathLike[str]
_EPOCH = datetime.fromtimestamp(0, UTC)


class Error(Exception):
    """The captures cannot be read, or do not show what was asked for; the message says why."""

    __module__ = "capfpcap"  # where others find it


class Options(TypedDict, total=False):
    """What may be asked of captures, as keyword arguments."""

    phone: FilePath | Iterable[FilePath]
    """A capture taken at the phone; several files are one ring buffer, and so is a folder."""
    publisher: FilePath | Iterable[FilePath]
    subscriber: FilePath | Iterable[FilePath]
    dns: FilePath | Iterable[FilePath]
    only: str | Iterable[str]
    """Phones to judge, by name, MAC address or address; none: all."""
    since: datetime
    """With its zone; what phones did before it is not judged."""
    until: datetime
    expiry_days: int
    """Warn of certificates that expire so many days after the capture; 30 unless it is given."""
    ignore: str | Iterable[str]
    """Codes that are not reported, or patterns of codes: ``itl-*``."""
    capf_ports: Iterable[int]
    """Ports of CAPF besides 3804 and those that configurations name."""
    keylog: FilePath | Iterable[FilePath]
    """Key logs (SSLKEYLOGFILE), whose secrets decrypt TLS sessions."""
    rsa_key: FilePath | Iterable[FilePath]
    """Keys of servers in PEM, which decrypt sessions with RSA key exchange."""
    rsa_key_password: str
    workers: int
    """Processes that read and judge a large capture, forked off this one where the system can; 1
    unless it is given. A process that has threads must not be forked."""


class Analysis:
    """Captures, analysed: the report, and event by event what happened."""

    def __init__(self, found: analysis.Analysis) -> None:
        self._found = found

    @property
    def report(self) -> Report:
        """What :func:`check` returns."""
        return self._found.report

    def flows(self) -> Iterator[FlowTimeline]:
        """Each flow with its events, in order of their first packets."""
        return self._found.timeline()

    def phones(self) -> Iterator[PhoneTimeline]:
        """What each phone did over all of its flows, then flows that are no phone's."""
        return self._found.timeline_by_phone()


def check(*captures: FilePath, **options: Unpack[Options]) -> Report:
    """The verdict on captures: what failed, why, what proves it and what to do about it.

    Args:
        captures: pcap or pcapng files, plain or compressed with gzip or zstd; a folder stands for
            the captures in it. Files of one ring buffer count as one capture. Where each was taken
            is inferred from its packets.
        options: see :class:`Options`.

    Raises:
        Error: none of the captures can be read, or they show none of the phones asked for. A
            capture that alone cannot be read is told in :attr:`Report.notes`.
        ValueError: no capture is given, one is given twice, or an option makes no sense.
    """
    with _told():
        return analysis.check(_inputs(captures, options), _wishes(options))


def analyze(*captures: FilePath, **options: Unpack[Options]) -> Analysis:
    """As :func:`check`, for those who want the events as well; it keeps the packets in memory."""
    with _told():
        return Analysis(analysis.analyze(_inputs(captures, options), _wishes(options)))


def render(report: Report, format_name: Literal["text", "json", "jsonl", "csv"] = "text") -> str:
    """The report as ``capfpcap check`` writes it, without colour and in UTC.

    Text that came out of packets is harmless in it, which it is not in ``report`` itself.
    """
    return b"".join(formats.render(report, format_name, Page())).decode()


@contextmanager
def _told() -> Iterator[None]:
    """Whatever keeps captures from being read as the one error that is promised."""
    try:
        yield
    except (CaptureError, NotShownError) as error:
        raise Error(str(error)) from error
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        raise Error(f"{named}{error.strerror or error}") from error


def _inputs(captures: Iterable[FilePath], options: Options) -> list[analysis.CaptureInput]:
    inputs = [analysis.CaptureInput((path,)) for path in _files(captures)]
    placed = {
        Role.PHONE: options.get("phone"),
        Role.PUBLISHER: options.get("publisher"),
        Role.SUBSCRIBER: options.get("subscriber"),
        Role.DNS: options.get("dns"),
    }
    for role, paths in placed.items():
        if files := tuple(_files(_several(paths or ()))):
            inputs.append(analysis.CaptureInput(files, role))
    named = [path for each in inputs for path in each.paths]
    if not named:
        raise ValueError("no capture is given")
    if (twice := given_twice(named)) is not None:
        raise ValueError(twice)
    return inputs


def _files(paths: Iterable[FilePath]) -> Iterator[str]:
    """The files that paths stand for; ``-`` is a file of that name, not standard input."""
    for given in paths:
        path = os.fspath(given)
        found = captures_in(path) if Path(path).is_dir() else []
        yield from found or [path if path != "-" else str(Path(os.curdir, path).absolute())]


def _wishes(options: Options) -> analysis.Options:
    only, days = options.get("only", ()), options.get("expiry_days", 30)
    workers = options.get("workers", 1)
    if days < 0 or workers < 1:
        raise ValueError("expiry_days is 0 or more, workers 1 or more")
    return analysis.Options(
        expiry_days=days,
        capf_ports=frozenset(options.get("capf_ports", ())),
        ignore=frozenset(_codes(options.get("ignore", ()))),
        workers=workers,
        only=(only,) if isinstance(only, str) else tuple(only),
        span=analysis.Span(_moment(options.get("since")), _moment(options.get("until"))),
        secrets=_keys(options),
    )


def _keys(options: Options) -> Keys | None:
    """The keys that are named; what of them cannot be used is told in the report's notes."""
    logs, pems = _several(options.get("keylog", ())), _several(options.get("rsa_key", ()))
    if not logs and not pems:
        return None
    from capf_dissectors.tls.decryption import (  # noqa: PLC0415 - only with keys
        MAX_KEY_LOG,
        PasswordError,
        load_rsa_key,
    )

    from capfpcap.flows.keys import keys_from  # noqa: PLC0415

    password = options.get("rsa_key_password", "").encode() or None
    keys, remarks = [], []
    for path in pems:
        try:
            keys.append(load_rsa_key(Path(path).read_bytes(), password))
        except (PasswordError, ValueError) as error:
            remarks.append(f"{path}: {error}")
    return keys_from([(path, _beginning(path, MAX_KEY_LOG + 1)) for path in logs], keys, remarks)


def _several(paths: FilePath | Iterable[FilePath]) -> list[str]:
    return [os.fspath(each) for each in _each(paths)]


def _each(paths: FilePath | Iterable[FilePath]) -> Iterable[FilePath]:
    return [paths] if isinstance(paths, str | os.PathLike) else paths


def _beginning(path: str, length: int) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(length)


def _codes(patterns: str | Iterable[str]) -> Iterator[str]:
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        found = matching(CATALOGUE, pattern)
        if not found:
            raise ValueError(f"there is no code {pattern}")
        yield from found


def _moment(when: datetime | None) -> int | None:
    """Nanoseconds since 1970."""
    if when is None:
        return None
    if when.tzinfo is None:
        raise ValueError(f"{when} has no time zone")
    return (when - _EPOCH) // timedelta(microseconds=1) * 1000
