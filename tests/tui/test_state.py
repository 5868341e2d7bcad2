"""What the user likes is kept, and nothing that cannot be read does harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from capf_tui.clock import TimeMode
from capf_tui.state import ViewState, load_state, save_state, state_file

from tests.tui.looking import Screen, captures_of, look


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_what_was_kept_is_there_again() -> None:
    state = ViewState("light", TimeMode.DELTA, {"phones": (1, True), "flows": None})
    save_state(state)
    assert load_state() == state
    assert state_file().is_relative_to(state_file().parents[1])


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"theme": 7}', b'{"time": "noon"}'])
def test_what_cannot_be_read_is_as_if_there_were_nothing(content: bytes) -> None:
    state_file().parent.mkdir(parents=True)
    state_file().write_bytes(content)
    assert load_state() == ViewState()


def test_a_theme_that_is_not_there_any_more_is_replaced() -> None:
    async def act(screen: Screen) -> None:
        assert screen.app.theme == "dark"

    look(captures_of("itl-mismatch"), act, state=ViewState(theme="solarized"))


def test_the_application_opens_as_it_was_left() -> None:
    kept = []

    async def change(screen: Screen) -> None:
        await screen.press("T", "t", "s")
        kept.append(screen.app.state)

    async def act(screen: Screen) -> None:
        assert screen.app.theme == "light"
        assert screen.app.clock.mode is TimeMode.LOCAL
        assert "Phone▲" in screen.text

    burst = captures_of("burst")
    look(burst, change)
    look(burst, act, state=kept[0])
