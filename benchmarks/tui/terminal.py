"""A terminal that nobody looks at, which notes when it was painted last."""

from __future__ import annotations

import time

from textual.drivers.headless_driver import HeadlessDriver


class Terminal(HeadlessDriver):
    """Takes what a real terminal would be sent, so that making it is measured too."""

    painted = 0.0
    """When something was written last."""

    @property
    def is_headless(self) -> bool:
        """A headless driver would have nothing painted for it."""
        return False

    def write(self, data: str) -> None:
        """Note the time."""
        if data:
            Terminal.painted = time.perf_counter()
