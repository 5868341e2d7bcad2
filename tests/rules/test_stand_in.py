"""What answers in a server's place is not taken for the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import Analysis
from capfpcap.compose.reach import build_reach
from capfpcap.report import Certainty, Finding
from tests.vantage.records import ACK, IP, SECOND, SYN, TCP, Packet, joined, pair

CAPF = 3804
WINDOW = IP + 34


def of_capf(packet: Packet) -> bool:
    return packet.protocol == TCP and CAPF in packet.ports


def something_else(time: int) -> Packet:
    """A frame by which a capture is known to be running still."""
    return Packet(time, bytes(12) + b"\x08\x06" + bytes(28), 42)


def without_capf(packets: list[Packet]) -> list[Packet]:
    """A capture beside a server that connections to CAPF do not reach."""
    others = [one for one in packets if not of_capf(one)]
    return [*others, something_else(packets[-1].time)]


def of_code(analysis: Analysis, code: str) -> Finding:
    (found,) = [one for one in analysis.report.findings if one.code == code]
    return found


def reach(analysis: Analysis) -> str:
    return build_reach(analysis.scene, []).verdict.severity.value


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("frozen-server", "server-silent"),
        ("reset-mid-session", "connection-reset"),
        ("closed-in-handshake", "tls-handshake-incomplete"),
    ],
)
def test_a_connection_that_the_servers_own_capture_lacks_may_be_a_proxys(
    scenario: str, code: str, tmp_path: Path
) -> None:
    phone, publisher = pair(scenario)
    alone = of_code(joined(tmp_path, phone, publisher), code)
    assert alone.certainty is Certainty.PROVEN
    assert "proxy" not in alone.detail
    found = of_code(joined(tmp_path, phone, without_capf(publisher)), code)
    assert found.certainty is Certainty.LIKELY
    assert "answers in the server's name" in found.detail


def test_what_a_proxy_answers_is_no_proof_that_packets_pass(tmp_path: Path) -> None:
    phone, publisher = pair("frozen-server")
    assert reach(joined(tmp_path, phone, publisher)) == "ok"
    assert reach(joined(tmp_path, phone, without_capf(publisher))) == "unknown"


def test_a_capture_that_leaves_out_a_healthy_session_casts_no_doubt(tmp_path: Path) -> None:
    phone, publisher = pair("success-by-address")
    analysis = joined(tmp_path, phone, without_capf(publisher))
    assert reach(analysis) == "ok"
    assert [one.code for one in analysis.report.findings] == ["capf-session-complete"]


def shut(packets: list[Packet], *, opens: bool) -> list[Packet]:
    """The first handshake, its SYN-ACK with a window of 0, then probes of the phone's."""
    others = [one for one in packets if not of_capf(one)]
    syn, answer, end = [one for one in packets if of_capf(one)][:3]
    assert (syn.flags, answer.flags, end.flags) == (SYN, SYN | ACK, ACK)
    probes = [end.later(seconds * SECOND) for seconds in (1, 2, 4)]
    update = [answer.patched(IP + 33, bytes([ACK])).later(SECOND)] if opens else []
    end_of_capture = something_else(end.time + 9 * SECOND)
    return [*others, syn, answer.patched(WINDOW, b"\0\0"), end, *probes, *update, end_of_capture]


def test_a_window_that_never_opens_is_that_of_a_syn_proxy(tmp_path: Path) -> None:
    phone, _ = pair("frozen-server")
    found = of_code(joined(tmp_path, shut(phone, opens=False)), "server-silent")
    assert found.certainty is Certainty.LIKELY
    assert "window of 0" in found.detail


@pytest.mark.parametrize(("opens", "state"), [(False, "unknown"), (True, "ok")])
def test_a_window_that_never_opens_is_no_proof_that_packets_pass(
    opens: bool, state: str, tmp_path: Path
) -> None:
    phone, _ = pair("frozen-server")
    assert reach(joined(tmp_path, shut(phone, opens=opens))) == state


def test_a_window_that_opens_is_none(tmp_path: Path) -> None:
    phone, _ = pair("frozen-server")
    details = [one.detail for one in joined(tmp_path, shut(phone, opens=True)).report.findings]
    assert not any("window of 0" in detail for detail in details)
