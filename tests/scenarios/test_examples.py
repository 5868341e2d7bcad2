"""Captures recorded with servers and a client that are not ours, where they lie beside us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from capfpcap.analysis import CaptureInput, Options, analyze
from capfpcap.flows.keys import keys_from
from capfpcap.report import (
    CapfOutcome,
    Certainty,
    Operation,
    Outcome,
    Report,
    VerdictSeverity,
)

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "captures" / "examples"
PRESENT = sorted(EXAMPLES.glob("*/expected.json"))
GIVEN = (("phone",), ("publisher",), ("phone", "publisher"))
CASES = [(path.parent, stems) for path in PRESENT for stems in GIVEN]


NAMES = {
    "KEY_GENERATE_REQUEST": "KEYGEN_REQUEST",
    "KEY_GENERATE_RESPONSE": "KEYGEN_RESPONSE",
    "STORE_CERTIFICATE_REQUEST": "STORE_CERT_REQUEST",
    "STORE_CERTIFICATE_RESPONSE": "STORE_CERT_RESPONSE",
}
"""The authors' names of messages that we name otherwise."""


def report_on(folder: Path, stems: tuple[str, ...], *, with_keys: bool = False) -> Report:
    captures = [CaptureInput((str(folder / f"{stem}.pcap"),)) for stem in stems]
    log = (folder / "keylog.txt").read_bytes() if with_keys else b""
    secrets = keys_from([("keylog.txt", log)], []) if with_keys else None
    return analyze(captures, Options(secrets=secrets)).report


def told(folder: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return expected


def test_the_examples_are_judged_as_their_authors_say() -> None:
    for folder, stems in CASES:
        expected, report = told(folder), report_on(folder, stems)
        (phone,) = report.phones
        assert phone.name == expected["device_name"]
        assert report.verdict.severity.value == expected["severity"], (folder, stems)
        healthy = report.verdict.severity is VerdictSeverity.OK
        assert phone.outcome is (Outcome.SUCCEEDED if healthy else Outcome.FAILED)


def test_the_certificates_of_server_and_trust_list_are_those_recorded() -> None:
    for folder, stems in CASES:
        expected, report = told(folder), report_on(folder, stems)
        trust_list = report.phones[0].trust_list
        assert trust_list is not None
        assert trust_list.capf_certificate is not None
        assert trust_list.capf_certificate.sha256 == expected["itl_capf_certificate"]["sha256"]
        presented = {
            flow.tls.server_certificate.sha256
            for flow in report.flows
            if flow.service == "capf" and flow.tls is not None and flow.tls.server_certificate
        }
        assert presented <= {expected["server_certificate"]["sha256"]}


@pytest.mark.parametrize("stem", ["phone", "publisher"])
def test_the_frames_of_the_alerts_are_named(stem: str) -> None:
    for folder in {folder for folder, _ in CASES}:
        observed = told(folder).get(f"observed_{stem}", {"alerts": []})
        alerts = observed["alerts"]
        found = [
            frame
            for flow in report_on(folder, (stem,)).flows
            if flow.tls is not None
            for alert in flow.tls.alerts
            for frame in alert.frames.values()
        ]
        assert found == [frame for frame, *_ in alerts]


def test_with_its_key_log_a_session_is_what_its_author_says() -> None:
    for folder, stems in CASES:
        if not (folder / "keylog.txt").exists():
            continue
        expected = told(folder)
        report = report_on(folder, stems, with_keys=True)
        (capf,) = [flow.capf for flow in report.flows if flow.capf is not None]
        assert (capf.operation, capf.outcome) == (Operation.INSTALL, CapfOutcome.COMPLETE)
        assert (capf.decrypted, capf.certainty) == (True, Certainty.PROVEN)
        assert capf.device_name == expected["device_name"]
        assert capf.key == f"RSA {expected['key_size']}"
        assert capf.issued is not None
        assert capf.issued.serial == expected["lsc"]["serial_hex"]
        assert capf.issued.sha256 == expected["lsc"]["sha256"]
        said = [line.split() for line in expected["capf_messages"]]
        senders = {"publisher": "server", "phone": "phone"}
        assert [(message.sender, message.command) for message in capf.messages] == [
            (senders[side], NAMES.get(command, command)) for side, command, *_ in said
        ]
