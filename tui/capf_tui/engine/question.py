"""What screens ask of the engine.

A question is a value that knows how it is answered where the packets are. Each kind is a subclass
of :class:`Question` in a module of :mod:`capf_tui.asking`: there it is found, and there alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, NamedTuple, TypeVar

import msgspec

from capfpcap.study import Study

Answer = TypeVar("Answer", bound=msgspec.Struct)


class Later(NamedTuple, Generic[Answer]):
    """An answer that takes long and needs the study no more: others are answered meanwhile."""

    finish: Callable[[], Answer]
    """Called in a thread; raises as :meth:`Question.answer` does."""


class Question(msgspec.Struct, Generic[Answer], frozen=True):
    """Asked in the application, answered in the engine."""

    replies: ClassVar[type[msgspec.Struct]]
    """What :meth:`answer` returns."""

    def answer(self, study: Study) -> Answer | Later[Answer]:
        """The answer.

        Raises:
            LookupError: what is asked about is not there; the message is one sentence.
        """
        raise NotImplementedError
