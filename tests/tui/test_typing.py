"""Keys that come all at once mean what they mean one by one."""

from __future__ import annotations

import asyncio

from capf_tui.typing_app import PATIENCE_S
from capf_tui.widgets.filter_bar import FilterInput
from capf_tui.widgets.row_list import RowList
from textual.events import Key, Paste

from tests.tui.looking import Screen, captures_of, look

MISMATCH = captures_of("itl-mismatch")


def typed_at_once(screen: Screen, *keys: str) -> None:
    """Type as a pasted line or a script does: the last key comes while the first is on its way."""
    for key in keys:
        screen.app.post_message(Key(key, key if len(key) == 1 else None))


def test_what_follows_the_filter_key_is_the_filter_pasted_or_typed() -> None:
    async def act(screen: Screen) -> None:
        typed_at_once(screen, "slash", *"no")
        screen.app.post_message(Paste("body"))
        typed_at_once(screen, *"31q")
        await screen.sees("/ nobody31q", "0 of 1 phone")

    look(MISMATCH, act)


def test_a_screen_that_is_still_made_takes_the_keys_behind_its_own() -> None:
    async def act(screen: Screen) -> None:
        typed_at_once(screen, "3", "slash", *"ServerHello", "enter", "4", "slash", *"nothing")
        await screen.sees("0 of 2 findings")
        assert screen.name == "findings"
        await screen.press("enter", "3")
        assert "/ ServerHello" in screen.text

    look(MISMATCH, act)


def test_keys_go_to_the_first_list_of_a_screen_at_once() -> None:
    async def act(screen: Screen) -> None:
        typed_at_once(screen, "7", "tab", *"SEP0")  # behind the captures comes the filter of phones
        await screen.sees("/ SEP0", "1 phone")

    look(MISMATCH, act)


def test_a_packet_is_opened_where_the_cursor_went_and_all_steps_from_it_are_taken() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("3")
        typed_at_once(screen, "n", "enter", "p", "p", "p", "n")
        await screen.sees("phone frame 78", "10 fields differ")
        typed_at_once(screen, *"pppppppppppp")
        await screen.sees("phone frame 73: SYN")
        typed_at_once(screen, "n")
        await screen.sees("phone frame 74: SYN-ACK")

    look(MISMATCH, act)


def test_keys_are_kept_until_there_is_a_screen() -> None:
    async def act(screen: Screen) -> None:
        typed_at_once(screen, "4", "slash", *"refuses")
        await screen.analysed()
        await screen.sees("1 of 2 findings")

    look(MISMATCH, act, wait=False)


def test_a_part_that_does_not_come_back_takes_the_keyboard_from_no_other() -> None:
    async def act(screen: Screen) -> None:
        come_back = asyncio.Event()
        screen.one(RowList).call_later(come_back.wait)
        typed_at_once(screen, "a")
        screen.one(FilterInput).focus()
        await asyncio.sleep(1.1 * PATIENCE_S)
        try:
            assert "/ a" not in screen.text
            typed_at_once(screen, "b")
            await screen.sees("/ ab")
        finally:
            come_back.set()

    look(MISMATCH, act)
