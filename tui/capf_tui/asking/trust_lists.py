"""The trust lists: what was served, who loaded it, how two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import msgspec
from capf_dissectors.trust_list import TrustList

from capf_tui.engine.question import Question
from capfpcap import report
from capfpcap.enrolment.loaded import LoadedTrustList
from capfpcap.enrolment.phone import Phone
from capfpcap.inspection.list_differences import ListDifferences, list_differences
from capfpcap.inspection.trust_lists import (
    ListDescription,
    ListLoad,
    describe_list,
    describe_load,
    loads_of,
)
from capfpcap.study import Study
from capfpcap.timeline.files import file_kind

PHONES_AT_ONCE = 50
"""Phones of one answer, whose packets are read again: some tenths of a second."""
MOST_READ_AGAIN = 300
"""Phones whose packets are read again for this; of more the report tells the last list of each."""


class LoadsAnswer(msgspec.Struct, frozen=True):
    """What some phones loaded."""

    loads: list[ListLoad]
    """Where there are very many phones, the last one of each, without time and packet."""
    following: int | None
    """From which phone on to ask next; None: that was the last one."""
    only_last: bool


class Loads(Question[LoadsAnswer], frozen=True):
    """Asked for all phones, so many at once."""

    start: int
    replies: ClassVar[type[msgspec.Struct]] = LoadsAnswer

    def answer(self, study: Study) -> LoadsAnswer:
        """From the phones' packets."""
        phones = study.report.phones
        if len(phones) > MOST_READ_AGAIN:
            told = (_told(phone) for phone in phones)
            return LoadsAnswer([load for load in told if load is not None], None, True)
        stop = self.start + PHONES_AT_ONCE
        loads = [load for phone in phones[self.start : stop] for load in _loads(study, phone.name)]
        return LoadsAnswer(loads, stop if stop < len(phones) else None, False)


class ListStoryAnswer(msgspec.Struct, frozen=True):
    """All that is said of a list."""

    description: ListDescription
    load: ListLoad
    """How the phone that it was asked of loaded it."""
    differences: ListDifferences | None
    """From the list that it is compared with; None where that is none, or cannot be read."""


class ListStory(Question[ListStoryAnswer], frozen=True):
    """Asked for the list under the cursor; each list is told by a phone that loaded it."""

    sha256: str
    phone: str
    other: str = ""
    """SHA-256 of the list that it is compared with; empty where there is none."""
    other_phone: str = ""
    replies: ClassVar[type[msgspec.Struct]] = ListStoryAnswer

    def answer(self, study: Study) -> ListStoryAnswer:
        """From the lists themselves."""
        phone, item = _list(study, self.phone, self.sha256)
        differences = None
        if self.other:
            _, other = _list(study, self.other_phone, self.other)
            first, second = other.read.parsed, item.read.parsed
            if isinstance(first, TrustList) and isinstance(second, TrustList):
                apart = other.transfer.server != item.transfer.server
                differences = list_differences(first, second, of_two_servers=apart)
        load = describe_load(phone, item, study.points[0].table.capture.addresses)
        return ListStoryAnswer(describe_list(item.read, item.kind), load, differences)


def _told(phone: report.Phone) -> ListLoad | None:
    """The last list of a phone, as the report has it."""
    loaded = phone.trust_list
    if loaded is None:
        return None
    return ListLoad(
        phone=phone.name,
        kind=file_kind(loaded.file).value,
        file=loaded.file,
        server=loaded.server,
        via=loaded.via,
        time="",
        sha256=loaded.sha256,
        flow="",
        capture="",
        frame=0,
        last=True,
    )


def _phones(study: Study, name: str) -> Sequence[Phone]:
    scene = study.analysis_of(phone=name).scene
    return [phone for phone in scene.phones if phone.name == name]


def _loads(study: Study, name: str) -> Iterator[ListLoad]:
    for phone in _phones(study, name):
        yield from loads_of(phone, study.points[0].table.capture.addresses)


def _list(study: Study, name: str, sha256: str) -> tuple[Phone, LoadedTrustList]:
    for phone in _phones(study, name):
        for item in phone.trust_lists:
            if item.read.sha256 == sha256:
                return phone, item
    raise LookupError(f"{name} loaded no such list")
