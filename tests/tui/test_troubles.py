"""Captures that cannot be read, analyses that are cancelled, captures that grow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from capf_tui.engine.wire import Cancelled, Progressed

from tests.tui.looking import Screen, captures_of, look

MISMATCH = captures_of("itl-mismatch")


def test_a_capture_that_cannot_be_read_says_why_and_the_others_stay_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(b"this is no capture at all")

    async def act(screen: Screen) -> None:
        assert "SEP0008301CE5D2" in screen.text
        await screen.press("enter")
        assert "alert, fatal unknown_ca" in screen.text
        await screen.press("7", "y")  # as a whole: on the screen a long path is wrapped
        assert f"{broken} is not a capture" in screen.app.clipboard

    look([*MISMATCH, broken], act, size=(120, 36))


def test_where_no_capture_can_be_read_there_is_a_sentence_and_every_key_works(
    tmp_path: Path,
) -> None:
    async def act(screen: Screen) -> None:
        assert "? UNKNOWN" in screen.lines[0]
        reason = "cannot be read: No such file or directory"
        assert "".join(reason.split()) in "".join(screen.text.split())
        for key in ("j", "enter", "2", "3", "4", "5", "6", "7", "1", "slash", "escape", "y", "w"):
            await screen.press(key)
        await screen.press("question_mark")
        assert "On this screen" in screen.text

    assert look([tmp_path / "none.pcap"], act) is None


def test_an_empty_capture_is_said_to_have_nothing_to_judge() -> None:
    async def act(screen: Screen) -> None:
        assert "? UNKNOWN" in screen.lines[0]
        assert "0 phones" in screen.text
        for key in "234567":
            await screen.press(key)
        await screen.press("3")
        assert "No phone and no flow is chosen" in screen.text

    look(captures_of("empty"), act)


def test_an_analysis_is_cancelled_and_the_application_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "slow.pcap"
    os.mkfifo(pipe)

    async def act(screen: Screen) -> None:
        with os.fdopen(os.open(pipe, os.O_RDWR), "wb", 0) as file:  # the rest never comes
            file.write(b"\xd4\xc3\xb2\xa1")
            await screen.until(lambda: "x Cancel" in screen.text)
            assert isinstance(screen.app.news, Progressed | None)
            assert "Reading" in screen.lines[0]
            await screen.pilot.press("j", "2", "1")
            assert screen.name == "phones"
            await screen.pilot.press("x")
            await screen.until(lambda: isinstance(screen.app.news, Cancelled))
        await screen.settle()
        assert "The analysis was cancelled" in screen.lines[0]
        assert "r Again" in screen.text
        pipe.unlink()
        pipe.write_bytes(MISMATCH[0].read_bytes())
        await screen.pilot.press("r")
        await screen.analysed()
        assert "SEP0008301CE5D2" in screen.text

    look([pipe], act, wait=False)


def test_captures_that_grow_are_shown_as_they_are(tmp_path: Path) -> None:
    growing = tmp_path / "phone.pcap"
    whole = MISMATCH[0].read_bytes()
    growing.write_bytes(whole[:2000])

    async def act(screen: Screen) -> None:
        assert "● following" in screen.lines[0]
        assert "itl-capf-mismatch" not in screen.text
        with growing.open("ab") as file:
            file.write(whole[2000:])
        await screen.generation(2)
        assert "✗ CRITICAL" in screen.lines[0]
        assert "itl-capf-mismatch" in screen.text

    look([growing], act, follow=True)


def test_the_cursor_stays_on_its_row_when_captures_have_grown(tmp_path: Path) -> None:
    growing = tmp_path / "publisher.pcap.gz"
    growing.write_bytes(captures_of("burst")[0].read_bytes())

    async def act(screen: Screen) -> None:
        await screen.press("pagedown", "j")
        name = screen.app.screen.present.name
        os.utime(growing)
        await screen.generation(2)
        assert screen.app.screen.present.name == name

    look([growing], act, follow=True)
