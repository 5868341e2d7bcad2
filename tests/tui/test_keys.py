"""What keys do, pressed on shipped captures."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from capf_tui.clock import Clock
from capf_tui.screens.ladder import LadderScreen

from tests.tui.looking import LARGE, Screen, captures_of, look

MISMATCH = captures_of("itl-mismatch")
PHONE = "SEP0008301CE5D2"


def test_it_opens_on_the_phones_with_the_cause_in_words() -> None:
    async def act(screen: Screen) -> None:
        assert screen.name == "phones"
        assert screen.lines[0].strip().startswith("✗ CRITICAL 1 of 1 phone failed")
        assert PHONE in screen.lines[4]
        assert "The certificate of CAPF is not the one in the phone's trust list" in screen.text
        assert "Do this: " in screen.text

    look(MISMATCH, act)


def test_a_row_of_a_narrow_screen_says_the_cause_and_how_healthy_phones_ended() -> None:
    async def act(screen: Screen) -> None:
        assert "The certificate of CAPF is not the one in the p" in screen.lines[4]
        assert any(line.split()[-1:] == ["succeeded"] for line in screen.lines)

    look(captures_of("burst"), act)


def test_lists_without_rows_say_why() -> None:
    async def act(screen: Screen) -> None:
        for key, words in (("1", "no phone"), ("2", "no flow"), ("6", "no trust list")):
            await screen.press(key)
            assert f"The captures show {words}" in screen.text
        await screen.press("4", "slash", "x", "y", "z")
        assert "No finding matches the filter" in screen.text

    look(captures_of("empty"), act)


def test_the_chain_says_how_far_the_phone_came() -> None:
    async def act(screen: Screen) -> None:
        assert "·✓✗-✓✗○-" in screen.lines[4]
        assert "trust list  itl-capf-mismatch" in screen.text

    look(MISMATCH, act, size=LARGE)


def test_enter_opens_the_ladder_at_what_failed() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("enter")
        assert screen.name == "ladder"
        assert "file, 10822 bytes" in screen.text
        assert "[itl-capf-mismatch]" in screen.text

    look(MISMATCH, act)


def test_the_ladder_of_another_phone_opens_at_its_own_failure_and_is_fetched_once() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("enter", "j", "j", "left_square_bracket", "j", "enter")
        ladder = screen.app.screen
        assert isinstance(ladder, LadderScreen)
        present = ladder.present
        assert present is not None
        assert present.message is not None
        assert present.message.findings
        shown = ladder.row_list.row
        await screen.press("k")
        assert ladder.row_list.row == shown - 1

    look(captures_of("burst"), act)


def test_a_digit_goes_to_a_screen_and_takes_the_phone_along() -> None:
    async def act(screen: Screen) -> None:
        for key, name in (("2", "flows"), ("3", "ladder"), ("4", "findings"), ("1", "phones")):
            await screen.press(key)
            assert screen.name == name
            assert screen.app.screen.place.phone == PHONE

    look(MISMATCH, act)


def test_back_and_forward_go_through_the_places_that_were_visited() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("4", "j", "enter")
        there = screen.app.screen.place
        assert (screen.name, there.frame) == ("ladder", 97)
        await screen.press("left_square_bracket")
        assert screen.name == "findings"
        await screen.press("left_square_bracket")
        assert screen.name == "phones"
        await screen.press("left_square_bracket")
        assert screen.name == "phones"
        await screen.press("right_square_bracket", "right_square_bracket")
        assert screen.app.screen.place == there

    look(MISMATCH, act)


def test_arrows_and_the_keys_of_vim_move_alike() -> None:
    async def act(screen: Screen) -> None:
        rows = screen.app.screen.row_list
        for keys, position in (
            (("down", "down"), 2),
            (("j",), 3),
            (("up",), 2),
            (("k", "k"), 0),
            (("G",), 59),
            (("g",), 0),
            (("end",), 59),
            (("home",), 0),
            (("pagedown",), 10),
            (("d",), 15),
            (("u",), 10),
            (("pageup",), 0),
            (("k",), 0),
        ):
            await screen.press(*keys)
            assert rows.cursor == position, keys

    look(captures_of("burst"), act)


def test_a_filter_leaves_what_has_all_of_its_words_while_it_is_typed() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("slash")
        await screen.type("refused")
        assert "1 of 60 phones" in screen.text
        await screen.type(" no such word")
        assert "0 of 60 phones" in screen.text
        await screen.press("escape")
        assert "60 phones" in screen.text
        assert screen.app.screen.row_list.has_focus

    look(captures_of("burst"), act)


def test_a_filter_finds_names_addresses_and_codes() -> None:
    async def act(screen: Screen) -> None:
        for words, shown in (("SEP2CF89B5A1003", 1), ("10.21.0.", 5), ("itl-capf-mismatch", 1)):
            await screen.press("slash")
            await screen.type(words)
            assert f"{shown} of 60 phones" in screen.text
            await screen.press("escape")

    look(captures_of("burst"), act)


def test_lists_are_sorted_by_one_column_after_the_other_and_turned_round() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("s")
        assert screen.lines[3].split()[0] == "Phone▲"
        names = [line.split()[1] for line in screen.lines[4:10]]
        assert names == sorted(names)
        await screen.press("S")
        assert screen.lines[3].split()[0] == "Phone▼"
        names = [line.split()[1] for line in screen.lines[4:10]]
        assert names == sorted(names, reverse=True)

    look(captures_of("burst"), act)


def test_times_are_shown_in_utc_locally_since_the_first_packet_and_as_deltas() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("enter", "home")
        assert "Time UTC" in screen.text
        assert "14:24:52.856" in screen.text
        await screen.press("t")
        assert "Time CET" in screen.text
        assert "15:24:52.856" in screen.text
        await screen.press("t")
        assert "Time, s" in screen.text
        assert "+0.0" in screen.text
        await screen.press("t")
        assert "Delta, s" in screen.text

    look(MISMATCH, act, clock=Clock(zone=ZoneInfo("Europe/Berlin")))


def test_next_goes_from_one_message_that_proves_a_finding_to_the_other() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("enter")
        first = screen.app.screen.place.frame
        await screen.press("n")
        second = screen.app.screen.place.frame
        assert (first, second) == (50, 80)
        await screen.press("N")
        assert screen.app.screen.place.frame == first

    look(MISMATCH, act)


def test_the_same_packet_is_looked_at_where_the_other_capture_shows_it() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("enter", "home")
        assert screen.app.screen.place.capture == "phone"
        await screen.press("v")
        assert screen.app.screen.place.capture == "publisher"
        assert "▸ publisher:3" in screen.text
        assert "later" in screen.text

    look(MISMATCH, act)


def test_a_frame_is_found_by_its_number_and_by_its_capture() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("f")
        await screen.type("publisher:97")
        await screen.press("enter")
        place = screen.app.screen.place
        assert (screen.name, place.capture, place.frame) == ("ladder", "publisher", 97)
        await screen.press("f")
        await screen.type("80")
        await screen.press("enter")
        assert (screen.app.screen.place.capture, screen.app.screen.place.frame) == ("phone", 80)

    look(MISMATCH, act)


def test_what_is_no_frame_is_refused_with_a_sentence() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("f")
        await screen.type("nowhere:1")
        await screen.press("enter")
        assert "A frame is publisher:80 or 80" in screen.text
        await screen.press("escape", "f")
        await screen.type("99999")
        await screen.press("enter")
        assert "frame 99999 of phone is part of no flow" in screen.text

    look(MISMATCH, act)


def test_help_names_every_key_that_does_something() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("question_mark")
        shown = screen.text
        for _ in range(30):
            await screen.press("pagedown")
            shown += screen.text
        for words in ("Type words to filter by", "Quit; the exit", "Half a page down", "injected"):
            assert words in shown
        await screen.press("escape")
        assert screen.app.screen.NAME == "phones"

    look(MISMATCH, act)


def test_the_menu_does_by_name_what_keys_do() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("colon")
        await screen.type("ladder of the phone")
        await screen.until(lambda: "The ladder of the phone" in screen.text)
        await screen.press("enter")
        await screen.until(lambda: screen.name == "ladder")

    look(MISMATCH, act)


def test_quitting_returns_the_verdict() -> None:
    async def act(screen: Screen) -> None:
        await screen.pilot.press("q")

    verdict = look(MISMATCH, act)
    assert verdict.severity.value == "critical"
