"""The application on a screen of a given size, driven by keys and mouse, read as text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import chdir
from pathlib import Path
from time import monotonic

from capf_tui.app import CapfApp
from capf_tui.clock import Clock
from capf_tui.engine.start import start, swept_folder
from capf_tui.engine.wire import Cancelled, Failed
from capf_tui.run import Wishes
from capf_tui.state import ViewState
from capf_tui.widgets.key_bar import KeyBar
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from capfpcap.analysis import CaptureInput, Options
from capfpcap.report import Verdict

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = ROOT / "captures"
SMALL, LARGE = (80, 24), (120, 36)
PATIENCE_S = 60.0
"""Seconds within which anything happens, on however busy a machine."""


class Screen:
    """What a user sees and does."""

    def __init__(self, app: CapfApp, pilot: Pilot[Verdict]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        return ["".join(segment.text for segment in strip) for strip in self.strips]

    @property
    def strips(self) -> list[Strip]:
        """The screen with its colours."""
        return self.app.screen._compositor.render_strips()

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def body(self) -> str:
        """What is between the bars: other screens may come, and other keys."""
        bar = self.one(KeyBar).region.y
        return "".join(f"{line.rstrip()}\n" for line in self.lines[2:bar])

    @property
    def name(self) -> str:
        """Which screen is shown."""
        return self.app.current_mode

    async def press(self, *keys: str) -> Screen:
        await self.pilot.press(*keys)
        return await self.settle()

    async def type(self, text: str) -> Screen:
        return await self.press(*("space" if character == " " else character for character in text))

    async def click(self, x: int, y: int, times: int = 1) -> Screen:
        await self.pilot.click(offset=(x, y), times=times)
        return await self.settle()

    async def settle(self) -> Screen:
        """Wait until all that was asked for is shown."""
        await asyncio.wait_for(self._settled(), PATIENCE_S)
        return self

    async def _settled(self) -> None:
        before: list[Strip] = []
        while True:
            await self.pilot.pause()
            while self.app.workers._workers:
                await asyncio.sleep(0.01)
            await self.pilot.pause(0.02)
            if self.strips == before and not self.app.workers._workers:
                return
            before = self.strips

    async def analysed(self) -> Screen:
        """Wait until the captures are analysed, or cannot be."""
        while not (self.app.generation or isinstance(self.app.news, Failed | Cancelled)):
            await asyncio.sleep(0.01)
        return await self.settle()

    async def generation(self, number: int) -> Screen:
        """Wait until the captures were analysed so many times."""
        while self.app.generation < number:
            assert not isinstance(self.app.news, Failed)
            await asyncio.sleep(0.05)
        return await self.settle()

    async def until(self, seen: Callable[[], bool]) -> Screen:
        """Wait until something is so."""
        end = monotonic() + PATIENCE_S
        while not seen():
            assert monotonic() < end, f"it does not come; the screen:\n{self.text}"
            await asyncio.sleep(0.02)
        return self

    async def sees(self, *words: str) -> Screen:
        """Wait until the screen shows some words."""
        return await self.until(lambda: all(word in self.text for word in words))

    def one(self, kind: type[Widget]) -> Widget:
        return self.app.screen.query_one(kind)


Act = Callable[[Screen], Awaitable[object]]


def captures_of(scenario: str) -> list[Path]:
    """The captures of a shipped scenario."""
    return sorted((CAPTURES / scenario).glob("*.pcap*"))


def shipped(*names: str) -> list[Path]:
    """Shipped captures by their names below the folder of them; named alike on every machine."""
    return [Path(CAPTURES.name, name) for name in names]


def wishes_for(
    paths: Sequence[Path | str], *, follow: bool = False, options: Options | None = None
) -> Wishes:
    inputs = [CaptureInput((str(path),)) for path in paths]
    return Wishes(inputs=lambda: inputs, options=options or Options(), zone=None, follow=follow)


def look(
    paths: Sequence[Path | str],
    act: Act,
    *,
    size: tuple[int, int] = SMALL,
    follow: bool = False,
    wait: bool = True,
    state: ViewState | None = None,
    clock: Clock | None = None,
    options: Options | None = None,
) -> object:
    """Open captures, as in the folder of the project, and do something.

    ``wait``: only once they are analysed.

    Returns what the application returns.
    """
    wishes = wishes_for(paths, follow=follow, options=options)
    with swept_folder():
        with chdir(ROOT):
            link = start(wishes.examine, wishes.growth())

        async def run() -> object:
            app = CapfApp(link, clock or Clock(), state or ViewState())
            async with app.run_test(size=size, notifications=True) as pilot:
                screen = Screen(app, pilot)
                if wait:
                    await asyncio.wait_for(screen.analysed(), PATIENCE_S)
                await asyncio.wait_for(act(screen), 4 * PATIENCE_S)
            return app.return_value

        try:
            return asyncio.run(run())
        finally:
            link.close()
