"""The door to tshark: what comes through it, and what does not."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from capfpcap.tshark import by_pyshark as pyshark_way
from capfpcap.tshark import pdml, process, wishes
from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.program import find_tshark
from capfpcap.tshark.run import fields, trees
from capfpcap.tshark.secrets import Secrets
from capfpcap.tshark.wishes import Wishes, arguments

SCENARIO = Path(__file__).parents[2] / "captures" / "success-tls13"
CAPTURE = SCENARIO / "phone.pcap"
NO_SECRETS = Secrets()
KEYS = Secrets((SCENARIO.joinpath("keylog.txt").read_bytes(),))
TLS = "tls.record.version"
AS_TLS = (("tcp.port==3804", "tls"),)


def asked(display_filter: str, secrets: Secrets = NO_SECRETS) -> Wishes:
    return Wishes(CAPTURE, secrets, display_filter, AS_TLS)


SHOWN = ["-d", "tcp.port==3804,tls", "-Y", "tls", "-T", "fields", "-e", "frame.number"]


@pytest.fixture(scope="module")
def whole() -> list[int]:
    """The numbers of the frames in which tshark sees TLS, by a run of its own."""
    shown = subprocess.run(
        ["tshark", "-n", "-2", "-r", CAPTURE, *SHOWN],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [int(line) for line in shown.split()]


def test_trees_are_those_of_tshark_either_way(whole: list[int]) -> None:
    found = trees(asked("tls"), by_pyshark=False)
    assert [tree.number for tree in found] == whole
    assert all(tree.values("frame.number") == [str(tree.number)] for tree in found)
    assert found == trees(asked("tls"), by_pyshark=True)


def test_a_key_log_decrypts(by_pyshark: bool) -> None:
    finished = "tls.handshake.type == 20"
    assert trees(asked(finished, KEYS), by_pyshark=by_pyshark)
    assert not trees(asked(finished), by_pyshark=by_pyshark)


def test_fields_are_those_of_the_trees(whole: list[int]) -> None:
    names = ["frame.number", "ip.addr", TLS]
    rows = list(fields(asked("tls"), names))
    assert [int(number) for (number,), _, _ in rows] == whole
    for tree, row in zip(trees(asked("tls")), rows, strict=True):
        assert [tuple(tree.values(name)) for name in names] == row


def test_no_secret_is_on_the_command_line_or_in_a_repr() -> None:
    secrets = Secrets((b"CLIENT_RANDOM aa bb",), (b"-----BEGIN PRIVATE KEY-----",))
    wished = Wishes(CAPTURE, secrets)
    for text in (" ".join(arguments(wished, find_tshark())), repr(wished)):
        assert "CLIENT_RANDOM" not in text
        assert "BEGIN" not in text


def test_nothing_of_the_user_changes_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_pyshark: bool
) -> None:
    before = trees(asked("tls"), by_pyshark=by_pyshark)
    for folder in (tmp_path / ".config" / "wireshark", tmp_path / "own"):
        folder.mkdir(parents=True)
        (folder / "disabled_protos").write_text("tls\nhttp\n")
        (folder / "preferences").write_text("tcp.check_checksum: TRUE\n")
    plugins = tmp_path / ".local" / "lib" / "wireshark" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "theirs.lua").write_text("error('loaded')")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", str(tmp_path / "own"))
    assert before
    assert trees(asked("tls"), by_pyshark=by_pyshark) == before


LOADING = "error('in loading')"
DISSECTING = """
local broken = Proto("broken_plugin", "Broken plugin")
function broken.dissector() error("in dissecting") end
DissectorTable.get("udp.port"):add(69, broken)
"""


@pytest.mark.parametrize("text", [LOADING, DISSECTING], ids=["loading", "dissecting"])
def test_a_plugin_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_pyshark: bool, text: str
) -> None:
    (tmp_path / "broken.lua").write_text(text)
    monkeypatch.setattr(wishes, "plugin", lambda: tmp_path / "broken.lua")
    with pytest.raises(TsharkError, match=r"plugin of Wireshark failed.*broken\.lua.*: in "):
        trees(Wishes(CAPTURE), by_pyshark=by_pyshark)


def test_a_plugin_that_fails_is_told_for_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.lua").write_text(DISSECTING)
    monkeypatch.setattr(wishes, "plugin", lambda: tmp_path / "broken.lua")
    with pytest.raises(TsharkError, match="plugin of Wireshark failed"):
        list(fields(Wishes(CAPTURE), ["frame.number"]))


def test_what_it_cannot_read_is_told_in_its_words(tmp_path: Path, by_pyshark: bool) -> None:
    text = tmp_path / "text.pcap"
    text.write_text("no capture")
    with pytest.raises(TsharkError, match="tshark cannot read the frames: tshark: The file"):
        trees(Wishes(text), by_pyshark=by_pyshark)


def test_without_tshark_a_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TsharkError, match=r"tshark is not installed here.*apt install tshark"):
        trees(Wishes(CAPTURE))


def impostor(folder: Path, script: str, version: str = "4.0.17") -> None:
    """A tshark that tells its version, and otherwise runs the script."""
    program = folder / "tshark"
    told = f"[ $1 = --version ] && echo 'TShark (Wireshark) {version} (Git)' && exit"
    program.write_text(f"#!/bin/sh\n{told}\n{script}")
    program.chmod(0o755)


def test_a_tshark_that_is_too_old_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impostor(tmp_path, "exit 0", "2.6.20")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(TsharkError, match=r"is tshark 2\.6\.20; 3\.6 is the oldest"):
        find_tshark()


def test_root_is_somebody_else_to_a_tshark_that_runs_no_lua_for_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impostor(tmp_path, "id -u", "4.4.19")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    program = find_tshark()
    user = subprocess.check_output([*program.launcher, program.path])
    assert program.has_lua == (int(user) != 0)
    assert ("-X" in arguments(Wishes(CAPTURE), program)) == program.has_lua
    assert bool(program.launcher) == (program.has_lua and os.geteuid() == 0)


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tshark that never ends and has a child; the file will hold the numbers of both."""
    told = tmp_path / "processes"
    impostor(tmp_path, f"sleep 1000 &\necho $$ $! > {told}.part; mv {told}.part {told}; wait")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return told


