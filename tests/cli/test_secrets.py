"""Passwords in decrypted messages are hidden, unless somebody asks for them."""

from __future__ import annotations

import pytest

from .conftest import CAPTURES, Program

FOLDER = CAPTURES / "wrong-string"
GIVEN = ["--keylog", str(FOLDER / "keylog.txt"), str(FOLDER / "phone.pcap")]
PASSWORD = b"48291"
SHOWING = [
    ["check", "--format", "json"],
    ["check", "--format", "jsonl"],
    ["check"],
    ["timeline"],
    ["timeline", "--format", "json"],
    ["ladder"],
    ["ladder", "--format", "json"],
]


@pytest.mark.parametrize("command", SHOWING, ids=" ".join)
def test_a_password_is_hidden(capfpcap: Program, command: list[str]) -> None:
    shown = capfpcap(*command, *GIVEN)
    assert b"capf-authentication-rejected" in shown.stdout or b"AUTH_RESPONSE" in shown.stdout
    assert PASSWORD not in shown.stdout + shown.stderr


@pytest.mark.parametrize("command", [SHOWING[0], SHOWING[3]], ids=" ".join)
def test_it_is_shown_where_somebody_asks_for_it(capfpcap: Program, command: list[str]) -> None:
    assert PASSWORD in capfpcap(*command, "--show-secrets", *GIVEN).stdout
