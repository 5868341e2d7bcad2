"""The screen that takes one packet apart."""

from __future__ import annotations

import pytest

from tests.tui.looking import LARGE, SMALL, Screen, look, shipped
from tests.tui.snapshots import looks_as

MISMATCH = shipped("itl-mismatch/phone.pcap", "itl-mismatch/publisher.pcap")


async def open_the_mismatch(screen: Screen) -> None:
    """From the phone to its ladder, to the alert, to the certificate that it refuses."""
    await screen.sees("1 phone", "Do this")
    await screen.press("enter")
    await screen.sees("ITLFile.tlv: whole")
    await screen.press("n")
    await screen.sees("alert, fatal unknown_ca")
    await screen.press("enter")
    await screen.sees("phone frame 80: alert, fatal unknown_ca")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_alert_is_shown_with_its_bytes_lit(size: tuple[int, int]) -> None:
    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        looks_as(screen, "details-alert")
        await screen.press("down", "down", "down", "down", "down")
        await screen.sees("Frame 80: 73 bytes, 71 lit")
        await screen.press("down")
        await screen.sees("Frame 80: 73 bytes, 72 lit")

    look(MISMATCH, act, size=size)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_mismatch_is_shown_as_two_certificates_side_by_side(size: tuple[int, int]) -> None:
    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        await screen.press("p", "p")
        await screen.sees("phone frame 78", "another certificate, 10 fields differ")
        looks_as(screen, "details-mismatch")
        await screen.press("c")
        await screen.sees("Frame 78: 1,427 bytes")
        assert "another certificate" not in screen.text

    look(MISMATCH, act, size=size)


def test_branches_open_and_shut() -> None:
    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        await screen.press("up", "right")
        await screen.sees("▾ TCP", "Destination port  3804")
        await screen.press("left")
        await screen.sees("▸ TCP")
        assert "Destination port" not in screen.text
        await screen.press("enter", "down", "left")
        await screen.press("left")
        await screen.sees("▸ TCP")

    look(MISMATCH, act)


def test_a_click_on_a_byte_goes_to_its_field() -> None:
    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        lines = screen.lines
        row = next(number for number, line in enumerate(lines) if " 0000  " in f" {line.strip()}")
        await screen.pilot.click(offset=(lines[row].index("0000") + 6, row))
        await screen.sees("Destination  00:1b:54:aa:01:01", "0 to 5 lit")

    look(MISMATCH, act)


def test_the_same_packet_is_shown_at_the_other_point_and_the_next_one_here() -> None:
    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        await screen.press("v")
        await screen.sees("publisher frame 80: alert")
        await screen.press("v")
        await screen.sees("phone frame 80: alert")
        await screen.press("n")
        await screen.sees("phone frame 81: FIN")
        await screen.press("left_square_bracket")
        await screen.sees("alert, fatal unknown_ca", "words of the messages")

    look(MISMATCH, act)


def test_a_whole_trust_list_is_opened_field_by_field() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("6")
        await screen.sees("signature verified with the key of record 1")
        await screen.press("enter")
        await screen.sees("File ITLFile.tlv", "2/2 ITLFile.tlv: 10,822 bytes")
        await screen.press("asterisk")
        await screen.sees("VERSION (1)  1.2")

    look(MISMATCH, act)


def test_without_a_packet_the_screen_says_how_to_choose_one() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("5")
        await screen.sees("No packet is chosen: open one in the ladder")

    look(MISMATCH, act)


def test_a_packet_is_copied_with_all_its_fields() -> None:
    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        chosen = screen.app.selection
        assert chosen is not None
        assert chosen.what == "frame phone:80"
        assert chosen.display_filter == "frame.number == 80"
        assert "  Alert: Fatal unknown_ca\n" in chosen.text
        assert "another certificate" in chosen.text
        assert '"frame": 80' in chosen.json

    look(MISMATCH, act)


def test_bytes_are_laid_out_again_when_the_window_changes() -> None:
    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        await screen.pilot.resize_terminal(60, 20)
        await screen.sees("0008  ")
        await screen.pilot.resize_terminal(120, 36)
        await screen.sees("0010  ")
        assert "0008  " not in screen.text

    look(MISMATCH, act)


def test_the_message_that_was_opened_is_the_one_that_is_unfolded() -> None:
    async def act(screen: Screen) -> None:
        await screen.sees("1 phone", "Do this")
        await screen.press("enter")
        await screen.sees("ITLFile.tlv: whole")
        await screen.press("slash", *"serverhellodone", "down", "enter")
        await screen.sees(
            "▾ TLS record  handshake, ServerHelloDone", "▸ TLS record  handshake, Cert"
        )

    look(shipped("itl-mismatch/phone.pcap"), act, size=LARGE)
