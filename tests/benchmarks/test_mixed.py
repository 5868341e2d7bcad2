from __future__ import annotations

from pathlib import Path

from benchmarks.mixed import RELEVANT, VOICE_VLAN, count_phones
from tests.benchmarks.small import MIXED_PACKETS
from tests.benchmarks.tshark import count, fields

ENROLMENT = "tftp || dns || tcp.port==3804"


def test_a_mixed_capture_has_exactly_the_packets_asked_for(mixed: Path) -> None:
    assert count(mixed, "frame") == MIXED_PACKETS


def test_the_promised_part_belongs_to_enrolments(mixed: Path) -> None:
    part = count(mixed, ENROLMENT) / MIXED_PACKETS
    assert abs(part - RELEVANT) < 0.005


def test_every_phone_asks_for_its_configuration_and_some_are_tagged(mixed: Path) -> None:
    requests = fields(mixed, "tftp.opcode==1 && udp.dstport==69", "ip.src", "vlan.id")
    assert len({row[0] for row in requests}) == count_phones(MIXED_PACKETS)
    assert {row[1] for row in requests} == {"", str(VOICE_VLAN)}


def test_the_rest_is_read_as_calls_registrations_and_web_pages(mixed: Path) -> None:
    assert count(mixed, "rtp") > MIXED_PACKETS // 3
    assert count(mixed, "sip && udp") > 0
    assert count(mixed, "sip && tcp") > 0
    assert count(mixed, "tls && tcp.port==443") > 0


def test_nothing_is_malformed(mixed: Path) -> None:
    assert count(mixed, "_ws.malformed") == 0
    bad = "ip.checksum.status==0 || udp.checksum.status==0 || tcp.checksum.status==0"
    assert count(mixed, bad) == 0
    assert count(mixed, "tcp.analysis.lost_segment || tcp.analysis.duplicate_ack") == 0
