"""The exit status of the program: the one place that knows what each number means."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capfpcap.report import VerdictSeverity


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
    """From which severity on ``check`` ends with another status than 0."""

    WARNING = "warning"
    CRITICAL = "critical"
    NEVER = "never"


def status_of(severity: VerdictSeverity, fail_on: FailOn) -> ExitStatus:
    """The status for a verdict; ``fail_on`` excuses faults, never that nothing was judged."""
    status = ExitStatus[severity.name]
    if status is ExitStatus.WARNING and fail_on is not FailOn.WARNING:
        return ExitStatus.OK
    if status is ExitStatus.CRITICAL and fail_on is FailOn.NEVER:
        return ExitStatus.OK
    return status
