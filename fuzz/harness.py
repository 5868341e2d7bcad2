"""What a harness is, and how one input is judged within limits."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]

Mutate = Callable[[bytes, int, int, Callable[[bytes, int], bytes]], bytes]
"""An input, its largest size, a seed of chance, and the engine's own way to change octets."""


class TooSlowError(BaseException):
    """An input took more of the processor's time than is allowed.

    No :class:`Exception`, so that no rule's own safety net swallows it.
    """


@dataclass(frozen=True)
class Harness:
    """One part of the program under fire."""

    judge: Callable[[bytes], None]
    """Hands the octets over and asserts what must hold; anything that it raises is a fault."""
    seeds: Callable[[], Sequence[bytes]]
    """Inputs to begin with, made of the shipped captures."""
    seconds: float = 0.5
    """The processor's time for one input; the instrumented code is several times slower."""
    longest: int = 1 << 16
    """Octets of an input."""
    mutate: Mutate | None = None
    """Changes an input with knowledge of its format; None: the engine changes octets."""
    dictionary: Sequence[bytes] = field(default=())
    """Octets that mean something in the format."""


@dataclass(frozen=True)
class Fault:
    """What one input did that it must not."""

    signature: str
    """The same for inputs that fail in the same place in the same way; fit for a file name."""
    account: str
    """The whole traceback."""


def fault_of(harness: Harness, data: bytes) -> Fault | None:
    """Judge one input within the harness's limit of time; None where all holds."""
    try:
        with _limited(harness.seconds):
            harness.judge(data)
    except (Exception, TooSlowError) as error:
        return Fault(_signature(error), "".join(traceback.format_exception(error)))
    return None


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes more of the processor's time, wherever it is."""
    before = signal.signal(signal.SIGPROF, _interrupt)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError("the input takes too long")


def _signature(error: BaseException) -> str:
    """The error's class and the innermost line of the project that it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT)]
    place = own[-1] if own else frames[-1]
    line = "" if isinstance(error, TooSlowError) else f"-{place.lineno}"
    return f"{type(error).__name__}-{Path(place.filename).stem}{line}"
