"""The exit status of the program: the one place that knows what each number means."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capfpcap.report import Verdict


class ExitStatus(IntEnum):
    """What the shell sees; 0 to 3 are also what monitoring plugins answer."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3
    """Nothing to judge, a capture that cannot be read, bad usage, the program's own failure."""
    INTERRUPTED = 130
    """128 and SIGINT, as shells report a program that the user stopped."""
    HUNG_UP = 129
    """128 and SIGHUP: the terminal has gone."""
    TERMINATED = 143
    """128 and SIGTERM, as shells report a program that the system stopped."""


class FailOn(Enum):
    """From which verdict on ``check`` ends with another status than 0."""

    UNKNOWN = "unknown"
    WARNING = "warning"
    CRITICAL = "critical"
    NEVER = "never"


_EXCUSED = {
    FailOn.UNKNOWN: frozenset[ExitStatus](),
    FailOn.WARNING: frozenset({ExitStatus.UNKNOWN}),
    FailOn.CRITICAL: frozenset({ExitStatus.UNKNOWN, ExitStatus.WARNING}),
    FailOn.NEVER: frozenset({ExitStatus.UNKNOWN, ExitStatus.WARNING, ExitStatus.CRITICAL}),
}


def status_of(verdict: Verdict, fail_on: FailOn) -> ExitStatus:
    """The status for a verdict.

    ``fail_on`` excuses faults, and phones of which no outcome is seen; never that there was no
    phone to judge, or that part of the captures could not be.
    """
    from capfpcap.report import Unjudged  # noqa: PLC0415 - whoever has a verdict has loaded it

    status = ExitStatus[verdict.severity.name]
    if status is ExitStatus.UNKNOWN and verdict.unjudged is not Unjudged.OUTCOMES:
        return status
    return ExitStatus.OK if status in _EXCUSED[fail_on] else status
