"""A finding while it is being made: with the rows themselves for evidence."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from capfpcap.enrolment.starts import Start
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.code import Code
from capfpcap.rules.model.screen import NameOf, Screen, screen_of
from capfpcap.rules.model.stage import stage_of
from capfpcap.services import Service
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint

MAX_EVIDENCE = 12
"""Frames named in one finding; the detail says how many there were."""


class Proof(NamedTuple):
    """One frame that proves something."""

    at: VantagePoint
    row: int
    """Row of the vantage point's flow table."""
    note: str
    among_others: bool = False
    """The row is one of :attr:`FlowTable.others` (ICMP, alarms)."""

    @property
    def time(self) -> int:
        """When the frame was captured, nanoseconds since 1970 UTC."""
        table = self.at.table
        columns = table.others if self.among_others else table.columns
        return int(columns.time[self.row])


class Entry(NamedTuple):
    """A place in a file given beside the captures that proves something."""

    file: str
    """:attr:`EvidenceFile.id`."""
    note: str
    line: int | None = None
    """From 1, in that file."""
    record: int | None = None
    """Number of a trust list's record, from 1."""
    time: int = 0
    """When it was so, nanoseconds since 1970 UTC; 0 where the file does not say."""


def proof(sighting: Sighting, row: int, note: str) -> Proof:
    """A frame of a flow as evidence."""
    return Proof(sighting.at, row, note)


class Draft(Struct, eq=False):
    """What a rule says; the engine adds phone, cause and whether it was overcome."""

    code: Code
    title: str
    detail: str
    proofs: tuple[Proof | Entry, ...]
    service: Service | None = None
    flow: Flow | None = None
    certainty: Certainty = Certainty.PROVEN
    severity: Severity | None = None
    """None means the code's own."""
    remedy: str | None = None
    """None means the code's own."""
    at: int = 0
    """When the fault had shown itself, nanoseconds since 1970 UTC; 0 means at its last proof."""
    start: Start | None = None
    """The start of the phone that it is about; None: the phone as a whole."""
    last_resort: bool = False
    """Left out, as a code's own, where anything critical was found of the same phone."""
    name_of: NameOf | None = None
    """Whose name it is about, where it is about a name."""
    phone: str | None = None
    caused_by: Code | None = None
    resolved: bool = False

    @property
    def frames(self) -> list[Proof]:
        """The proofs that are frames of captures."""
        return [item for item in self.proofs if isinstance(item, Proof)]

    @property
    def moment(self) -> int:
        """When the fault had shown itself."""
        return self.at or max((item.time for item in self.proofs), default=0)

    @property
    def weight(self) -> Severity:
        """The severity that counts.

        What a later attempt overcame, or is only possible, counts as a warning at most.
        """
        severity = self.severity or self.code.severity
        lessened = self.resolved or self.certainty is Certainty.POSSIBLE
        return Severity.WARNING if lessened and severity is Severity.CRITICAL else severity

    @property
    def stage(self) -> Stage:
        """The stage of the chain at which it strikes."""
        return stage_of(self.code.stage, self.service, self.flow)

    @property
    def screen(self) -> Screen | None:
        """What the phone's screen says of it; nothing where it can be lived with."""
        if self.weight is not Severity.CRITICAL:
            return None
        return screen_of(self.code.screen, self.service, self.name_of)
