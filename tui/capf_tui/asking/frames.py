"""Where in the study a frame is."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from capf_tui.engine.question import Question
from capfpcap.study import Study


class WhereIsAnswer(msgspec.Struct, frozen=True):
    """The flow that a frame is part of, and whose that is."""

    flow: str
    phone: str | None


class WhereIs(Question[WhereIsAnswer], frozen=True):
    """Asked for a frame that the user names."""

    capture: str
    frame: int
    replies: ClassVar[type[msgspec.Struct]] = WhereIsAnswer

    def answer(self, study: Study) -> WhereIsAnswer:
        """From the packets."""
        flow = study.where_is(self.capture, self.frame)
        return WhereIsAnswer(flow.id, flow.phone)
