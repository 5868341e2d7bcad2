"""From the command line to the application and back."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import tzinfo

from msgspec import Struct

from capf_tui.clock import Clock
from capf_tui.engine.growth import Growth
from capf_tui.engine.start import start, swept_folder
from capf_tui.state import load_state, save_state
from capfpcap.analysis import CaptureInput, Options
from capfpcap.batches import Heard
from capfpcap.capture.reading import Progress
from capfpcap.formats.json_flows import JsonFlows
from capfpcap.report import Verdict
from capfpcap.study import Study, study

_KEYBOARD = 0


class Wishes(Struct, frozen=True):
    """What the user asked for."""

    inputs: Callable[[], list[CaptureInput]]
    """The captures; asked again where they are followed, for there may be more then."""
    options: Options
    zone: tzinfo | None
    """None: that of the system."""
    follow: bool = False
    """Whether captures that grow are analysed again."""

    def examine(self, progress: Progress, heard: Heard) -> Study:
        """Analyse the captures."""
        return study(self.inputs(), self.options, progress=progress, kept_as=JsonFlows, heard=heard)

    def growth(self) -> Growth | None:
        """What watches the captures, where they are followed."""
        if not self.follow:
            return None
        return Growth(lambda: (path for one in self.inputs() for path in one.paths))


def run(wishes: Wishes) -> Verdict | None:
    """Show the captures until the user has seen enough.

    Returns the verdict; None where the user left before there was one.

    Raises:
        OSError: the system has no process to give.
        Exception: the application failed.
    """
    with swept_folder():
        link = start(wishes.examine, wishes.growth())
        _take_the_keyboard()
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


def _take_the_keyboard() -> None:
    """Where standard input brings a capture, keys come from the terminal itself."""
    if not os.isatty(_KEYBOARD):
        with suppress(OSError):
            terminal = os.open("/dev/tty", os.O_RDONLY)
            os.dup2(terminal, _KEYBOARD)
            os.close(terminal)
