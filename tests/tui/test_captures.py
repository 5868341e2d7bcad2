"""The screen of the captures, with the matrix of what phones reach."""

from __future__ import annotations

import pytest

from tests.tui.pilot import LARGE, SMALL, Driver, drive
from tests.tui.snapshots import looks_as

FILTERED = ("return-path-filtered/phone.pcap", "return-path-filtered/publisher.pcap")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_capture_is_told_with_its_span_and_its_clock(size: tuple[int, int]) -> None:
    async def play(driver: Driver) -> None:
        await driver.press("7")
        await driver.sees("→✓←✗", "nothing is wrong with the file", "clock: the common clock")
        await driver.press("down")
        await driver.sees("publisher.pcap", "clock: that of phone")
        looks_as(driver, "captures")

    drive(play, *FILTERED, size=size)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_phone_of_the_matrix_is_told_each_way(size: tuple[int, int]) -> None:
    async def play(driver: Driver) -> None:
        await driver.press("7")
        await driver.sees("→✓←✗")
        await driver.press("tab", "tab")
        await driver.sees("a service that it needs is dropped", "→ ✓ passes")
        looks_as(driver, "captures-matrix")
        await driver.press("enter")
        await driver.sees("words of the messages")

    drive(play, *FILTERED, size=size)


def test_flaws_of_a_capture_are_told() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("7")
        await driver.sees("! 45 packets of which the file holds only the beginning")
        chosen = driver.app.selection
        assert chosen is not None
        assert chosen.what == "capture phone"
        assert "the first is frame" in chosen.text

    drive(play, "snapped/phone.pcap")


def test_the_matrix_of_many_phones_is_filtered_and_sorted() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("7")
        await driver.sees("60 phones", "→✓←✓")
        await driver.press("slash", *"sep", "down")
        await driver.sees("60 phones")
        await driver.press("s", "S")
        await driver.sees("▼")

    drive(play, "burst/publisher.pcap.gz")


def test_an_empty_capture_has_no_phones() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("7")
        await driver.sees("0 phones", "holds no packet")
        await driver.press("tab", "tab", "enter")
        await driver.sees("0 phones")

    drive(play, "empty/phone.pcap")
