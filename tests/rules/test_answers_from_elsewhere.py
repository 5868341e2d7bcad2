"""SYN-ACKs from an address that the phone did not ask, as behind a load balancer."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.vantage.role import Role
from tests.rules.made import faults
from tests.rules.test_answers_reset import CAPF, attempts
from tests.vantage.records import CAPTURES, IP, TCP, Packet, joined, read

OTHER = bytes([10, 20, 77, 78])


def balanced() -> list[Packet]:
    """The phone's SYNs, answered by SYN-ACK from another host, which the phone resets."""
    changed = []
    for one in attempts():
        if one.protocol == TCP and one.ports[0] == CAPF:
            changed.append(one.patched(IP + 12, OTHER))
        elif one.protocol == TCP and one.ports[1] == CAPF and one.flags & 4:
            changed.append(one.patched(IP + 16, OTHER))
        else:
            changed.append(one)
    return changed


@pytest.mark.parametrize("role", [Role.PHONE, Role.PUBLISHER])
def test_the_address_that_answers_is_named(role: Role, tmp_path: Path) -> None:
    (finding,) = faults(joined(tmp_path, balanced(), roles=(role,)).report)
    assert finding.code == "connection-no-answer"
    assert "come from 10.20.77.78, and the phone drops them" in finding.title


def test_silence_is_told_as_silence(tmp_path: Path) -> None:
    (finding,) = faults(joined(tmp_path, read(CAPTURES / "syn-filtered" / "phone.pcap")).report)
    assert finding.code == "connection-no-answer"
    assert finding.title.endswith("does not answer")
