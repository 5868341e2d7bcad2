"""The screen of the trust lists."""

from __future__ import annotations

import pytest

from tests.tui.pilot import LARGE, SMALL, Driver, drive
from tests.tui.snapshots import looks_as


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_two_lists_are_compared_record_by_record(size: tuple[int, int]) -> None:
    async def play(driver: Driver) -> None:
        await driver.press("6")
        await driver.sees("2 lists", "signature verified with the key of record 1")
        await driver.press("home")
        await driver.sees("A ITLFile.tlv")
        assert "Compared with" not in driver.text
        await driver.press("down")
        await driver.sees("Compared with A", "CAPF-5626bd55 → CAPF-a5b3a060")
        looks_as(driver, "lists-differ")

    drive(play, "lists-differ/phone.pcap", size=size)


def test_any_list_can_be_the_one_that_others_are_compared_with() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("6")
        await driver.sees("2 lists", "ITLFile.tlv")
        await driver.press("end")
        await driver.sees("B ITLFile.tlv")
        await driver.press("b", "up")
        await driver.sees("Compared with B", "CAPF-a5b3a060 → CAPF-5626bd55")

    drive(play, "lists-differ/phone.pcap")


def test_a_list_says_who_loaded_it_and_where_that_is_seen() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("6")
        await driver.sees("1 list", "Loaded by 1 phone", "from 10.122.138.102 by tftp", "phone:50")
        await driver.press("slash", *"nobody")
        await driver.sees("0 of 1 list")

    drive(play, "itl-mismatch/phone.pcap", size=LARGE)


@pytest.mark.parametrize(
    ("capture", "said"),
    [
        ("itl-corrupt/phone.pcap", "✗ cannot be read: byte "),
        ("itl-empty/phone.pcap", "✗ cannot be read: it is empty"),
        ("itl-signature-invalid/phone.pcap", "✗ signature does not verify"),
        ("itl-no-capf-record/phone.pcap", "none"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_at_once(capture: str, said: str) -> None:
    async def play(driver: Driver) -> None:
        await driver.press("6")
        await driver.sees("1 list", said)

    drive(play, capture)


def test_many_phones_that_load_one_list_are_one_row() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("6")
        await driver.sees("3 lists", "Loaded by 1 phone")
        await driver.press("down", "down")
        await driver.sees("Loaded by 58 phones", "CAPF-b6ad7bf8 → CAPF-57b44c13")

    drive(play, "burst/publisher.pcap.gz", size=LARGE)


def test_where_nothing_was_loaded_there_is_no_list() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("6")
        await driver.sees("0 lists")
        await driver.press("enter", "b", "y")
        await driver.sees("0 lists")

    drive(play, "itl-not-found/phone.pcap")
