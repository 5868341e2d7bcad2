"""Captures of two phones are two phones', and what one capture proves it proves beside others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capfpcap.analysis import Analysis, CaptureInput, analyze
from capfpcap.report import Certainty, Finding, Report, Severity
from tests.vantage.records import (
    CAPTURES,
    MILLISECOND,
    SECOND,
    TCP,
    Packet,
    codes,
    joined,
    read,
    translated,
    write,
)

ETHERNET_PCAP = (bytes.fromhex("d4c3b2a1"), bytes(3))
"""Magic number in little-endian order, and the end of link type 1 in it."""
PLAIN = sorted(
    path
    for path in CAPTURES.glob("*/*.pcap")
    if path.read_bytes()[:4] == ETHERNET_PCAP[0]
    and path.read_bytes()[20:24] == b"\1" + ETHERNET_PCAP[1]
    and path.stat().st_size > 24
    and path.stem != "mirror"
    and path.parent.name not in {"cut-short", "burst", "malformed-packets"}
)
PROVEN_BETTER = {
    "connection-no-answer": {"path-dropped-to-server", "path-dropped-to-phone", "one-way-traffic"},
    "connection-half-open": {"path-dropped-to-phone"},
    "connection-lost": {"path-drops-data", "path-mtu-blackhole"},
    "tls-handshake-incomplete": {"path-drops-data"},
    "transfer-stalled": {"tftp-no-answer"},
}
"""What one capture proves, and which codes say more of it where two ends are seen."""
BOTH_ENDS = sorted(
    {path.parent for path in PLAIN if (path.parent / "publisher.pcap") in PLAIN}
    & {path.parent for path in PLAIN if (path.parent / "phone.pcap") in PLAIN}
)
NEIGHBOUR = bytes([10, 20, 200, 7])
GENERIC = (b"ITLFile.tlv", b"XMLDefault.cnf.xml")


@dataclass(frozen=True)
class Proven:
    """A finding, known again by what proves it."""

    code: str
    severity: Severity
    frames: frozenset[tuple[str, int]]
    """File and frame."""


def proven(report: Report) -> list[Proven]:
    files = {capture.id: capture.path for capture in report.captures}
    return [
        Proven(one.code, one.severity, frames_of(one, files))
        for one in report.findings
        if one.certainty is Certainty.PROVEN
    ]


def frames_of(finding: Finding, files: dict[str, str]) -> frozenset[tuple[str, int]]:
    return frozenset((files[one.capture], one.frame) for one in finding.evidence)


def alone(path: Path) -> Report:
    return analyze([CaptureInput((str(path),))]).report


def analysis_of(*paths: Path) -> Analysis:
    return analyze([CaptureInput((str(path),)) for path in paths])


def client(packets: list[Packet]) -> bytes:
    return next(packet.source for packet in packets if packet.protocol and packet.ports[1] < 7000)


def shared(analysis: Analysis) -> int:
    """How many flows are seen from several vantage points; a merged file has two by itself."""
    return sum(len(flow.sightings) > 1 for flow in analysis.scene.flows)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    one=st.sampled_from(PLAIN),
    other=st.sampled_from(PLAIN),
    after=st.integers(-60 * SECOND, 60 * SECOND),
    same_address=st.booleans(),
)
def test_what_one_capture_proves_stays_when_another_phones_is_handed_in_beside_it(
    one: Path, other: Path, after: int, same_address: bool, tmp_path: Path
) -> None:
    if one.parent == other.parent:
        return
    first, second = read(one), read(other)
    second = [packet.later(first[0].time - second[0].time + after) for packet in second]
    if same_address:
        second = translated(second, client(second), client(first))
    paths = write(tmp_path / "one.pcap", first), write(tmp_path / "other.pcap", second)
    together = analysis_of(*paths)
    each = [analysis_of(path) for path in paths]
    joined_across, found = shared(together) - sum(map(shared, each)), proven(together.report)
    lost = [item for one in each for item in proven(one.report) if not stays(item, found)]
    assert (joined_across, lost) == (0, [])


def stays(item: Proven, found: list[Proven]) -> bool:
    """Whether it is found again; where one phone has no name, what it did may have overcome it."""
    alike = [other for other in found if (other.code, other.frames) == (item.code, item.frames)]
    return any(item.severity in (other.severity, Severity.CRITICAL) for other in alike)


@pytest.mark.parametrize("folder", BOTH_ENDS, ids=lambda path: path.name)
def test_what_one_end_proves_stays_or_is_proven_better_by_both(folder: Path) -> None:
    ends = [folder / "phone.pcap", folder / "publisher.pcap"]
    both = {item.code for item in proven(analysis_of(*ends).report)}
    for end in ends:
        for item in proven(alone(end)):
            assert item.code in both or PROVEN_BETTER.get(item.code, set()) & both, item


def generic_requests(scenario: str) -> list[Packet]:
    """A phone's requests that every other phone makes alike."""
    return [
        packet
        for packet in read(CAPTURES / scenario / "phone.pcap")
        if packet.protocol and any(name in packet.payload for name in GENERIC)
    ]


