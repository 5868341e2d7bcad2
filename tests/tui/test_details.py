"""The screen that takes one packet apart."""

from __future__ import annotations

import pytest

from tests.tui.pilot import LARGE, SMALL, Driver, drive
from tests.tui.snapshots import looks_as

MISMATCH = ("itl-mismatch/phone.pcap", "itl-mismatch/publisher.pcap")


async def open_the_mismatch(driver: Driver) -> None:
    """From the phone to its ladder, to the alert, to the certificate that it refuses."""
    await driver.sees("1 phone", "Do this")
    await driver.press("enter")
    await driver.sees("ITLFile.tlv: whole")
    await driver.press("n")
    await driver.sees("alert, fatal unknown_ca")
    await driver.press("enter")
    await driver.sees("phone frame 80: alert, fatal unknown_ca")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_alert_is_shown_with_its_bytes_lit(size: tuple[int, int]) -> None:
    async def play(driver: Driver) -> None:
        await open_the_mismatch(driver)
        looks_as(driver, "details-alert")
        await driver.press("down", "down", "down", "down", "down")
        await driver.sees("Frame 80: 73 bytes, 71 lit")
        await driver.press("down")
        await driver.sees("Frame 80: 73 bytes, 72 lit")

    drive(play, *MISMATCH, size=size)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_mismatch_is_shown_as_two_certificates_side_by_side(size: tuple[int, int]) -> None:
    async def play(driver: Driver) -> None:
        await open_the_mismatch(driver)
        await driver.press("p", "p")
        await driver.sees("phone frame 78", "another certificate, 10 fields differ")
        looks_as(driver, "details-mismatch")
        await driver.press("c")
        await driver.sees("Frame 78: 1,427 bytes")
        assert "another certificate" not in driver.text

    drive(play, *MISMATCH, size=size)


def test_branches_open_and_shut() -> None:
    async def play(driver: Driver) -> None:
        await open_the_mismatch(driver)
        await driver.press("up", "right")
        await driver.sees("▾ TCP", "Destination port  3804")
        await driver.press("left")
        await driver.sees("▸ TCP")
        assert "Destination port" not in driver.text
        await driver.press("enter", "down", "left")
        await driver.press("left")
        await driver.sees("▸ TCP")

    drive(play, *MISMATCH)


def test_a_click_on_a_byte_goes_to_its_field() -> None:
    async def play(driver: Driver) -> None:
        await open_the_mismatch(driver)
        lines = driver.lines
        row = next(number for number, line in enumerate(lines) if " 0000  " in f" {line.strip()}")
        await driver.pilot.click(offset=(lines[row].index("0000") + 6, row))
        await driver.sees("Destination  00:1b:54:aa:01:01", "0 to 5 lit")

    drive(play, *MISMATCH)


def test_the_same_packet_is_shown_at_the_other_point_and_the_next_one_here() -> None:
    async def play(driver: Driver) -> None:
        await open_the_mismatch(driver)
        await driver.press("v")
        await driver.sees("publisher frame 80: alert")
        await driver.press("v")
        await driver.sees("phone frame 80: alert")
        await driver.press("n")
        await driver.sees("phone frame 81: FIN")
        await driver.press("left_square_bracket")
        await driver.sees("alert, fatal unknown_ca", "words of the messages")

    drive(play, *MISMATCH)


def test_a_whole_trust_list_is_opened_field_by_field() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("6")
        await driver.sees("signature verified with the key of record 1")
        await driver.press("enter")
        await driver.sees("File ITLFile.tlv", "2/2 ITLFile.tlv: 10,822 bytes")
        await driver.press("asterisk")
        await driver.sees("VERSION (1)  1.2")

    drive(play, *MISMATCH)


def test_without_a_packet_the_screen_says_how_to_choose_one() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("5")
        await driver.sees("No packet is chosen: open one in the ladder")

    drive(play, *MISMATCH)


def test_a_packet_is_copied_with_all_its_fields() -> None:
    async def play(driver: Driver) -> None:
        await open_the_mismatch(driver)
        chosen = driver.app.selection
        assert chosen is not None
        assert chosen.what == "frame phone:80"
        assert chosen.display_filter == "frame.number == 80"
        assert "  Alert: Fatal unknown_ca\n" in chosen.text
        assert "another certificate" in chosen.text
        assert '"frame": 80' in chosen.json

    drive(play, *MISMATCH)


def test_bytes_are_laid_out_again_when_the_window_changes() -> None:
    async def play(driver: Driver) -> None:
        await open_the_mismatch(driver)
        await driver.pilot.resize_terminal(60, 20)
        await driver.sees("0008  ")
        await driver.pilot.resize_terminal(120, 36)
        await driver.sees("0010  ")
        assert "0008  " not in driver.text

    drive(play, *MISMATCH)


def test_the_message_that_was_opened_is_the_one_that_is_unfolded() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("1 phone", "Do this")
        await driver.press("enter")
        await driver.sees("ITLFile.tlv: whole")
        await driver.press("slash", *"serverhellodone", "down", "enter")
        await driver.sees(
            "▾ TLS record  handshake, ServerHelloDone", "▸ TLS record  handshake, Cert"
        )

    drive(play, "itl-mismatch/phone.pcap", size=LARGE)
