"""Wireshark's tree beside our own fields."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from capf_tui.asking.wireshark import TreeAnswer, WiresharkTree

from capfpcap.analysis import Options
from capfpcap.flows.keys import keys_from
from capfpcap.tshark.run import trees
from capfpcap.tshark.secrets import Secrets
from capfpcap.tshark.wishes import Wishes
from tests.capture import builder
from tests.capture.builder import Packet
from tests.tui.looking import CAPTURES, LARGE, SMALL, Screen, look
from tests.tui.test_details import MISMATCH, open_the_mismatch


async def to_the_alert(screen: Screen) -> None:
    """From the phone to its ladder, to the alert in it."""
    await screen.sees("1 phone", "Do this")
    await screen.press("enter")
    await screen.sees("ITLFile.tlv: whole")
    await screen.press("n")
    await screen.sees("alert, fatal unknown_ca")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_arrow_of_the_ladder_is_shown_as_wireshark_dissects_it(size: tuple[int, int]) -> None:
    async def act(screen: Screen) -> None:
        await to_the_alert(screen)
        await screen.press("W")
        await screen.sees("phone frame 80: alert", "tshark ", ", frame 80", "Level: Fatal")
        await screen.press("end", "up")
        await screen.sees("Description  Unknown CA (48)")

    look(MISMATCH, act, size=size)


def test_the_tree_comes_and_goes_and_follows_to_the_next_packet() -> None:
    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        assert "tshark" not in screen.text
        await screen.press("W")
        await screen.sees("Frame 80  73 bytes on wire", "Alert (Level: Fatal")
        await screen.press("n")
        await screen.sees("phone frame 81: FIN", ", frame 81", "Frame 81  66 bytes on wire")
        await screen.press("left_square_bracket")
        await screen.sees("words of the messages")
        await screen.press("right_square_bracket")
        await screen.sees(", frame 81")
        await screen.press("W")
        await screen.sees("Frame 81: 66 bytes")
        assert "tshark" not in screen.text

    look(MISMATCH, act, size=LARGE)


def test_without_tshark_a_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        await screen.press("W")
        await screen.sees("! tshark is not installed here; it comes with Wireshark")

    look(MISMATCH, act)


def test_while_tshark_works_everything_else_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, impostor = tmp_path / "begun", tmp_path / "tshark"
    version = "[ $1 = --version ] && echo 'TShark (Wireshark) 4.0.17' && exit"
    forever = "while kill -0 $PPID; do sleep 0.1; done"
    impostor.write_text(f"#!/bin/sh\n{version}\ntouch {told}\n{forever}\n")
    impostor.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    async def act(screen: Screen) -> None:
        await open_the_mismatch(screen)
        await screen.pilot.press("W")
        await screen.until(told.exists)
        await screen.sees("tshark is asked for this packet")
        await screen.pilot.press("6")
        await screen.sees("signature verified with the key of record 1")
        await screen.pilot.press("2")
        await screen.sees("3804")

    look(MISMATCH, act)


HOSTILE = "\x1b[31mred\u202etxt.exe[bold]"


def test_what_packets_say_is_harmless_in_the_tree(tmp_path: Path) -> None:
    request = b"\0\1" + HOSTILE.encode() + b"\0octet\0"
    packet = builder.ethernet(builder.ipv4(builder.udp(request, 50000, 69), 17))
    path = tmp_path / "hostile.pcap"
    path.write_bytes(builder.pcap([Packet(packet)]))

    async def act(screen: Screen) -> None:
        answer = screen.app.link.ask(WiresharkTree(screen.app.overview.captures[0].id, 1))
        assert isinstance(answer, TreeAnswer)
        said = [node.name + node.value for field in answer.fields for node in field.walk()]
        assert any("[bold]" in text for text in said)
        assert all(text.isprintable() for text in said)

    look([path], act)


def test_with_keys_the_tree_holds_the_messages() -> None:
    path = CAPTURES / "capf-in-pieces" / "phone.pcap"
    log = path.with_name("keylog.txt").read_bytes()
    first = trees(Wishes(path, Secrets((log,)), "capf"))[0]
    (command,) = first.find("capf.command")
    keys = keys_from([("log", log)], [])

    async def act(screen: Screen) -> None:
        answer = screen.app.link.ask(WiresharkTree("phone", first.number))
        told = [(node.name, node.value) for field in answer.fields for node in field.walk()]
        assert tuple(command.text.split(": ")) in told

    look([path], act, options=Options(secrets=keys))