def until_all_ended(told: Path) -> None:
    """Wait for those who told their numbers; who was ended before that told none."""
    end = time.monotonic() + PATIENCE_S
    for number in told.read_text().split() if told.exists() else ():
        while Path("/proc", number).exists() and "Z" not in _state(number):
            assert time.monotonic() < end, f"process {number} has not ended"
            time.sleep(0.01)


PATIENCE_S = 60.0


def _state(number: str) -> str:
    try:
        return Path("/proc", number, "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_what_takes_too_long_is_ended_with_its_children(
    endless: Path, monkeypatch: pytest.MonkeyPatch, by_pyshark: bool
) -> None:
    monkeypatch.setattr(process, "PATIENCE_S", 1.0)
    monkeypatch.setattr(pyshark_way, "PATIENCE_S", 1.0)
    with pytest.raises(TsharkError, match="takes more than"):
        trees(Wishes(CAPTURE), by_pyshark=by_pyshark)
    until_all_ended(endless)


def test_ctrl_c_ends_it_with_its_children(endless: Path, by_pyshark: bool) -> None:
    def strike() -> None:
        while not endless.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    striking = threading.Thread(target=strike)
    striking.start()
    with pytest.raises(KeyboardInterrupt):
        trees(Wishes(CAPTURE), by_pyshark=by_pyshark)
    striking.join()
    until_all_ended(endless)


def test_what_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch, by_pyshark: bool) -> None:
    monkeypatch.setattr(process, "MAX_OUTPUT", 100_000)
    monkeypatch.setattr(pyshark_way, "MAX_OUTPUT", 100_000)
    with pytest.raises(TsharkError, match="ask for fewer frames"):
        trees(Wishes(CAPTURE), by_pyshark=by_pyshark)


def test_a_frame_that_is_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch, by_pyshark: bool
) -> None:
    monkeypatch.setattr(pdml, "MAX_PACKET", 1000)
    with pytest.raises(TsharkError, match="tree of a frame is more than"):
        trees(Wishes(CAPTURE), by_pyshark=by_pyshark)


def test_it_runs_inside_another_event_loop(by_pyshark: bool) -> None:
    async def inside() -> int:
        return len(trees(asked("tls"), by_pyshark=by_pyshark))

    assert asyncio.run(inside()) > 0


def test_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_pyshark: bool
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    trees(asked("tls", KEYS), by_pyshark=by_pyshark)
    assert list(tmp_path.iterdir()) == []


def test_pyshark_is_loaded_only_where_it_drives() -> None:
    code = (
        "import sys; from pathlib import Path; from capfpcap.tshark.run import trees, Wishes; "
        f"trees(Wishes(Path({str(CAPTURE)!r}), display_filter='tls'), by_pyshark=False); "
        "print('pyshark' in sys.modules, 'asyncio' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False False\n"
