"""The web server: what it gives to whom, and what it refuses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import aiohttp
import pytest
from aiohttp import web
from capf_tui.serving.run import announcement
from capf_tui.serving.server import MAX_VISITORS, StudyServer

from tests.tui.looking import PATIENCE_S, captures_of
from tests.tui.serving.served import Served, free_port, served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    captures = [str(path) for path in captures_of("itl-mismatch")]
    with served(tmp_path_factory.mktemp("served"), captures) as running:
        assert "shows the captures" in running.said
        yield running


def got(url: str, **headers: str) -> tuple[int, str, str]:
    """The status, the headers and the text of an answer."""
    try:
        with urlopen(Request(url, headers=headers), timeout=PATIENCE_S) as answer:
            return answer.status, str(answer.headers), answer.read().decode()
    except HTTPError as error:
        return error.code, str(error.headers), error.read().decode()


def test_the_page_and_all_that_it_loads_come_from_here(server: Served) -> None:
    status, headers, page = got(server.url)
    assert status == 200
    assert "default-src 'none'" in headers
    assert "X-Frame-Options: DENY" in headers
    addresses = re.findall(r"(?:src|href)=\"([^\"]+)|url\(\"([^\"]+)", page)
    loaded = {one or other for one, other in addresses} - {"/", "data:,"}
    assert len(loaded) == 4
    for address in loaded:
        assert address.startswith("/")
        with urlopen(server.url.rstrip("/") + address, timeout=PATIENCE_S) as answer:
            assert answer.status == 200


def test_a_font_size_is_a_number(server: Served) -> None:
    assert 'data-font-size="20"' in got(f"{server.url}?fontsize=20")[2]
    assert 'data-font-size="16"' in got(f"{server.url}?fontsize=%22%3E%3Cscript%3E")[2]


@pytest.mark.parametrize("path", ["", "ws", "static/js/textual.js", "page.js"])
def test_other_pages_and_names_led_to_this_machine_are_refused(server: Served, path: str) -> None:
    elsewhere = got(server.url + path, Origin="http://elsewhere.example")
    assert elsewhere[0] == 403
    assert "Another page may not see the captures." in elsewhere[2]
    rebound = got(server.url + path, Host="elsewhere.example")
    assert rebound[0] == 403
    assert "served to this machine alone" in rebound[2]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_page_that_was_asked_for_by_a_name_of_this_machine_may_talk_back(
    server: Served, host: str
) -> None:
    port = server.url.rstrip("/").rpartition(":")[2]
    here = f"{host}:{port}"
    assert got(server.url, Host=here, Origin=f"http://{here}")[0] == 200


@pytest.mark.parametrize("path", ["static/../server.py", "static/%2e%2e/server.py", "download/1"])
def test_nothing_else_is_given_out(server: Served, path: str) -> None:
    assert got(server.url + path)[0] in {403, 404}


def children(process: int) -> set[int]:
    """The processes that a process has begun."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


def test_a_visitor_s_process_ends_when_the_visitor_goes(server: Served) -> None:
    before = children(server.process.pid)

    async def visit() -> None:
        url = server.url.replace("http", "ws") + "ws?width=100&height=30"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            seen = b""
            while b"SEP0008301CE5D2" not in seen:
                message = await socket.receive(PATIENCE_S)
                seen += message.data if isinstance(message.data, bytes) else b""
            assert len(children(server.process.pid) - before) == 1
        async with asyncio.timeout(PATIENCE_S):
            while children(server.process.pid) != before:
                await asyncio.sleep(0.05)

    asyncio.run(visit())


def inside(act: Callable[[StudyServer, str], object]) -> None:
    """Run a server in this process, and something that uses it."""
    port = free_port()
    server = StudyServer("false", "127.0.0.1", port, lambda: None)

    async def run() -> None:
        runner = web.AppRunner(await server._make_app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            await asyncio.to_thread(act, server, f"http://127.0.0.1:{port}/")
        finally:
            await runner.cleanup()

    asyncio.run(run())


def test_more_visitors_than_the_machine_can_bear_are_sent_away() -> None:
    def act(server: StudyServer, url: str) -> None:
        server._visits = set(range(MAX_VISITORS))
        status, _, text = got(f"{url}ws")
        server._visits = set()
        assert status == 503
        assert "too many visitors" in text

    inside(act)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("localhost", "http://localhost:8000 shows the captures to every user of this machine"),
        ("::1", "http://[::1]:8000 shows the captures to every user of this machine"),
        ("0.0.0.0", "http://0.0.0.0:8000 shows the captures to whoever reaches this port"),
        ("10.1.2.3", "http://10.1.2.3:8000 shows the captures to whoever reaches this port"),
    ],
)
def test_the_server_says_who_sees_the_captures(host: str, said: str) -> None:
    assert announcement(host, 8000) == f"{said}, without a password; Ctrl+C ends it"
