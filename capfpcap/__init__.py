"""Says why a Cisco IP phone does not enrol its certificate, from packet captures.

``capfpcap.check("phone.pcap", "publisher.pcap")`` returns the report (docs/python.md).

Public are the names in ``__all__`` and the classes of :mod:`capfpcap.report`, of which a report is
made. Everything else is private, whatever its name, and may change with any version.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from capfpcap.api import (
        Analysis,
        Error,
        Finding,
        FlowTimeline,
        Options,
        PhoneTimeline,
        Report,
        Severity,
        TimelineEvent,
        analyze,
        check,
        render,
    )

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Error",
    "Finding",
    "FlowTimeline",
    "Options",
    "PhoneTimeline",
    "Report",
    "Severity",
    "TimelineEvent",
    "__version__",
    "analyze",
    "check",
    "render",
]


def __getattr__(name: str) -> object:
    """A public name, which loads the analysis with its libraries when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - the program begins without it

    value: object = getattr(import_module("capfpcap.api"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
