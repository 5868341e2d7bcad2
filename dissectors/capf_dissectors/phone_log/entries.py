"""The lines of a phone's log that matter, with the time that each of them tells.

A line may have been wrapped at the width of a page, or its newlines turned into blanks; it may
stand behind what a syslog server wrote. So an entry begins where a time stands, and what has none
goes on with the entry before it, as long as that makes sense of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from capf_dissectors.phone_log.messages import Kind, Message, read_message

MAX_LINE = 4096
"""Bytes of one line; what is behind is passed over."""
MAX_DEVICES = 32
"""Device names that are counted; a log is one phone's."""
SHORT = 64
"""Bytes of a line that may be wrapped before the word that tells whether it matters."""
MAX_CONTINUATION = 2
"""Lines on which an entry goes on; a page is no narrower than a third of a line."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAMP = re.compile(
    r"(?:(?<![0-9])\d{1,8} )?(?:\b[A-Z]{3}[: ] ?)?"
    r"(?:\b(?P<month>" + "|".join(_MONTHS) + r") +(?P<day>\d{1,2})(?:,? (?P<year>\d{4}))?,? "
    r"|(?P<date>\d{4}-\d\d-\d\d)[T ])"
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
    r"(?:Z|[+-]\d\d:?\d\d)?(?: [A-Z]{3}(?= ))?:?"
)
_MATTERS = re.compile(rb"dnsmasq|CAPF|SECUREAPP|TvsProperty|CertificateProperty")
_DEVICE = re.compile(rb"\b(?:SEP|ATA)[0-9A-F]{12}\b")
_LAST_DAY = 31


class Stamp(NamedTuple):
    """A time as a line tells it, in a zone that it does not tell."""

    year: int | None
    month: int
    day: int
    nanoseconds: int
    """Since midnight."""


class Entry(NamedTuple):
    """A line that matters."""

    line: int
    """From 1."""
    stamp: Stamp | None
    message: Message


class Reading(NamedTuple):
    """What a whole log holds."""

    entries: list[Entry]
    devices: dict[str, int]
    """Device names that lines tell, each with how often."""
    limited: bool
    """Whether there are more entries than were asked for."""


def read_entries(lines: Iterable[bytes], most: int) -> Reading:
    """The first ``most`` entries that matter."""
    entries: list[Entry] = []
    devices: dict[str, int] = {}
    for entry in _entries(lines, devices):
        if len(entries) >= most:
            return Reading(entries, devices, limited=True)
        entries.append(entry)
    return Reading(entries, devices, limited=False)


class _Open(NamedTuple):
    """An entry that may go on."""

    line: int
    stamp: Stamp | None
    parts: tuple[str, ...]


def _entries(lines: Iterable[bytes], devices: dict[str, int]) -> Iterator[Entry]:
    opened: _Open | None = None
    for number, raw in enumerate(lines, 1):
        content = raw[:MAX_LINE]
        for found in _DEVICE.findall(content):
            name = found.decode()
            if name in devices or len(devices) < MAX_DEVICES:
                devices[name] = devices.get(name, 0) + 1
        if opened is None and len(content) > SHORT and not _MATTERS.search(content):
            continue
        text = content.decode("utf-8", "replace").rstrip("\r\n")
        stamps = list(_STAMP.finditer(text))
        before = text[: stamps[0].start()] if stamps else text
        if opened is not None:
            if before.strip() and len(opened.parts) <= MAX_CONTINUATION:
                opened = opened._replace(parts=(*opened.parts, before))
            if not stamps and before.strip():
                continue
            yield from _closed(opened)
            opened = None
        for at, found in enumerate(stamps):
            end = stamps[at + 1].start() if at + 1 < len(stamps) else len(text)
            part = text[found.end() : end]
            if at + 1 < len(stamps):
                yield from _closed(_Open(number, _stamp(found), (part,)))
            elif len(content) <= SHORT or _MATTERS.search(part.encode()):
                opened = _Open(number, _stamp(found), (part,))
    if opened is not None:
        yield from _closed(opened)


_VAGUE = (Kind.CAPF, Kind.TVS, Kind.CERTIFICATE)
"""What is said of them may hold blanks anywhere."""


def _closed(opened: _Open) -> Iterator[Entry]:
    """The entry that a line and those on which it may go on are, where they say something.

    Whether the page was cut within a word or between two, what it says tells.
    """
    first, *others = opened.parts
    readings = [first + "".join(others)] if others else []
    readings += [" ".join(part.strip() for part in opened.parts), first]
    said = [message for text in readings if (message := read_message(text)) is not None]
    told = [message for message in said if message.kind not in _VAGUE]
    for message in (told or said)[:1]:
        yield Entry(opened.line, opened.stamp, message)


def _stamp(found: re.Match[str]) -> Stamp | None:
    year, month, day = found["year"], found["month"], found["day"]
    if found["date"]:
        year, month_number, day = found["date"].split("-")
        number = int(month_number)
    else:
        number = _MONTHS.index(month) + 1
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    if not (1 <= number <= 12 and 1 <= int(day) <= _LAST_DAY and hour < 24 and minute < 60):
        return None
    fraction = int((found["fraction"] or "0").ljust(9, "0"))
    nanoseconds = ((hour * 60 + minute) * 60 + min(second, 60)) * 1_000_000_000 + fraction
    return Stamp(int(year) if year else None, number, int(day), nanoseconds)
