"""How sure it is that a host did not send a reset that the capture beside it lacks."""

from __future__ import annotations

from pathlib import Path

from capfpcap.report import Certainty, Finding
from tests.vantage.records import IP, TCP, Packet, joined, pair

RST = 0x04
TTL = IP + 8


def told(folder: Path, phone: list[Packet], publisher: list[Packet]) -> Finding | None:
    """The finding that a reset was injected."""
    findings = joined(folder, phone, publisher).report.findings
    return next((one for one in findings if one.code == "rst-injected"), None)


def resets(packets: list[Packet]) -> list[Packet]:
    return [one for one in packets if one.protocol == TCP and one.flags & RST]


def test_one_reset_that_its_sender_may_have_sent_is_told_as_likely(tmp_path: Path) -> None:
    phone, publisher = pair("reset-mid-session")
    assert told(tmp_path, phone, publisher) is None
    missed = resets(publisher)[0]
    found = told(tmp_path, phone, [one for one in publisher if one is not missed])
    assert found is not None
    assert found.certainty is Certainty.LIKELY
    assert "A second such RST" in found.detail


def test_resets_of_a_box_on_the_way_are_proven(tmp_path: Path) -> None:
    found = told(tmp_path, *pair("rst-injected"))
    assert found is not None
    assert found.certainty is Certainty.PROVEN


def test_one_reset_with_a_ttl_of_its_own_is_proven(tmp_path: Path) -> None:
    phone, publisher = pair("reset-mid-session")
    missed, came = resets(publisher)[0], resets(phone)[0]
    near = [one.patched(TTL, bytes([one.data[TTL] - 9])) if one is came else one for one in phone]
    found = told(tmp_path, near, [one for one in publisher if one is not missed])
    assert found is not None
    assert found.certainty is Certainty.PROVEN
