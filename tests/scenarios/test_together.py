"""Every phone keeps its own account in a capture that holds the phones of all scenarios.

One scenario follows the other after ten minutes, at the same servers: what these did to one phone,
which lists they served and which certificates they showed is no evidence about another.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capfpcap.report import Report, Severity
from tests.rules.records import CAPTURES, FILE_HEADER, moved, records_of, report_on, seconds

LITTLE_ENDIAN = bytes.fromhex("d4c3b2a1")
ETHERNET = struct.pack("<I", 1)
PAUSE = 600
"""Seconds."""
CAPF_IS_HERE = "other phones show that CAPF answers here: a connection would have been seen"
DIFFERENT = {
    "phone": {
        "alarm-names-other-list": "the capture goes on here, and no connection follows",
        "capture-ends-early": "the capture goes on here, and the SYN stays unanswered",
        "ipv6-falls-back": "another phone has its IPv4 address before: no MAC address is its alone",
        "lists-differ": "the publisher serves other lists later: its list is no longer the better",
    },
    "publisher": {
        "alarm-names-other-list": "the capture goes on here, and no connection follows",
        "capture-ends-early": "the capture goes on here, and no connection follows",
        **dict.fromkeys(
            (
                "dns-no-address",
                "dns-nxdomain",
                "dns-refused",
                "dns-silent",
                "dns-truncated",
                "name-resolved-then-not",
            ),
            CAPF_IS_HERE,
        ),
        "name-leads-to-subscriber": CAPF_IS_HERE,
        "tvs-says-no": CAPF_IS_HERE,
        "success-ipv6": "other phones' IPv6 addresses stand behind the router's MAC address too",
    },
}
"""Scenarios of which the phone's account may be another one, and why."""

Account = tuple[str, str | None, int, tuple[str, ...]]


def accounts(report: Report) -> dict[str, Account]:
    """Outcome, root cause, attempts and the codes of all faults, by phone."""
    return {
        phone.name: (
            phone.outcome.value,
            phone.root_cause,
            phone.attempts,
            tuple(
                finding.code
                for finding in report.findings
                if finding.phone == phone.name and finding.severity is not Severity.INFO
            ),
        )
        for phone in report.phones
    }


def plain_captures(stem: str) -> list[Path]:
    """The captures of one vantage point that can be written one behind the other."""
    return [
        path
        for path in sorted(CAPTURES.glob(f"*/{stem}.pcap"))
        if path.read_bytes()[:4] == LITTLE_ENDIAN
        and path.read_bytes()[20:FILE_HEADER] == ETHERNET
        and path.stat().st_size > FILE_HEADER
        and path.parent.name != "cut-short"
    ]


@pytest.mark.parametrize("stem", ["phone", "publisher"])
def test_each_phone_is_judged_by_its_own_packets(stem: str, tmp_path: Path) -> None:
    alone: dict[str, tuple[str, Account]] = {}
    together: list[bytes] = []
    header, start = b"", 0
    for path in plain_captures(stem):
        header, records = records_of(path)
        start = start or seconds(records[0])
        records = [moved(record, start - seconds(records[0])) for record in records]
        for name, account in accounts(report_on(tmp_path / "alone.pcap", header, records)).items():
            assert name not in alone
            alone[name] = path.parent.name, account
        together += records
        start = max(map(seconds, records)) + PAUSE
    assert len(alone) > 100
    found = accounts(report_on(tmp_path / "together.pcap", header, together))
    for name, (scenario, account) in alone.items():
        if scenario not in DIFFERENT[stem]:
            assert found[name] == account, scenario
