"""Opens captures in the terminal interface and presses keys; a process of its own.

``python -m benchmarks.tui.driver BEGUN CAPTURE``: ``BEGUN`` is the monotonic time at which the
process was asked for. Writes one JSON line, a :class:`Run`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
from capf_tui.app import CapfApp
from capf_tui.clock import Clock
from capf_tui.engine.link import Link
from capf_tui.engine.start import start
from capf_tui.engine.wire import Failed
from capf_tui.run import Wishes
from capf_tui.screens.list_screen import ListScreen
from textual.pilot import Pilot

from benchmarks.tui.keys import Stroke, strokes
from benchmarks.tui.report import Run, Timed
from benchmarks.tui.terminal import Terminal
from capfpcap.analysis import CaptureInput, Options

SIZE = (120, 36)
QUIET_S = 0.03
"""Seconds after which what a worker handed over is painted: Textual paints 60 times a second."""
ANSWERING = frozenset({"story", "arrange", "load"})
"""Workers that a key sets going and whose work it shows; others go on in the background."""


class Player:
    """Presses keys and takes their times."""

    def __init__(self, app: CapfApp, pilot: Pilot[Any], engine: int) -> None:
        self._app = app
        self._pilot = pilot
        self._engine = engine

    async def press(self, stroke: Stroke) -> Timed:
        """One key, until all that it asks for is on the screen."""
        engine = processor_s(self._engine)
        own, begun = time.process_time(), time.perf_counter()
        Terminal.painted = begun
        await self._pilot.press(stroke.key)
        pressed = time.perf_counter()
        await self._answered()
        return Timed(
            screen=stroke.screen,
            does=stroke.does,
            painted_s=Terminal.painted - begun,
            pressed_s=pressed - begun,
            own_s=time.process_time() - own,
            engine_s=processor_s(self._engine) - engine,
        )

    async def _answered(self) -> None:
        """Wait until what the key set going is done and painted."""
        while self._at_work():
            await asyncio.sleep(0.005)
        await asyncio.sleep(QUIET_S)

    def _at_work(self) -> bool:
        loading = isinstance(self._app.screen, ListScreen) and len(self._app.screen.rows)
        return any(
            worker.group in ANSWERING and not worker.is_finished
            for worker in self._app.workers
            if not (worker.group == "load" and loading)  # the rest comes in the background
        )


def processor_s(process: int) -> float:
    """Seconds of processor time that a process has used."""
    spent = Path(f"/proc/{process}/schedstat").read_text(encoding="ascii")
    return int(spent.split()[0]) / 1e9


async def until(come: Callable[[], object]) -> None:
    """Wait for something to come."""
    while not come():
        await asyncio.sleep(0.002)


async def play(link: Link, engine: int, keys: Iterable[Stroke], begun: float) -> Run:
    """Run the application and press the keys."""
    app = CapfApp(link, Clock(zone=UTC))
    app.driver_class = Terminal
    async with app.run_test(headless=False, size=SIZE) as pilot:
        await until(lambda: app.generation or isinstance(app.news, Failed))
        assert app.overview is not None, app.news
        screen = app.screen
        assert isinstance(screen, ListScreen)
        await until(lambda: len(screen.rows) >= app.overview.phones)  # type: ignore[union-attr]
        opened = time.monotonic() - begun
        player = Player(app, pilot, engine)
        return Run(opened, [await player.press(stroke) for stroke in keys])


def main() -> None:
    """Play once and tell."""
    begun, capture = float(sys.argv[1]), sys.argv[2]
    options = Options(workers=len(os.sched_getaffinity(0)))
    wishes = Wishes(lambda: [CaptureInput((capture,))], options, UTC)
    link = start(wishes.examine)
    try:
        engine = link.process
        assert engine is not None
        run = asyncio.run(play(link, engine, strokes(), begun))
    finally:
        link.close()
    print(msgspec.json.encode(run).decode())


if __name__ == "__main__":
    main()
