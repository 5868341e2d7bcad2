"""The interface in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.tui.looking import captures_of
from tests.tui.serving.browsers import Visitor, browser
from tests.tui.serving.served import served

PHONE = "SEP0008301CE5D2"
ROOT_CAUSE = f"1 of 1 phone failed: {PHONE}: The certificate of CAPF is not the one"


def test_visitors_type_and_read_in_their_browsers_and_share_one_analysis(tmp_path: Path) -> None:
    names = [Path(shutil.copy(path, tmp_path)).name for path in captures_of("itl-mismatch")]
    with served(tmp_path, names) as server, browser() as chromium:
        assert f"{server.url.rstrip('/')} shows the captures to every user" in server.said

        first = Visitor(chromium.new_context()).come(server.url)
        assert ROOT_CAUSE in first.sees("Also found")
        assert first.colours > 20, "the terminal is not drawn"
        first.press("Enter").sees("alert, fatal unknown_ca")
        first.type("n").press("Enter").sees("Level  Fatal (2)")
        first.type("w").sees("Copied")
        copied = first.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("frame.number ==")

        for name in names:
            (tmp_path / name).unlink()  # a second analysis would find nothing
        second = Visitor(chromium.new_context()).come(server.url)
        assert ROOT_CAUSE in second.sees("Also found")
        second.type("/nobody").sees("0 of 1 phone")
        second.press("Escape").sees("filter by name")
        assert "Level  Fatal (2)" in first.screen, "one visitor's keys move another's screen"

        here = (server.url, server.url.replace("http", "ws"))
        for visitor in (first, second):
            assert [url for url in visitor.asked_for if not url.startswith(here)] == []
            assert visitor.complaints == []

        second.type("q")
        second.page.get_by_text("You have left.").wait_for()
        assert server.end() == 2
        first.page.get_by_text("You have left.").wait_for()
