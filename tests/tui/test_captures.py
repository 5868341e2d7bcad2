"""The screen of the captures, with the matrix of what phones reach."""

from __future__ import annotations

import pytest

from tests.tui.looking import LARGE, SMALL, Screen, look, shipped
from tests.tui.snapshots import looks_as

FILTERED = shipped("return-path-filtered/phone.pcap", "return-path-filtered/publisher.pcap")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_capture_is_told_with_its_span_and_its_clock(size: tuple[int, int]) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("7")
        await screen.sees("→✓←✗", "nothing is wrong with the file", "clock: the common clock")
        await screen.press("down")
        await screen.sees("publisher.pcap", "clock: that of phone")
        looks_as(screen, "captures")

    look(FILTERED, act, size=size)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_phone_of_the_matrix_is_told_each_way(size: tuple[int, int]) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("7")
        await screen.sees("→✓←✗")
        await screen.press("tab", "tab")
        await screen.sees("a service that it needs is dropped", "→ ✓ passes")
        looks_as(screen, "captures-matrix")
        await screen.press("enter")
        await screen.sees("words of the messages")

    look(FILTERED, act, size=size)


def test_flaws_of_a_capture_are_told() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("7")
        await screen.sees("! 45 packets of which the file holds only the beginning")
        chosen = screen.app.selection
        assert chosen is not None
        assert chosen.what == "capture phone"
        assert "the first is frame" in chosen.text

    look(shipped("snapped/phone.pcap"), act)


def test_the_matrix_of_many_phones_is_filtered_and_sorted() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("7")
        await screen.sees("60 phones", "→✓←✓")
        await screen.press("slash", *"sep", "down")
        await screen.sees("60 phones")
        await screen.press("s", "S")
        await screen.sees("▼")

    look(shipped("burst/publisher.pcap.gz"), act)


def test_an_empty_capture_has_no_phones() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("7")
        await screen.sees("0 phones", "holds no packet")
        await screen.press("tab", "tab", "enter")
        await screen.sees("0 phones")

    look(shipped("empty/phone.pcap"), act)
