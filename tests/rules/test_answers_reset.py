"""SYN, SYN-ACK, RST: a phone whose answers go astray, and who only looks whether a port is open."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capfpcap.report import Certainty, Finding, Outcome
from capfpcap.vantage.role import Role
from tests.capture.builder import ethernet, ipv4, tcp
from tests.rules.made import faults
from tests.vantage.records import CAPTURES, IP, SECOND, SYN, TCP, Packet, joined, read

CAPF = 3804
SYN_ACK, RST = 0x12, 0x04
STRANGER = bytes([10, 20, 99, 99])


def attempts() -> list[Packet]:
    """A phone's SYNs, each answered by SYN-ACK, and that by RST, with the TTLs of their senders."""
    packets = read(CAPTURES / "syn-filtered" / "phone.pcap")
    kept = []
    ttl_of_server = next(
        one.data[IP + 8] for one in packets if one.is_ip and one.ports[0] not in (CAPF, 53)
    )
    for one in packets:
        kept.append(one)
        if one.protocol == TCP and one.ports[1] == CAPF and one.flags == SYN:
            kept += answered(one, ttl_of_server)
    return kept


def answered(syn: Packet, ttl: int) -> list[Packet]:
    client, server = (".".join(map(str, syn.data[at : at + 4])) for at in (IP + 12, IP + 16))
    port = syn.ports[0]
    answer = ethernet(ipv4(tcp(source=CAPF, destination=port, flags=SYN_ACK), 6, server, client))
    reset = ethernet(
        ipv4(tcp(source=port, destination=CAPF, flags=RST), 6, client, server, ttl=syn.data[IP + 8])
    )
    numbers = struct.pack(">I", syn.sequence + 1 & 0xFFFFFFFF)
    return [
        Packet(syn.time + 1000, answer, len(answer)).patched(IP + 28, numbers),
        Packet(syn.time + 2000, reset, len(reset)).patched(IP + 24, numbers),
    ]


def found(tmp_path: Path, packets: list[Packet], role: Role) -> tuple[Outcome, list[Finding]]:
    report = joined(tmp_path, packets, roles=(role,)).report
    (phone,) = report.phones
    return phone.outcome, faults(report)


@pytest.mark.parametrize(
    ("role", "certainty"),
    [(Role.PHONE, Certainty.PROVEN), (Role.PUBLISHER, Certainty.LIKELY)],
)
def test_a_phone_that_resets_each_answer_fails(
    tmp_path: Path, role: Role, certainty: Certainty
) -> None:
    outcome, (reset,) = found(tmp_path, attempts(), role)
    assert outcome is Outcome.FAILED
    assert (reset.code, reset.certainty) == ("connection-reset", certainty)
    assert "before it opens" in reset.title


def test_who_only_opens_half_again_and_again_is_no_phone(tmp_path: Path) -> None:
    packets = read(CAPTURES / "success-by-address" / "phone.pcap")
    first = next(one for one in packets if one.protocol == TCP and one.ports[1] == CAPF)
    probes = []
    for number in range(4):
        syn = first.patched(IP + 12, STRANGER).patched(IP + 20, struct.pack(">H", 41000 + number))
        syn = syn.later(number * SECOND // 4)
        probes += [syn, *answered(syn, 64)]
    report = joined(tmp_path, [*packets, *probes]).report
    assert [phone.outcome for phone in report.phones] == [Outcome.SUCCEEDED]
    assert not faults(report)
