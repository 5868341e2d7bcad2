"""The mouse, and screens of all sizes."""

from __future__ import annotations

import pytest
from capf_tui.screens import SCREENS
from capf_tui.themes import THEMES
from capf_tui.widgets.row_list import RowList
from textual import events

from tests.tui.looking import LARGE, SMALL, Screen, captures_of, look

MISMATCH = captures_of("itl-mismatch")


def column_of(line: str, text: str) -> int:
    assert text in line
    return line.index(text)


def test_a_click_on_a_row_puts_the_cursor_and_a_second_one_opens_it() -> None:
    async def act(screen: Screen) -> None:
        await screen.click(20, 6)
        assert screen.app.screen.row_list.cursor == 2
        await screen.click(20, 6, times=2)
        assert screen.name == "ladder"

    look(captures_of("burst"), act)


def test_a_click_on_a_title_sorts_and_a_second_one_turns_it_round() -> None:
    async def act(screen: Screen) -> None:
        x = column_of(screen.lines[3], "Phone")
        await screen.click(x, 3)
        assert "Phone▲" in screen.lines[3]
        await screen.click(x, 3)
        assert "Phone▼" in screen.lines[3]

    look(captures_of("burst"), act)


def test_a_click_on_a_screen_or_a_key_does_what_the_key_does() -> None:
    async def act(screen: Screen) -> None:
        await screen.click(column_of(screen.lines[1], "Findings"), 1)
        assert screen.name == "findings"
        line = next(y for y, line in enumerate(screen.lines) if "? Help" in line)
        await screen.click(column_of(screen.lines[line], "Help"), line)
        assert "On this screen" in screen.text

    look(MISMATCH, act)


def test_the_wheel_scrolls() -> None:
    async def act(screen: Screen) -> None:
        rows = screen.app.screen.row_list
        await screen.pilot._post_mouse_events([events.MouseScrollDown], RowList, button=0)
        await screen.until(lambda: round(rows.scroll_y) > 0)
        assert round(rows.scroll_y) > 0
        assert rows.cursor == 0

    look(captures_of("burst"), act)


@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 60), (60, 16), (20, 6)])
def test_every_screen_fits_every_size(size: tuple[int, int]) -> None:
    async def act(screen: Screen) -> None:
        for number, entry in enumerate(SCREENS, 1):
            await screen.press(str(number))
            assert screen.name == entry.name
            assert len(screen.lines) == size[1]
            assert all(len(line) <= size[0] for line in screen.lines)

    look(MISMATCH, act, size=size)


def test_a_screen_that_grows_and_shrinks_shows_more_and_less() -> None:
    async def act(screen: Screen) -> None:
        assert "Tries" not in screen.text
        await screen.pilot.resize_terminal(120, 36)
        await screen.settle()
        assert "Tries" in screen.text
        await screen.press("3")
        assert "One-way" in screen.text
        await screen.pilot.resize_terminal(80, 24)
        await screen.settle()
        assert "One-way" not in screen.text
        assert screen.app.screen.row_list.row is not None

    look(MISMATCH, act)


def test_themes_change_colours_and_nothing_else() -> None:
    async def act(screen: Screen) -> None:
        shown, pictures = screen.text, {screen.app.export_screenshot()}
        for theme in THEMES[1:]:
            await screen.press("T")
            assert screen.app.theme == theme.name
            assert screen.text == shown
            pictures.add(screen.app.export_screenshot())
        assert len(pictures) == len(THEMES)

    look(MISMATCH, act)


def test_without_colour_there_are_only_greys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(screen: Screen) -> None:
        for strip in screen.app.screen._compositor.render_strips():
            for segment in strip:
                colour = segment.style.color if segment.style else None
                if colour is not None and colour.triplet is not None:
                    red, green, blue = colour.triplet
                    assert red == green == blue, segment

    look(MISMATCH, act)
