"""Text from packets is text on every screen: it acts on no terminal, is no markup, and ends."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from capf_tui.screens import SCREENS
from rich.cells import cell_len

from tests.hostile.enrolment import HOSTILE, enrolment
from tests.tui.looking import LARGE, Screen, look

pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length")
_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def capture(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "hostile.pcap"
    path.write_bytes(enrolment(request.param))
    return path


def assert_inert(screen: Screen) -> None:
    width, height = screen.app.size
    lines = screen.lines
    assert len(lines) == height
    for line in lines:
        assert not [c for c in line if unicodedata.category(c) in _ACTING]
        assert cell_len(line) <= width


async def look_around(screen: Screen) -> None:
    for number, entry in enumerate(SCREENS, 1):
        await screen.press(str(number))
        assert screen.name == entry.name
        assert_inert(screen)
        for keys in (["j"], ["j", "G"], ["l", "tab", "pagedown"]):
            await screen.press(*keys)
            assert_inert(screen)
        await screen.press("shift+tab", "h", "h", "g")


def test_no_screen_and_no_row_of_it_lets_text_act(capture: Path) -> None:
    look([capture], look_around)


def test_no_large_screen_lets_text_act(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pcap"
    path.write_bytes(enrolment(HOSTILE["10,000 characters"]))
    look([path], look_around, size=LARGE)


def test_no_row_of_the_ladder_and_no_message_lets_text_act(capture: Path) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("3")
        for _ in range(45):
            await screen.press("j")
            assert_inert(screen)

    look([capture], act)


def test_what_is_copied_is_harmless_and_what_is_told_of_it(
    capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    async def act(screen: Screen) -> None:
        for number in range(1, 5):
            await screen.press(str(number))
            for key in "yYw":
                await screen.press(key)
                assert_inert(screen)
                copied = screen.app.clipboard
                assert not [c for c in copied if c != "\n" and unicodedata.category(c) in _ACTING]

    look([capture], act)


def test_a_picture_holds_no_markup_of_packets(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pcap"
    path.write_bytes(enrolment(HOSTILE["markup"]))

    async def act(screen: Screen) -> None:
        for key in "123456":
            await screen.press(key)
            picture = screen.app.export_screenshot()
            assert "<script" not in picture
        await screen.press("3")
        shown = re.sub(r"\s+", " ", screen.text)
        assert "[bold red]x[/]" in shown or "[bold" in shown

    look([path], act)


def test_hostile_words_can_be_filtered_by(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pcap"
    path.write_bytes(enrolment(HOSTILE["markup"]))

    async def act(screen: Screen) -> None:
        await screen.press("3", "slash")
        await screen.pilot.press("left_square_bracket", "b", "o", "l", "d")
        await screen.settle()
        assert "[bold" in screen.text
        assert_inert(screen)

    look([path], act)


def test_a_capture_with_a_hostile_name_is_named_harmlessly(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31mred[bold]\u202e.pcap"
    path.write_bytes(enrolment("x"))

    async def act(screen: Screen) -> None:
        await screen.press("7")
        assert_inert(screen)

    look([path], act)
