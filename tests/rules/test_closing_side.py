"""Who closed a session first is who ended it, whatever the other side says behind that."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.vantage.records import CAPTURES, IP, TCP, Packet, joined, read

CAPF = 3804
ALERT = 21
"""Content type of a TLS alert (RFC 8446, section 5.1)."""


def without_servers_alert(packets: list[Packet]) -> list[Packet]:
    """The same session of a server that closes without a word: what is numbered behind moves up."""
    kept: list[Packet] = []
    gone, skipped = None, 0
    for one in packets:
        if one.protocol != TCP or CAPF not in one.ports:
            kept.append(one)
            continue
        from_server = one.ports[0] == CAPF
        if from_server and one.payload[:1] == bytes([ALERT]):
            gone, skipped = one.sequence, len(one.payload)
            continue
        at = IP + 24 if from_server else IP + 28
        (number,) = struct.unpack_from(">I", one.data, at)
        behind = gone is not None and number > gone
        kept.append(one.patched(at, struct.pack(">I", number - skipped)) if behind else one)
    assert gone is not None
    return kept


def test_a_server_that_closes_first_is_named_though_the_phone_says_goodbye(tmp_path: Path) -> None:
    packets = without_servers_alert(read(CAPTURES / "closed-mid-session" / "phone.pcap"))
    report = joined(tmp_path, packets).report
    (lost,) = (item for item in report.findings if item.code == "connection-lost")
    assert lost.title.startswith("The server closes the connection to CAPF")
    (evidence,) = lost.evidence
    assert evidence.note == "closed by the server"
