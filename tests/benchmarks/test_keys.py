"""The capture with keys: every session in it can be read, by us and by tshark."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.contenders import key_log_of
from benchmarks.with_keys import FLAVOURS, PACKETS_A_PHONE, write_with_keys
from capfpcap.analysis import CaptureInput, Options, analyze
from capfpcap.flows.keys import keys_from
from capfpcap.report import Outcome
from tests.benchmarks.small import SEED
from tests.benchmarks.tshark import count

PHONES = len(FLAVOURS)
MESSAGES = 8


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.pcap"
    assert write_with_keys(path, PHONES * PACKETS_A_PHONE, SEED) == PHONES * PACKETS_A_PHONE
    return path


def test_it_has_the_packets_asked_for(capture: Path) -> None:
    assert count(capture, "frame") == PHONES * PACKETS_A_PHONE


def test_tshark_reads_every_message(capture: Path) -> None:
    read = count(capture, "tcp.port==3804 && data", key_log=key_log_of(capture))
    assert read == PHONES * MESSAGES


def test_every_session_is_read(capture: Path) -> None:
    log = key_log_of(capture)
    keys = keys_from([(str(log), log.read_bytes())], [])
    report = analyze([CaptureInput((str(capture),))], Options(secrets=keys)).report
    assert {phone.outcome for phone in report.phones} == {Outcome.SUCCEEDED}
    sessions = [flow.capf for flow in report.flows if flow.capf is not None]
    assert len(sessions) == PHONES
    assert {len(session.messages) for session in sessions} == {MESSAGES}
