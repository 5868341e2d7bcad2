"""What a report says of decrypted sessions: all of it proven, and as it really was."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from capf_dissectors.capf import Command
from capf_dissectors.tls.decryption import load_rsa_key

from capfpcap.analysis import CaptureInput, Options, analyze
from capfpcap.flows.keys import Keys, keys_from
from capfpcap.report import Capf, Certainty, Report
from tests.decrypted.plaintext import key_log_of, rsa_key_of
from tests.guess.truth import CAPTURES, RECORDINGS, SCENARIOS, TrueSession, capture_of, told

FOLDERS = [*RECORDINGS, *(folder for folder in SCENARIOS if told(folder))]
WITH_RSA_KEY = [path.parent for path in sorted(CAPTURES.rglob("server-key.pem"))]
PASSWORD = "482915"
every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@cache
def report_on(folder: Path) -> Report:
    return _report(folder, keys_from([("keylog.txt", key_log_of(folder))], []))


def _report(folder: Path, keys: Keys) -> Report:
    capture = CaptureInput((str(capture_of(folder)),))
    return analyze([capture], Options(secrets=keys)).report


def sessions(folder: Path) -> Iterator[tuple[TrueSession, Capf]]:
    """The truth of each CAPF session, and what the report says of it."""
    said = {f"{flow.client.address}:{flow.client.port}": flow for flow in report_on(folder).flows}
    for session in told(folder):
        if session.service == "capf":
            capf = said[session.client].capf
            assert capf is not None
            yield session, capf


@every_folder
def test_every_session_is_read_and_proven(folder: Path) -> None:
    for _, capf in sessions(folder):
        assert capf.decrypted
        assert capf.certainty is Certainty.PROVEN
        assert {message.certainty for message in capf.messages} == {Certainty.PROVEN}


@every_folder
def test_operation_outcome_key_and_authentication_are_the_true_ones(folder: Path) -> None:
    for session, capf in sessions(folder):
        assert (capf.operation, capf.outcome) == (session.operation, session.outcome)
        assert capf.key == session.made_key
        assert capf.device_name == session.phone
        if session.authentication:
            assert capf.authentication is session.way


@every_folder
def test_every_message_is_told_in_order(folder: Path) -> None:
    for session, capf in sessions(folder):
        said = [one.command for one in session.messages if one.command is not None]
        assert [Command[message.command] for message in capf.messages] == said
        senders = [one.sender for one in session.messages if one.command is not None]
        assert [message.sender for message in capf.messages] == senders


@every_folder
def test_the_certificate_that_was_issued_is_named_by_its_serial_number(folder: Path) -> None:
    for session, capf in sessions(folder):
        if session.issued:
            assert capf.issued is not None
            assert capf.issued.serial.lstrip("0") == session.issued[-1].lstrip("0")


@pytest.mark.parametrize("folder", WITH_RSA_KEY, ids=lambda folder: folder.name)
def test_the_servers_key_tells_the_same_as_the_key_log(folder: Path) -> None:
    report = _report(folder, keys_from([], [load_rsa_key(rsa_key_of(folder))]))
    read = [flow.capf for flow in report.flows if flow.capf is not None]
    assert read
    assert read == [flow.capf for flow in report_on(folder).flows if flow.capf is not None]


def test_no_authentication_string_stands_in_a_report() -> None:
    for folder in RECORDINGS:
        for _, capf in sessions(folder):
            assert PASSWORD not in str(capf)
