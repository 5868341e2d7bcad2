"""The application, run without a terminal over real captures, driven by keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, chdir
from datetime import UTC
from pathlib import Path
from typing import Any, NamedTuple

from capf_tui.app import CapfApp
from capf_tui.clock import Clock
from capf_tui.engine.start import start
from capf_tui.engine.wire import Failed
from capf_tui.run import Wishes
from capf_tui.widgets.key_bar import KeyBar
from rich.console import Console
from textual.pilot import Pilot

from capfpcap.analysis import CaptureInput, Options
from tests.scenarios.expectations import CAPTURES

PATIENCE_S = 60
"""Seconds for which something to come is waited for: the machine may be busy."""
SMALL, LARGE = (80, 24), (120, 36)


class Driver(NamedTuple):
    """The running application, and who presses its keys."""

    app: CapfApp
    pilot: Pilot[Any]

    async def press(self, *keys: str) -> None:
        """Press keys one after another, each once the application has come to rest."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def until(self, come: Callable[[], object]) -> None:
        """Wait for something to come."""
        for _ in range(PATIENCE_S * 20):
            await self.pilot.pause(0.05)
            if come():
                return
            assert not isinstance(self.app.news, Failed), self.text
        raise AssertionError(f"it did not come within {PATIENCE_S} s; the screen:\n{self.text}")

    async def sees(self, *words: str) -> None:
        """Wait until the screen shows some words."""
        await self.until(lambda: all(word in self.text for word in words))

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        width, height = self.app.size
        console = Console(
            width=width,
            height=height,
            record=True,
            file=Path("/dev/null").open("w", encoding="utf-8"),  # noqa: SIM115
            force_terminal=True,
            legacy_windows=False,
        )
        console.print(self.app.screen._compositor.render_update(full=True))
        console.file.close()
        return [line.rstrip() for line in console.export_text(styles=False).split("\n")[:height]]

    @property
    def body(self) -> str:
        """What is between the bars: other screens may come, and other keys."""
        bar = self.app.screen.query_one(KeyBar).region.y
        return "\n".join(self.lines[2:bar]) + "\n"

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.lines)


@asynccontextmanager
async def running(*captures: str | Path, size: tuple[int, int] = SMALL) -> AsyncIterator[Driver]:
    """The application over captures, named below the shipped ones or by path, once analysed."""
    folder = Path(CAPTURES.name)  # the same on every machine, where screens name files
    inputs = [CaptureInput((str(folder / capture),)) for capture in captures]
    with chdir(CAPTURES.parent):
        link = start(Wishes(lambda: inputs, Options(), UTC).examine)
    app = CapfApp(link, Clock())
    try:
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.until(lambda: app.generation)
            yield driver
    finally:
        link.close()


def drive(
    play: Callable[[Driver], Awaitable[None]],
    *captures: str | Path,
    size: tuple[int, int] = SMALL,
) -> None:
    """Run the application and let ``play`` drive it."""

    async def run() -> None:
        async with running(*captures, size=size) as driver:
            await play(driver)

    asyncio.run(run())
