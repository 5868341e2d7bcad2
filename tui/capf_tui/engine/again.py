"""Analyses captures again beside the answers to questions."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing import Pipe
from threading import Thread

from capfpcap.batches import Heard
from capfpcap.capture.reading import Progress
from capfpcap.compose.whole import Part
from capfpcap.study import Study


def _unseen(_done: int, _total: int | None) -> None:
    """Nobody waits for it."""


def _unheard(_part: Part, _share: float) -> None:
    """The older study is shown meanwhile."""


class Again:
    """One analysis at a time, in a thread; ``done`` can be waited for."""

    def __init__(self, examine: Callable[[Progress, Heard], Study]) -> None:
        self._examine = examine
        self.done, self._end = Pipe(duplex=False)
        self.running = False
        self.took_s = 0.0
        """Seconds that the last one took."""
        self._made: Study | None = None

    def start(self) -> None:
        """Begin."""
        self.running = True
        Thread(target=self._run, daemon=True).start()

    def result(self) -> Study | None:
        """What was made; None where the captures could not be read."""
        self.done.recv_bytes()
        self.running = False
        made, self._made = self._made, None
        return made

    def _run(self) -> None:
        begun = time.monotonic()
        try:
            self._made = self._examine(_unseen, _unheard)
        except Exception:  # a file that is being written may break off anywhere
            self._made = None
        self.took_s = time.monotonic() - begun
        self._end.send_bytes(b"")
