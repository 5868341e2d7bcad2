"""Wireshark's view of single frames, as a user asks for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from capfpcap.tshark.run import trees
from capfpcap.tshark.secrets import Secrets
from capfpcap.tshark.wishes import Wishes
from tests.capture import builder
from tests.capture.builder import Packet

from .conftest import CAPTURES, Program


def test_a_frame_is_shown_as_tshark_shows_it(capfpcap: Program, failing: Path) -> None:
    text = capfpcap("frames", failing, "60").stdout.decode()
    shown = subprocess.run(
        ["tshark", "-n", "-2", "-r", failing, "-V", "-Y", "frame.number == 60"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    plain = [line.strip().strip("[]") for line in shown.splitlines()]
    lines = [line.strip() for line in text.splitlines() if line]
    same = [line for line in lines if line in plain]
    assert len(same) > 0.9 * len(lines)
    assert "    Block: 4" in text.splitlines()
    assert text.endswith("\n\n")


def test_ranges_and_lists_of_frames_are_shown_once_each(capfpcap: Program, failing: Path) -> None:
    text = capfpcap("frames", failing, "12-14,13", "60").stdout.decode()
    titles = [line.partition(":")[0] for line in text.splitlines() if line.startswith("Frame ")]
    assert titles == ["Frame 12", "Frame 13", "Frame 14", "Frame 60"]


def test_json_holds_the_same_lines(capfpcap: Program, failing: Path) -> None:
    text = capfpcap("frames", failing, "60").stdout.decode()
    told = json.loads(capfpcap("frames", failing, "60", "--format", "json").stdout)
    assert told["capture"] == str(failing)
    assert told["program"].startswith("tshark ")
    (frame,) = told["frames"]
    assert frame["frame"] == 60

    def lines(fields: list[dict[str, object]], depth: int) -> list[str]:
        found = []
        for field in fields:
            found.append("    " * depth + str(field["text"]))
            found += lines(field["fields"], depth + 1)  # type: ignore[arg-type]
        return found

    assert [*lines(frame["layers"], 0), ""] == text.splitlines()
    (tftp,) = [layer for layer in frame["layers"] if layer["name"] == "tftp"]
    block = next(field for field in tftp["fields"] if field["name"] == "tftp.block")
    assert (block["value"], block["bytes"], block["length"]) == ("4", "0004", 2)


HOSTILE = "\x1b[31mred\u202etxt.exe\x07[bold]"


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_packets_say_is_harmless(capfpcap: Program, tmp_path: Path, form: str) -> None:
    request = b"\0\1" + HOSTILE.encode() + b"\0octet\0"
    packet = builder.ethernet(builder.ipv4(builder.udp(request, 50000, 69), 17))
    path = tmp_path / "hostile.pcap"
    path.write_bytes(builder.pcap([Packet(packet)]))
    output = capfpcap("frames", path, "1", "--format", form, "--color", "never").stdout
    text = output.decode()
    assert "red" in text
    assert "[bold]" in text
    assert not [sign for sign in text if sign != "\n" and not sign.isprintable()]


def test_ascii_is_ascii(capfpcap: Program, failing: Path) -> None:
    assert capfpcap("frames", failing, "60", "--ascii").stdout.isascii()
    assert capfpcap("frames", failing, "60", env={"LC_ALL": "C"}).stdout.isascii()


def test_a_file_is_written_instead(capfpcap: Program, failing: Path, tmp_path: Path) -> None:
    target = tmp_path / "tree.txt"
    assert capfpcap("frames", failing, "60", "-o", target).stdout == b""
    assert target.read_text().startswith("Frame 60:")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["900"], "has no frame 900: its last one is frame 102"),
        (["x"], "x is no frame number; 12 or 12-15"),
        (["9-7"], "9-7 holds no frame; frames count from 1"),
        (["0"], "0 holds no frame; frames count from 1"),
        (["1-500"], "500 frames are too many; 200 are shown at a time"),
    ],
)
def test_frames_that_cannot_be_shown_are_told_in_a_sentence(
    capfpcap: Program, failing: Path, arguments: list[str], sentence: str
) -> None:
    result = capfpcap("frames", failing, *arguments)
    assert result.returncode == 3
    assert sentence in result.stderr.decode()
    assert result.stdout == b""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "No such file"), (b"", "is empty"), (b"no capture", "is not a capture file")],
)
def test_a_capture_that_cannot_be_read_is_told_in_a_sentence(
    capfpcap: Program, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / "bad.pcap").write_bytes(content)
    result = capfpcap("frames", "bad.pcap", "1")
    assert result.returncode == 3
    assert sentence in result.stderr.decode()
    assert len(result.stderr.splitlines()) == 1


def test_keys_show_messages_and_passwords_only_where_that_is_asked(capfpcap: Program) -> None:
    folder = CAPTURES / "decrypted" / "tls12-ecdhe-aes256-gcm"
    capture, log = folder / "publisher.pcap", folder / "keylog.txt"
    wishes = Wishes(capture, Secrets((log.read_bytes(),)), "capf.password")
    number = str(trees(wishes)[0].number)
    arguments = ("frames", capture, number, "--format", "json")
    assert b"capf.command" not in capfpcap(*arguments).stdout
    hidden = capfpcap(*arguments, "--keylog", log).stdout
    shown = capfpcap(*arguments, "--keylog", log, "--show-secrets").stdout
    password = b"482915"
    for output, expected in ((hidden, False), (shown, True)):
        assert b"capf.password" in output
        assert (password in output) is expected
        assert (password.hex().encode() in output) is expected


def test_a_stream_cannot_be_read_for_its_frames(capfpcap: Program) -> None:
    result = capfpcap("frames", "-", "1")
    assert result.returncode == 3
    assert b"standard input cannot be read a second time" in result.stderr


def test_without_tshark_a_sentence_says_how_to_get_it(
    capfpcap: Program, failing: Path, tmp_path: Path
) -> None:
    result = capfpcap("frames", failing, "1", env={"PATH": str(tmp_path)})
    assert result.returncode == 3
    assert b"tshark is not installed here; it comes with Wireshark" in result.stderr
    assert len(result.stderr.splitlines()) == 1
