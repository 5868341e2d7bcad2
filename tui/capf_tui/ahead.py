"""What is done ahead of keys or between them, so that none has to wait for it."""

from __future__ import annotations

import gc
import time

from capf_tui.screens import SCREENS

SWEEP_EVERY_S = 0.5
"""Seconds between two moments at which garbage may be collected."""
_QUIET_S = 0.3
"""Seconds after the last key in which the next one is expected."""
_MOST_DELAYED = 400
"""Young collections, of some thousand objects each, after which one of all objects comes anyway."""


def load_screens() -> None:
    """Load the modules of every screen; in a thread, while the engine analyses."""
    for entry in SCREENS:
        entry.kind()
    gc.freeze()  # they stay: no collection has to go through them


class Sweeper:
    """Collects garbage while nobody types: to go through all objects takes as long as ten keys."""

    def __init__(self) -> None:
        self._used_at: float | None = None
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, _MOST_DELAYED)

    def used(self) -> None:
        """The user does something."""
        self._used_at = time.monotonic()

    def sweep(self) -> None:
        """Collect, if there was something to leave garbage and all is quiet since."""
        if self._used_at is not None and time.monotonic() - self._used_at > _QUIET_S:
            self._used_at = None
            gc.collect()