def at_another_address(packets: list[Packet]) -> list[Packet]:
    return translated(packets, client(packets), NEIGHBOUR)


@pytest.mark.parametrize("after", [0, 300 * MILLISECOND, -40 * SECOND, 7200 * SECOND])
def test_phones_that_count_alike_from_their_start_on_are_not_one(
    after: int, tmp_path: Path
) -> None:
    """Equal ports, IP identifications and files: only the addresses differ."""
    requests = generic_requests("tftp-filtered")
    twin = [packet.later(after) for packet in at_another_address(requests)]
    analysis = joined(tmp_path, requests, twin)
    assert shared(analysis) == 0
    assert "capture-clock-offset" not in codes(analysis)
    assert len(analysis.report.phones) == 2


def test_a_stranger_that_boots_beside_each_phone_joins_nothing(tmp_path: Path) -> None:
    """PXE always asks from one port for one file, and counts its packets from 1."""
    first, second = (read(CAPTURES / name / "phone.pcap") for name in ("itl-empty", "itl-mismatch"))
    stranger = generic_requests("tftp-filtered")[:3]
    stranger = [
        packet.patched(len(packet.data) - len(packet.payload), b"\0\1pxelinux.0\0octet\0")
        for packet in stranger
    ]
    near = [one.later(first[0].time - stranger[0].time) for one in stranger]
    far = at_another_address([one.later(second[0].time - stranger[0].time) for one in stranger])
    analysis = joined(tmp_path, [*first, *near], [*second, *far])
    assert shared(analysis) == 0
    assert {phone.outcome.value for phone in analysis.report.phones} == {"failed"}
    assert len(analysis.report.phones) == 2


def test_questions_with_one_id_are_not_one_question(tmp_path: Path) -> None:
    phone = read(CAPTURES / "success-by-name" / "phone.pcap")
    questions = [one for one in phone if one.protocol and 53 in one.ports]
    assert questions
    twin = [one.identified(one.ports[0] ^ 0x5555) for one in at_another_address(questions)]
    analysis = joined(tmp_path, questions, [one.later(200 * MILLISECOND) for one in twin])
    assert shared(analysis) == 0


def test_not_even_equal_streams_make_one_phone_of_two_with_different_names(
    tmp_path: Path,
) -> None:
    phone = read(CAPTURES / "success-by-address" / "phone.pcap")
    name = analyze([CaptureInput((str(CAPTURES / "success-by-address" / "phone.pcap"),))])
    (own,) = [one.name.encode() for one in name.report.phones]
    renamed = [
        packet.with_payload(packet.payload.replace(own, b"SEP00AABBCCDDEE"))
        if packet.protocol and packet.protocol != TCP
        else packet
        for packet in at_another_address(phone)
    ]
    analysis = joined(tmp_path, phone, [one.later(5 * SECOND) for one in renamed])
    assert shared(analysis) == 0
    names = {one.name: one.outcome.value for one in analysis.report.phones}
    assert names == {own.decode(): "succeeded", "SEP00AABBCCDDEE": "succeeded"}


