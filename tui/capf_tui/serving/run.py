"""Serves one study to browsers until it is told to end."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from zoneinfo import ZoneInfo

from capf_tui.asking.overview import Overview
from capf_tui.engine.link import NoAnswerError
from capf_tui.engine.start import serve, swept_folder
from capf_tui.engine.wire import News, Ready
from capf_tui.run import Wishes
from capf_tui.serving.server import LOOPBACK, StudyServer
from capf_tui.standing import verdict_of
from capfpcap.report import Verdict


def run_server(wishes: Wishes, host: str, port: int, say: Callable[[str], None]) -> Verdict | None:
    """Serve until the user ends it; returns the verdict, None where there is none.

    Raises:
        OSError: the port or a process is not to be had.
    """
    with swept_folder() as folder:
        return _run_server(wishes, host, port, say, str(folder / "engine"))


def _run_server(
    wishes: Wishes, host: str, port: int, say: Callable[[str], None], path: str
) -> Verdict | None:
    link = serve(wishes.examine, path, wishes.growth())
    last: list[News] = []
    link.listen(lambda news: last.__setitem__(slice(None), [news]))
    try:
        zone = [wishes.zone.key] if isinstance(wishes.zone, ZoneInfo) else []
        command = [sys.executable, "-P", "-m", "capf_tui.serving.visit", path, *zone]
        StudyServer(shlex.join(command), host, port, lambda: say(announcement(host, port))).serve()
        news = last[0] if last else None
        return verdict_of(news, link.ask(Overview()) if isinstance(news, Ready) else None)
    except NoAnswerError:
        return None
    finally:
        link.close()


def announcement(host: str, port: int) -> str:
    """Where it is, and who sees it."""
    name = f"[{host}]" if ":" in host else host
    who = "every user of this machine" if host in LOOPBACK else "whoever reaches this port"
    return f"http://{name}:{port} shows the captures to {who}, without a password; Ctrl+C ends it"
