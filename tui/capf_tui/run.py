"""From the command line to the application and back."""

from __future__ import annotations

from datetime import tzinfo

from msgspec import Struct

from capf_tui.clock import Clock
from capf_tui.engine.start import start
from capf_tui.state import load_state, save_state
from capfpcap.analysis import CaptureInput, Options
from capfpcap.capture.reading import Progress
from capfpcap.formats.harmless_report import write_flows
from capfpcap.report import Verdict
from capfpcap.study import Study, study


class Wishes(Struct, frozen=True):
    """What the user asked for."""

    inputs: list[CaptureInput]
    options: Options
    zone: tzinfo | None
    """None: that of the system."""


def run(wishes: Wishes) -> Verdict | None:
    """Show the captures until the user has seen enough.

    Returns the verdict; None where the user left before there was one.

    Raises:
        OSError: the system has no process to give.
        Exception: the application failed.
    """

    def examine(progress: Progress) -> Study:
        return study(wishes.inputs, wishes.options, progress=progress, write=write_flows)

    link = start(examine)
    try:
        from capf_tui.app import CapfApp  # noqa: PLC0415 - while the engine works already

        app = CapfApp(link, Clock(zone=wishes.zone), load_state())
        severity = app.run()
        save_state(app.state)
        if app.failure is not None:
            raise app.failure
        return severity
    finally:
        link.close()
