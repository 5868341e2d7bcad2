"""What the plugin takes, what it leaves to others, and what it is asked for by preferences."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from capf_dissectors.capf import Command, Tag
from capf_dissectors.capf.registries import ELEMENT_NAMES as CAPF_ELEMENTS

from capfpcap.tshark.folder import environment
from capfpcap.tshark.plugin import plugin
from capfpcap.tshark.program import find_tshark
from capfpcap.tshark.secrets import Secrets
from capfpcap.tshark.wishes import Wishes
from fuzz.plaintext import capf_message
from tests.capture.builder import Packet, ethernet, ipv4, pcap, tcp

from .shown import CAPTURES, rows_of, secrets_of, told

PROTOCOLS = "frame.protocols"
STRINGS = CAPTURES / "wrong-string"
PIECES = CAPTURES / "capf-in-pieces"
HELLO = bytes.fromhex("160301002d010000290303") + bytes(32) + bytes.fromhex("000002002f0100")
PORTS = (443, 3804, 2445, 5000)
CLEAR = (("tcp.port==13804", "capf"),)


@pytest.fixture(scope="module")
def hellos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TLS begun on each of the ports."""
    path = tmp_path_factory.mktemp("hellos") / "hellos.pcap"
    frames = [ethernet(ipv4(tcp(HELLO, 20000 + port, port))) for port in PORTS]
    path.write_bytes(pcap([Packet(frame) for frame in frames]))
    return path


def spoken(wishes: Wishes, *options: str) -> dict[int, str]:
    """What tshark takes for the protocol on each port."""
    lines = told(wishes, *options, "-T", "fields", "-e", PROTOCOLS).decode().splitlines()
    return dict(zip(PORTS, (line.split(":")[-1] for line in lines), strict=True))


def test_its_ports_become_tls_and_the_others_stay_what_they_were(hellos: Path) -> None:
    without = spoken(Wishes(hellos, with_plugin=False))
    assert without[443] == "tls" != without[3804]
    assert spoken(Wishes(hellos)) == {**without, 3804: "tls", 2445: "tls"}


def test_a_preference_moves_the_ports_and_gives_the_old_ones_back(hellos: Path) -> None:
    without = spoken(Wishes(hellos, with_plugin=False))
    moved = spoken(Wishes(hellos), "-o", "capf.ports:443,4990-5000", "-o", "tvs.ports:")
    assert moved == {**without, 5000: "tls"}


def test_messages_are_read_on_the_port_of_the_preference() -> None:
    wishes = Wishes(PIECES / "phone.pcap", secrets_of([PIECES]), "capf")
    assert told(wishes)
    assert not told(wishes, "-o", "capf.ports:3805")


def test_an_rsa_key_serves_as_well_as_a_key_log() -> None:
    key = Secrets(rsa_keys=((PIECES / "server-key.pem").read_bytes(),))
    names = ["frame.number", "capf.command"]
    by_key, by_log = (
        rows_of(Wishes(PIECES / "phone.pcap", secrets, "capf"), names)
        for secrets in (key, secrets_of([PIECES]))
    )
    assert by_key
    assert by_key == by_log


def test_one_pass_shows_what_two_show_but_for_answers_that_come_later() -> None:
    wishes = Wishes(PIECES / "phone.pcap", secrets_of([PIECES]), "capf")
    shown = [told(wishes, *more).decode() for more in ((), ("-O", "capf"))]
    assert "KEYGEN_REQUEST, session 1, 3072 bits, RSA" in shown[0]
    assert "; " not in shown[0]
    assert shown[1].count("[Response in: ") == shown[1].count("[Response to: ") > 2


def test_several_messages_of_a_frame_stand_in_a_row(tmp_path: Path) -> None:
    said = capf_message(Command.REQUEST_IN_PROGRESS) + capf_message(
        Command.KEYGEN_RESPONSE, (Tag.REASON, b"\2")
    )
    capture = tmp_path / "two.pcap"
    capture.write_bytes(pcap([Packet(ethernet(ipv4(tcp(said, destination=13804))))]))
    line = told(Wishes(capture, ports=CLEAR)).decode().rstrip()
    assert " CAPF " in line
    assert line.endswith(
        "REQUEST_IN_PROGRESS, session 1; KEYGEN_RESPONSE, session 1, reason 2 (unknown (2))"
    )


def test_authentication_strings_are_shown_only_where_it_is_wished() -> None:
    wishes = Wishes(STRINGS / "phone.pcap", secrets_of([STRINGS]), "capf.password")
    (given,) = re.findall(
        r"\((\d+) characters\)", told(wishes, "-O", "capf").decode()
    ) or pytest.fail("no authentication string")
    hidden = told(wishes, "-O", "capf", "-T", "text").decode()
    shown = told(wishes, "-O", "capf", "-o", "capf.show_passwords:TRUE").decode()
    assert "Authentication string: " + "*" * int(given) in hidden
    (string,) = set(re.findall(r"Authentication string: (\d+)", shown))
    assert len(string) == int(given)
    assert string not in hidden


def test_every_promised_name_is_a_field(tmp_path: Path) -> None:
    env = installed_in(tmp_path)
    listed = subprocess.run(
        [*find_tshark().launcher, "tshark", "-G", "fields"],
        env=env,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    fields = {line.split("\t")[2] for line in listed.splitlines() if line.startswith("F\t")}
    promised = {
        "capf": ["command", "session_id", "length", "response_in", "response_to", "response_time"],
        "capf.element": ["type", "length", "value"],
        "tvs": ["command", "session_id", "status", "role", "ttl", "device_name", "certificate"],
        "itl": ["version", "header_length", "signer"],
        "itl.record": ["length", "function", "subject", "issuer", "serial", "dns_name"],
    }
    promised["capf"] += CAPF_ELEMENTS.values()
    promised["itl.record"] += ["certificate", "certificate_hash"]
    names = {f"{group}.{name}" for group, names in promised.items() for name in names}
    assert not names - fields


def installed_in(folder: Path) -> dict[str, str]:
    """An environment with a home into which the command has put the plugin."""
    env = environment(folder)
    install = [sys.executable, "-m", "capfpcap", "wireshark", "install"]
    subprocess.run(install, env={**os.environ, **env}, check=True, capture_output=True)
    return env


@pytest.mark.parametrize(
    ("installed", "named"), [(True, False), (False, True), (True, True)], ids=str
)
def test_it_works_installed_named_and_both(tmp_path: Path, installed: bool, named: bool) -> None:
    env = installed_in(tmp_path) if installed else environment(tmp_path)
    told_of = ["-X", f"lua_script:{plugin()}"] if named else []
    command = [*find_tshark().launcher, "tshark", *told_of, "-Y", "capf"]
    command += ["-r", str(PIECES / "phone.pcap")]
    command += ["-o", f"tls.keylog_file:{PIECES / 'keylog.txt'}"]
    result = subprocess.run(command, env=env, capture_output=True, check=True, text=True)
    assert result.stdout.count(" CAPF ") == 8
    assert "Lua" not in result.stderr
