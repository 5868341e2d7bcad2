"""Packets taken apart: what they carry, and the bytes beside it."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from capf_dissectors.outline import Node

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.inspection.inspector import Inspector
from capfpcap.inspection.model import Inspection
from tests.inspection.conftest import opened
from tests.scenarios.expectations import CAPTURES

LOOKED_THROUGH = (
    "capture-ends-early/phone.pcap",
    "cut-short/phone.pcap",
    "data-lost-behind-nat/phone.pcap",
    "fragmented-tftp/publisher.pcap",
    "icmp-rejected/phone.pcap",
    "itl-corrupt/phone.pcap",
    "mid-session/phone.pcap",
    "noise-around-success/phone.pcap",
    "not-tls/phone.pcap",
    "offload/phone.pcap",
    "reordered/publisher.pcap",
    "snapped/phone.pcap",
    "success-by-http/phone.pcap",
    "success-ipv6/phone.pcap",
    "success-tls13/phone.pcap",
)

FILLED_TO = 80
"""Bytes that a frame has at least once it is filled up."""


def all_nodes(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield from node.walk()


def named(inspection: Inspection, name: str) -> list[Node]:
    return [node for node in all_nodes(inspection.fields) if node.name == name]


def octets(inspection: Inspection, node: Node) -> bytes:
    return inspection.views[node.view].data[node.start : node.end]


@pytest.mark.parametrize("capture", LOOKED_THROUGH)
def test_every_field_of_every_packet_lies_in_the_one_that_holds_it(capture: str) -> None:
    scenario = opened(capture)
    count = 0
    for number, inspection in (*scenario.of_flows(), *scenario.others()):
        count += 1
        assert inspection.views[0].title == f"Frame {number}"
        assert not inspection.remarks
        assert 0 <= inspection.focus < len(inspection.fields)
        for node in inspection.fields:
            lies_inside(node, len(inspection.views[node.view].data), inspection)
    assert count


def lies_inside(node: Node, length: int, inspection: Inspection) -> None:
    assert 0 <= node.start <= node.end <= length, (inspection.title, node.name)
    for child in node.children:
        assert child.view == node.view
        assert node.start <= child.start, (inspection.title, child.name)
        assert child.end <= node.end, (inspection.title, child.name)
        lies_inside(child, length, inspection)


def test_the_first_view_is_the_frame_as_it_was_captured() -> None:
    inspection = opened("itl-mismatch/phone.pcap").frame(76)
    frame, ethernet, ip, tcp, record = inspection.fields
    assert (frame.start, frame.end) == (0, len(inspection.views[0].data)) == (0, 208)
    assert [node.name for node in (ethernet, ip, tcp)] == ["Ethernet", "IPv4", "TCP"]
    assert [node.start for node in (ethernet, ip, tcp, record)] == [0, 14, 34, 66]
    assert record.value == "handshake, ClientHello, TLS 1.0, 137 bytes"
    assert inspection.fields[inspection.focus] is record
    assert inspection.title == "phone frame 76: ClientHello"


def test_an_alert_is_two_bytes_that_say_what_it_is() -> None:
    inspection = opened("itl-mismatch/phone.pcap").frame(80)
    (alert,) = named(inspection, "Alert")
    assert alert.value == "Fatal unknown_ca"
    assert octets(inspection, alert) == b"\x02\x30"


def test_the_last_packet_of_a_file_shows_the_file() -> None:
    scenario = opened("itl-mismatch/phone.pcap")
    (item,) = scenario.analysis.scene.phones[0].trust_lists
    columns = scenario.analysis.scene.points[0].table.columns
    inspection = scenario.frame(int(columns.frame[item.transfer.final_row]))
    assert [view.title for view in inspection.views][1] == "ITLFile.tlv"
    assert inspection.views[1].data == item.read.content
    file = inspection.fields[-1]
    assert file.view == 1
    assert [node.name for node in file.children][:2] == ["Header", "Record 1"]
    (capf,) = [node for node in file.children if node.value.startswith("CAPF")]
    (function,) = [node for node in capf.children if node.name == "FUNCTION (4)"]
    assert octets(inspection, function) == b"\x00\x04"


def test_a_record_in_two_segments_is_shown_put_together() -> None:
    inspection = opened("success-tls13/phone.pcap").frame(44)
    record = inspection.fields[-1]
    view = inspection.views[record.view]
    assert view.title.startswith("TLS records, reassembled from frames 42")
    assert view.data[:3] == b"\x17\x03\x03"
    assert view.data[record.children[0].start] == 0x17
    before = opened("success-tls13/phone.pcap").frame(42).fields[-1]
    assert before.name == "Part of a TLS record"
    assert "complete with frame 44" in before.value


def test_what_an_encrypted_record_likely_carries_is_told_as_likely() -> None:
    inspection = opened("success-tls13/phone.pcap").frame(52)
    record = inspection.fields[-1]
    assert record.value.startswith("likely KEYGEN_REQUEST; encrypted application data")
    assert named(inspection, "Likely content")


def test_a_datagram_in_fragments_is_shown_beside_its_last_fragment() -> None:
    seen = [
        inspection
        for _, inspection in opened("fragmented-tftp/publisher.pcap").of_flows()
        if len(inspection.views) > 1 and "Reassembled" in inspection.views[1].title
    ]
    assert seen
    (fragment,) = named(seen[0], "Fragment of a datagram")
    assert octets(seen[0], fragment) in seen[0].views[1].data
    assert named(seen[0], "TFTP")[0].view == 1


def test_an_icmp_error_shows_the_packet_that_it_quotes() -> None:
    (_, inspection), *_ = opened("icmp-rejected/phone.pcap").others()
    (icmp,) = named(inspection, "ICMP")
    assert "prohibited" in icmp.value
    (quoted,) = named(inspection, "Quoted packet")
    assert [node.name for node in quoted.children] == ["IPv4", "TCP"]
    assert quoted.children[1].value.endswith(" → 3804 SYN")


def test_numbers_of_tcp_count_from_the_syn_where_that_was_seen() -> None:
    inspection = opened("itl-mismatch/phone.pcap").frame(76)
    (number,) = named(inspection, "Sequence number")
    assert number.value.endswith("(1 from the SYN)")
    inspection = next(opened("mid-session/phone.pcap").of_flows())[1]
    (number,) = named(inspection, "Sequence number")
    assert number.value.isdigit()


def test_without_its_file_a_packet_shows_its_payload_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "phone.pcap"
    shutil.copy(CAPTURES / "itl-mismatch" / "phone.pcap", path)
    scene = analyze([CaptureInput((str(path),))]).scene
    (row,) = (scene.points[0].table.columns.frame == 76).nonzero()[0]
    path.unlink()
    inspection = Inspector(scene).packet(0, int(row))
    (remark,) = inspection.remarks
    assert remark == f"{path} cannot be read a second time: only its payload is shown"
    assert [view.title for view in inspection.views] == ["Payload of frame 76"]
    assert [node.name for node in inspection.fields] == ["TLS record"]


def test_a_file_that_changed_does_not_show_the_packet_of_another_time(tmp_path: Path) -> None:
    path = tmp_path / "phone.pcap"
    shutil.copy(CAPTURES / "itl-mismatch" / "phone.pcap", path)
    scene = analyze([CaptureInput((str(path),))]).scene
    shutil.copy(CAPTURES / "success-by-name" / "phone.pcap", path)
    inspection = Inspector(scene).packet(0, 0)
    (remark,) = inspection.remarks
    assert "was changed since it was read" in remark


def test_a_packet_in_a_frame_that_was_filled_up_is_about_its_innermost_header(
    tmp_path: Path,
) -> None:
    whole = (CAPTURES / "itl-mismatch" / "phone.pcap").read_bytes()
    path, filled, at = tmp_path / "phone.pcap", whole[:24], 24
    while at < len(whole):
        times, kept, length = whole[at : at + 8], *struct.unpack_from("<II", whole, at + 8)
        frame = whole[at + 16 : at + 16 + kept].ljust(FILLED_TO, b"\0")
        filled += times + struct.pack("<II", len(frame), max(length, len(frame))) + frame
        at += 16 + kept
    path.write_bytes(filled)
    scene = analyze([CaptureInput((str(path),))]).scene
    (row,) = (scene.points[0].table.columns.frame == 82).nonzero()[0]
    inspection = Inspector(scene).packet(0, int(row))
    assert [node.name for node in inspection.fields][-2:] == ["TCP", "Trailer"]
    assert inspection.fields[inspection.focus].name == "TCP"


def test_there_is_no_packet_outside_the_captures() -> None:
    inspector = opened("itl-mismatch/phone.pcap").inspector
    for row in (-1, 10_000):
        with pytest.raises(LookupError, match="the captures hold no packet"):
            inspector.packet(0, row)
