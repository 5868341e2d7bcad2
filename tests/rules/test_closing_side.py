"""Who closed a session first is who ended it, whatever the other side says behind that."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.vantage.records import CAPTURES, IP, MILLISECOND, TCP, Packet, joined, read

CAPF = 3804
ALERT, APPLICATION_DATA = 21, 23
"""Content types of TLS (RFC 8446, section 5.1)."""
FIN = 0x01


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


def closed_before_the_key(packets: list[Packet]) -> list[Packet]:
    """The same session of a server that closes while the phone generates its key."""
    sessions = [one for one in packets if one.protocol == TCP and CAPF in one.ports]
    key = [one for one in sessions if one.payload[:1] == bytes([APPLICATION_DATA])][-1]
    fin = next(one for one in sessions if one.ports == key.ports[::-1] and one.flags & FIN)
    (acknowledged,) = struct.unpack_from(">I", key.data, IP + 28)
    closing = fin.patched(IP + 24, struct.pack(">II", acknowledged, key.sequence))
    closing = closing.later(key.time - MILLISECOND - fin.time)
    late = key.patched(IP + 28, struct.pack(">I", acknowledged + 1))
    before = [one for one in packets if one.time < key.time]
    return [*before, closing, late]


def test_what_a_phone_sends_to_a_closed_server_was_not_received(tmp_path: Path) -> None:
    packets = closed_before_the_key(read(CAPTURES / "closed-mid-session" / "phone.pcap"))
    report = joined(tmp_path, packets).report
    (aborted,) = (item for item in report.findings if item.code == "capf-session-aborted")
    assert "KEYGEN_RESPONSE did not come" in aborted.detail
