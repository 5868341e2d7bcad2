"""The web server: a page, and for each visitor a process that attaches to the engine.

Textual-serve knows no passwords and asks nobody where a page comes from. Whoever reaches the port
sees the captures; but no other page in a visitor's browser may reach it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server, to_int

MAX_VISITORS = 32
"""Processes of visitors at a time, each of some 60 MB."""

_HERE = Path(__file__).parent
_FROM_HERE_ALONE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; img-src data:; connect-src 'self'"
)
"""What browsers let the page load; the terminal writes styles into it."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StudyServer(Server):
    """Serves one study."""

    def __init__(self, command: str, host: str, port: int, ready: Callable[[], None]) -> None:
        super().__init__(command, host, port, title="capfpcap", templates_path=_HERE)
        self._ready = ready
        self._visits: set[asyncio.Task[object]] = set()

    def serve(self, debug: bool = False) -> None:  # noqa: ARG002 - as the base has it
        """Serve until the user ends it.

        Raises:
            OSError: the port is not to be had.
        """
        # aiohttp prints a line of its own once the port is open: that is when somebody may come
        web.run_app(
            self._make_app(), host=self.host, port=self.port, print=lambda *_: self._ready()
        )

    async def on_startup(self, app: web.Application) -> None:
        """Print no logo."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.router.add_get("/page.js", self.handle_script)

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app.middlewares.append(guard)
        return app

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what another page asks for, and names that are led to this machine."""
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="Another page may not see the captures.")
        if self.host in LOOPBACK and _name(request.host) not in LOOPBACK:
            raise web.HTTPForbidden(text="The captures are served to this machine alone.")
        return await handler(request)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A visitor's connection."""
        if len(self._visits) >= MAX_VISITORS:
            raise web.HTTPServiceUnavailable(text="There are too many visitors.")
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        try:
            return await super().handle_websocket(request)
        finally:
            self._visits.discard(visit)

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - as the base has it
        """End all visits, which the server would otherwise wait for."""
        for visit in self._visits:
            visit.cancel()

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """The page, which asks no other server for anything: there may be no way to one."""
        size = to_int(request.query.get("fontsize", "16"), 16)
        page = (_HERE / "page.html").read_text(encoding="utf-8")
        return web.Response(
            text=page.replace("FONT_SIZE", str(size)),
            content_type="text/html",
            headers={
                "Content-Security-Policy": _FROM_HERE_ALONE,
                "X-Frame-Options": "DENY",
                "Referrer-Policy": "no-referrer",
            },
        )

    async def handle_script(self, request: web.Request) -> web.StreamResponse:  # noqa: ARG002
        """What the page does beside showing a terminal."""
        script = (_HERE / "page.js").read_text(encoding="utf-8")
        return web.Response(text=script, content_type="text/javascript")


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _name(host: str) -> str:
    """The name in a Host header, without the port and the brackets of IPv6."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host
