"""What a phone's alarm says of the list that it holds, and what only looks as if it said it."""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, analyze, check
from capfpcap.report import Certainty, Report
from capfpcap.timeline.alarms import read_alarms
from tests.capture import builder
from tests.rules.records import CAPTURES, RECORD_HEADER, moved, records_as, records_of, report_on

STALE = CAPTURES / "alarm-names-other-list" / "phone.pcap"
OWN = CAPTURES / "alarm-names-own-list" / "phone.pcap"
CODE = "itl-stale-on-phone"
ALARM = b"ITL_Signature"


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def hash_of_list(path: Path) -> bytes:
    """The SHA-1 of the list that the phone loaded, as an alarm writes it."""
    (loaded,) = analyze([CaptureInput((str(path),))]).scene.phones[0].trust_lists
    return hashlib.sha1(loaded.read.content).hexdigest().upper().encode()


def spelt(digits: bytes) -> bytes:
    return b" ".join(digits[at : at + 2] for at in range(0, 40, 2))


def test_the_finding_names_the_frame_of_the_alarm_and_that_of_the_list() -> None:
    (finding,) = check([CaptureInput((str(STALE),))]).findings
    assert (finding.code, finding.certainty) == (CODE, Certainty.LIKELY)
    alarm, loaded = finding.evidence
    assert alarm.frame is not None
    assert loaded.frame is not None
    assert alarm.frame > loaded.frame
    assert hash_of_list(STALE).decode().lower() in loaded.note
    assert ALARM.decode() in alarm.note


def test_both_captures_of_one_alarm_make_one_finding() -> None:
    paths = [STALE, STALE.with_name("publisher.pcap")]
    (finding,) = check([CaptureInput((str(path),)) for path in paths]).findings
    assert {item.capture for item in finding.evidence} == {"phone", "publisher"}


def test_a_second_alarm_with_the_served_list_silences_the_first(tmp_path: Path) -> None:
    """So it is in Extension Mobility Cross Cluster: the phone tells of the lists of both."""
    header, records = records_of(STALE)
    alarm = next(at for at, record in enumerate(records) if ALARM in record)
    (told,) = read_alarms(analyze([CaptureInput((str(STALE),))]).scene.points[0].table)
    assert told.said.itl is not None
    own = spelt(told.said.itl.hex().upper().encode())
    payload = RECORD_HEADER + 14 + 20 + 32
    message = records[alarm][payload:] + records[alarm + 1][payload:]
    other = message.replace(own, spelt(hash_of_list(STALE)))
    assert other != message
    frame = records[alarm][RECORD_HEADER : RECORD_HEADER + 14]
    network = builder.ipv4(builder.udp(other, 50100, 5060), 17, "10.20.62.46", "10.122.138.102")
    size = len(frame + network)
    again = records[alarm][:8] + struct.pack("<II", size, size) + frame + network
    assert codes(report_on(tmp_path / "one.pcap", header, records)) == [CODE]
    assert codes(report_on(tmp_path / "two.pcap", header, [*records, again])) == []


def without_list(records: list[bytes]) -> list[bytes]:
    """A block of the list was not captured."""
    blocks = [at for at, record in enumerate(records) if b"CAPF-" in record]
    return [record for at, record in enumerate(records) if at != blocks[0]]


def before_the_list(records: list[bytes]) -> list[bytes]:
    """The alarm was sent a minute before the phone loaded its files."""
    return [
        moved(record, -60)
        if b"\x13\xc4" in record[RECORD_HEADER + 34 : RECORD_HEADER + 38]
        else record
        for record in records
    ]


def cut(records: list[bytes]) -> list[bytes]:
    """The capture lacks the alarm's last segment."""
    last = max(
        at for at, record in enumerate(records) if b"</x-cisco" in record or b"alarm>\n" in record
    )
    return [record for at, record in enumerate(records) if at != last]


@pytest.mark.parametrize("change", [without_list, before_the_list, cut])
def test_what_is_missing_or_older_says_nothing(
    change: Callable[[list[bytes]], list[bytes]], tmp_path: Path
) -> None:
    header, records = records_of(STALE)
    changed = change(records)
    assert changed != records
    assert CODE not in codes(report_on(tmp_path / "changed.pcap", header, changed))