def test_one_phone_recorded_at_two_times_is_one_phone_and_tells_nothing_of_clocks(
    tmp_path: Path,
) -> None:
    """The same requests again, from the same ports: the server has chosen others."""
    phone = read(CAPTURES / "success-by-address" / "phone.pcap")
    own = client(phone)
    files = [one for one in phone if one.protocol and one.protocol != TCP]

    def again(packet: Packet) -> Packet:
        source, destination = packet.ports
        server_port = destination if packet.source == own else source
        changed = server_port if server_port == 69 else server_port ^ 0x0F0F
        ports = (source, changed) if packet.source == own else (changed, destination)
        octets = b"".join(port.to_bytes(2, "big") for port in ports)
        return packet.patched(34, octets).identified(packet.data[19] + 7).later(86_400 * SECOND)

    analysis = joined(tmp_path, files, [again(packet) for packet in files])
    assert shared(analysis) == 0
    assert "capture-clock-offset" not in codes(analysis)
    assert len(analysis.report.phones) == 1


def test_what_two_servers_recorded_of_one_phone_is_one_phones(tmp_path: Path) -> None:
    """Its files at the subscriber, which tell its name, and its session at the publisher."""
    phone = read(CAPTURES / "captured-at-subscriber" / "phone.pcap")
    own, capf = client(phone), [one for one in phone if one.protocol == TCP and 3804 in one.ports]
    files = [one for one in phone if one.protocol and one.protocol != TCP]

    def at_server(packet: Packet) -> Packet:
        return packet.patched(22, b"\x3f" if packet.source == own else b"\x40")

    captures = [list(map(at_server, packets)) for packets in (files, capf)]
    assert {capf[0].data[30:34]}.isdisjoint({files[0].data[30:34]})
    analysis = joined(tmp_path, *captures)
    assert shared(analysis) == 0
    (one,) = analysis.report.phones
    assert one.name.startswith("SEP")
    assert {point.role.value for point in analysis.scene.points} <= {"publisher", "subscriber"}


def test_without_a_name_a_phone_of_another_place_is_none_that_has_one(tmp_path: Path) -> None:
    """Beside a phone all of it is seen, and nothing there is what the other capture shows."""
    first = read(CAPTURES / "lsc-foreign-issuer" / "phone.pcap")
    second = read(CAPTURES / "one-way-in-mid-session" / "phone.pcap")
    second = translated(second, client(second), client(first))
    analysis = joined(tmp_path, first, second)
    assert len(analysis.report.phones) == 2


def test_clocks_of_captures_without_a_common_flow_are_compared_each_group_on_its_own(
    tmp_path: Path,
) -> None:
    """What the report says of the first capture's clock it says of those of its group alone."""
    captures = [read(path) for name in ("clock-ahead", "clock-behind") for path in both_of(name)]
    analysis = joined(tmp_path, *captures)
    told = [one.title for one in analysis.report.findings if one.code == "capture-clock-offset"]
    alone_ = [analysis_of(*both_of(name)).report for name in ("clock-ahead", "clock-behind")]
    assert len(told) == 2
    for report in alone_:
        (offset,) = [one for one in report.findings if one.code == "capture-clock-offset"]
        amount = offset.title.partition("its clock is ")[2].partition(" s ")[0]
        assert any(amount in title for title in told)
    known = [one.clock_offset_s is not None for one in analysis.report.captures]
    assert known.count(True) == 2


def both_of(scenario: str) -> list[Path]:
    return [CAPTURES / scenario / f"{stem}.pcap" for stem in ("phone", "publisher")]
