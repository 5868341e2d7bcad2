"""One packet, taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import msgspec
from msgspec import structs

from capf_tui.engine.question import Question
from capfpcap.analysis import Analysis
from capfpcap.inspection.certificates import CertificateComparison
from capfpcap.inspection.inspector import Inspector
from capfpcap.inspection.model import Inspection
from capfpcap.inspection.presented import comparisons_at
from capfpcap.ladder.build import ladder_of
from capfpcap.ladder.model import Message
from capfpcap.study import Study


class OtherFrame(msgspec.Struct, frozen=True):
    """A frame to go to from here."""

    capture: str
    frame: int


class DetailsAnswer(msgspec.Struct, frozen=True):
    """A packet with its fields and bytes, and what lies around it."""

    capture: str
    frame: int
    time: int
    """Nanoseconds since 1970 UTC, by the common clock."""
    flow: str
    """Empty where it is part of none."""
    phone: str | None
    inspection: Inspection
    comparisons: tuple[CertificateComparison, ...]
    """Of the certificate of a server that it brought or refused: what fits first."""
    brought_another: bool
    """Whether it brought a certificate that is not the one which the phone's list stands for."""
    before: OtherFrame | None
    """The packet before it in its flow, in the same capture."""
    after: OtherFrame | None
    elsewhere: OtherFrame | None
    """The same packet where the next capture shows it."""


class Details(Question[DetailsAnswer], frozen=True):
    """Asked for the packet that the user opens."""

    capture: str
    frame: int
    flow: str | None = None
    """Of a packet that is part of none: the flow that it is about."""
    item: int | None = None
    """Which of its messages the user opened, from 0."""
    replies: ClassVar[type[msgspec.Struct]] = DetailsAnswer

    def answer(self, study: Study) -> DetailsAnswer:
        """From the packet, read out of its file again."""
        number, row, among_others = study.spot(self.capture, self.frame)
        flow = self.flow if among_others else study.where_is(self.capture, self.frame).id
        if flow is None:
            raise LookupError(f"frame {self.frame} of {self.capture} is part of no flow")
        analysis = study.analysis_of(flow=flow)
        inspector, table = Inspector(analysis.scene), study.points[number].table
        inspection = inspector.packet(number, row, among_others=among_others)
        comparisons: tuple[CertificateComparison, ...] = ()
        brought = False
        before = after = None
        if not among_others:
            of, sighting = inspector.sighting(number, row)
            comparisons = comparisons_at(analysis.scene, of, sighting, row)
            session = sighting.conversation.session
            said = session.server_certificate if session else None
            brought = said is not None and said.row == row
            view = sighting.conversation.view
            before = self._at(study, number, row - 1) if row > view.start else None
            after = self._at(study, number, row + 1) if row + 1 < view.stop else None
        return DetailsAnswer(
            capture=self.capture,
            frame=self.frame,
            time=int((table.others if among_others else table.columns).time[row]),
            flow=flow,
            phone=study.flow(flow).phone,
            inspection=_focused(inspection, self.item, certificate=brought),
            comparisons=comparisons,
            brought_another=brought and comparisons[:1] != () and comparisons[0].matches is False,
            before=before,
            after=after,
            elsewhere=next(self._elsewhere(analysis, flow), None),
        )

    def _at(self, study: Study, number: int, row: int) -> OtherFrame:
        point = study.points[number]
        columns = point.table.columns
        return OtherFrame(point.ids[int(columns.file[row])], int(columns.frame[row]))

    def _elsewhere(self, analysis: Analysis, flow: str) -> Iterator[OtherFrame]:
        """The frames of the same packet at other vantage points, from the next one on."""
        if len(analysis.scene.points) == 1:
            return
        for message in ladder_of(analysis, flow=flow).rows:
            if isinstance(message, Message):
                frames = [OtherFrame(seen.capture, seen.frame) for seen in message.seen]
                here = OtherFrame(self.capture, self.frame)
                if here in frames:
                    place = frames.index(here)
                    yield from (*frames[place + 1 :], *frames[:place])


_MESSAGES = frozenset({"Handshake message", "Alert"})


def _focused(inspection: Inspection, item: int | None, *, certificate: bool) -> Inspection:
    """The same packet with the message that was opened, or a certificate, as what it is about."""
    messages = [
        (number, node)
        for number, field in enumerate(inspection.fields)
        if field.name == "TLS record"
        for node in ([one for one in field.children if one.name in _MESSAGES] or [field])
    ]
    wanted = None
    if item is not None and item < len(messages):
        wanted = messages[item][0]
    elif certificate:
        wanted = next((number for number, node in messages if node.value == "Certificate"), None)
    return inspection if wanted is None else structs.replace(inspection, focus=wanted)