def test_the_list_of_another_phone_s_server_is_a_list_that_is_served(tmp_path: Path) -> None:
    """Each TFTP node has a list of its own."""
    header, records = records_of(STALE)
    other_header, others = records_as("alarm-names-own-list", "success-by-name")
    assert other_header == header
    held = analyze([CaptureInput((str(STALE),))]).scene
    (alarm,) = read_alarms(held.points[0].table)
    assert alarm.said.itl is not None
    served = spelt(hash_of_list(OWN))
    own = spelt(alarm.said.itl.hex().upper().encode())
    told = [record.replace(own, served) for record in records]
    assert told != records
    assert codes(report_on(tmp_path / "alone.pcap", header, told)) == [CODE]
    assert CODE not in codes(report_on(tmp_path / "both.pcap", header, others + told))


def test_an_enrolment_that_succeeds_all_the_same_makes_it_possible_only(tmp_path: Path) -> None:
    header, records = records_of(OWN)
    digits = spelt(hash_of_list(OWN))
    wrong = [record.replace(digits, digits[::-1]) for record in records]
    assert wrong != records
    (finding,) = [
        item
        for item in report_on(tmp_path / "wrong.pcap", header, wrong).findings
        if item.code == CODE
    ]
    assert finding.certainty is Certainty.POSSIBLE


def segments(sizes: list[int], message: bytes, start: int = 1000) -> list[builder.Packet]:
    """A message in TCP segments of these sizes, in order."""
    packets, at = [], 0
    for number, size in enumerate(sizes):
        part = message[at : at + size]
        head = struct.pack(
            ">HHIIBBHHH", 50100, 5060, (start + at) & 0xFFFFFFFF, 1, 0x50, 16, 99, 0, 0
        )
        frame = builder.ethernet(builder.ipv4(head + part))
        packets.append(builder.Packet(frame, builder.Packet(b"").time + number * 1000))
        at += size
    return packets


def message_of(path: Path) -> bytes:
    header, records = records_of(path)
    del header
    (alarm,) = [record for record in records if ALARM in record]
    at = alarm.index(b"REFER ")
    return alarm[at:]


@pytest.mark.parametrize("size", [100, 400, 536, 1448, 4000])
@pytest.mark.parametrize("start", [1000, 0xFFFFFF00])
def test_an_alarm_is_put_together_of_segments_of_any_size(
    size: int, start: int, tmp_path: Path
) -> None:
    message = message_of(OWN)
    register = b"REGISTER sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n" * 3
    sizes = [len(register), *[size] * -(-len(message) // size)]
    packets = segments(sizes, register + message, start)
    shuffled = random.Random(size).sample(packets, len(packets))
    for order in (packets, shuffled, [*packets, *packets]):
        path = tmp_path / "alarm.pcap"
        path.write_bytes(builder.pcap(order))
        table = analyze([CaptureInput((str(path),))]).scene.points[0].table
        assert [alarm.said.device for alarm in read_alarms(table)][:1] == ["SEP5006AB4C7D21"]


def test_two_alarms_that_share_a_segment_are_both_read(tmp_path: Path) -> None:
    message = message_of(OWN)
    packets = segments([1448] * 3, message + message)
    path = tmp_path / "two.pcap"
    path.write_bytes(builder.pcap(packets))
    table = analyze([CaptureInput((str(path),))]).scene.points[0].table
    assert len(read_alarms(table)) == 2


def test_of_other_sip_nothing_is_kept(tmp_path: Path) -> None:
    other = b"REFER sip:x SIP/2.0\r\nContent-Type: message/sipfrag\r\nContent-Length: 0\r\n\r\n"
    packets = segments([len(other)] * 40, other * 40)
    path = tmp_path / "sip.pcap"
    path.write_bytes(builder.pcap(packets))
    capture = analyze([CaptureInput((str(path),))]).scene.points[0].table.capture
    assert capture.files[0].relevant_packets == 0
