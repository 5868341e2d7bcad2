"""The ladder of a phone or of a flow."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from capf_tui.engine.question import Question
from capfpcap.ladder.build import ladder_of
from capfpcap.ladder.model import Ladder
from capfpcap.study import Study


class LadderOf(Question[Ladder], frozen=True):
    """Asked for a phone or for one flow."""

    phone: str | None = None
    flow: str | None = None
    replies: ClassVar[type[msgspec.Struct]] = Ladder

    def answer(self, study: Study) -> Ladder:
        """Made of the packets."""
        analysis = study.analysis_of(phone=self.phone, flow=self.flow)
        return ladder_of(analysis, phone=self.phone, flow=self.flow)
