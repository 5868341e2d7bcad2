"""The screen of the trust lists."""

from __future__ import annotations

import pytest

from tests.tui.looking import LARGE, SMALL, Screen, look, shipped
from tests.tui.snapshots import looks_as


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_two_lists_are_compared_record_by_record(size: tuple[int, int]) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("6")
        await screen.sees("2 lists", "signature verified with the key of record 1")
        await screen.press("home")
        await screen.sees("A ITLFile.tlv")
        assert "Compared with" not in screen.text
        await screen.press("down")
        await screen.sees("Compared with A", "CAPF-5626bd55 → CAPF-a5b3a060")
        looks_as(screen, "lists-differ")

    look(shipped("lists-differ/phone.pcap"), act, size=size)


def test_any_list_can_be_the_one_that_others_are_compared_with() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("6")
        await screen.sees("2 lists", "ITLFile.tlv")
        await screen.press("end")
        await screen.sees("B ITLFile.tlv")
        await screen.press("b", "up")
        await screen.sees("Compared with B", "CAPF-a5b3a060 → CAPF-5626bd55")

    look(shipped("lists-differ/phone.pcap"), act)


def test_a_list_says_who_loaded_it_and_where_that_is_seen() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("6")
        await screen.sees("1 list", "Loaded by 1 phone", "from 10.122.138.102 by tftp", "phone:50")
        await screen.press("slash", *"nobody")
        await screen.sees("0 of 1 list")

    look(shipped("itl-mismatch/phone.pcap"), act, size=LARGE)


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
    async def act(screen: Screen) -> None:
        await screen.press("6")
        await screen.sees("1 list", said)

    look(shipped(capture), act)


def test_many_phones_that_load_one_list_are_one_row() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("6")
        await screen.sees("3 lists", "Loaded by 1 phone")
        await screen.press("down", "down")
        await screen.sees("Loaded by 58 phones", "CAPF-b6ad7bf8 → CAPF-57b44c13")

    look(shipped("burst/publisher.pcap.gz"), act, size=LARGE)


def test_where_nothing_was_loaded_there_is_no_list() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("6")
        await screen.sees("0 lists")
        await screen.press("enter", "b", "y")
        await screen.sees("0 lists")

    look(shipped("itl-not-found/phone.pcap"), act)
