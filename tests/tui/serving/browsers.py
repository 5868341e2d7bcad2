"""A browser without a window, and what its pages show: read from the terminal in them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
from matplotlib.image import imread
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, sync_playwright

from tests.tui.looking import PATIENCE_S

_WITH = (
    "--no-sandbox",  # which root cannot have
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_REMEMBER_THE_TERMINAL = """
Object.defineProperty(Object.prototype, "terminal", {
  configurable: true,
  set(value) {
    Object.defineProperty(this, "terminal", {value, writable: true, configurable: true});
    window.remembered = value;
  },
});
"""
"""The page keeps its xterm.js to itself, as a property of that name: it is taken when it is set."""
_LINES = """
() => {
  const lines = window.remembered?.buffer.active;
  const numbers = [...Array(lines?.length ?? 0).keys()];
  return numbers.map(number => lines.getLine(number).translateToString(true)).join("\\n");
}
"""


class Visitor:
    """Who looks at a page and types into it."""

    def __init__(self, context: BrowserContext) -> None:
        self.asked_for: list[str] = []
        """The addresses of all that the browser asked for."""
        self.complaints: list[str] = []
        """What went wrong in the page."""
        context.set_default_timeout(PATIENCE_S * 1000)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.add_init_script(_REMEMBER_THE_TERMINAL)
        context.on("request", lambda request: self.asked_for.append(request.url))
        context.on("requestfailed", lambda request: self.complaints.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page: Page = context.new_page()
        self.page.on("websocket", lambda socket: self.asked_for.append(socket.url))
        self.page.on("console", self._hear)

    def _hear(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.complaints.append(str(message))

    def come(self, url: str) -> Visitor:
        self.page.goto(url)
        return self

    @property
    def screen(self) -> str:
        """The terminal, line by line."""
        return str(self.page.evaluate(_LINES))

    @property
    def colours(self) -> int:
        """How many there are in a picture of the page's first lines."""
        clip: FloatRect = {"x": 0, "y": 0, "width": 600, "height": 100}
        picture = imread(BytesIO(self.page.screenshot(clip=clip)))
        return len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0))

    def sees(self, words: str) -> str:
        """Wait until the terminal says something; returns all that it says then."""
        shows = f"(words) => ({_LINES.strip()})().includes(words)"
        try:
            self.page.wait_for_function(shows, arg=words, polling=50)
        except Exception as error:
            raise AssertionError(f"{words!r} does not come:\n{self.screen}") from error
        return self.screen

    def press(self, key: str) -> Visitor:
        self.page.keyboard.press(key)
        return self

    def type(self, text: str) -> Visitor:
        self.page.keyboard.type(text)
        return self


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, which knows no host but this one."""
    program = shutil.which("chromium")
    assert program is not None, "chromium is not installed"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(_WITH))
        try:
            yield running
        finally:
            running.close()
