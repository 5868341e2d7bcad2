"""What of a capture could not be read is said in the report."""

from __future__ import annotations

import struct
from pathlib import Path

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.report import Certainty, Unjudged, VerdictSeverity
from capfpcap.timeline.files import CONTENT_LIMIT
from tests.capture.builder import Packet, enhanced, interface, pcap, section

from .wire import Wire

LINKTYPE_USER2 = 149


def _healthy() -> Wire:
    wire = Wire()
    wire.handshake()
    return wire


def test_a_record_that_cannot_be_is_a_finding_about_the_capture(tmp_path: Path) -> None:
    path = tmp_path / "corrupt.pcap"
    path.write_bytes(_healthy().pcap() + struct.pack("<IIII", 1, 2, 1 << 31, 1 << 31))
    report = analyze([CaptureInput((str(path),))]).report
    (finding,) = [each for each in report.findings if each.code == "capture-cut-short"]
    assert "claims 2147483648 captured bytes" in finding.title


def test_a_capture_of_a_link_type_that_is_not_decoded_leaves_the_verdict_open(
    tmp_path: Path,
) -> None:
    strange, known = tmp_path / "strange.pcap", tmp_path / "known.pcap"
    strange.write_bytes(pcap([Packet(bytes(60))], link_type=LINKTYPE_USER2))
    known.write_bytes(_healthy().pcap())
    report = analyze([CaptureInput((str(path),)) for path in (strange, known)]).report
    assert report.notes == (f"{strange}: packets of link type USER2 are not decoded",)
    assert report.verdict.severity is VerdictSeverity.UNKNOWN


def test_some_packets_of_a_link_type_that_is_not_decoded_are_told_and_the_rest_is_judged(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mixed.pcapng"
    strange = Packet(bytes(60))
    known = [enhanced(packet, packet.time // 1000) for packet in _healthy().packets]
    blocks = [section(), interface(), interface(LINKTYPE_USER2), *known]
    path.write_bytes(b"".join([*blocks, enhanced(strange, strange.time // 1000, number=1)]))
    report = analyze([CaptureInput((str(path),))]).report
    (finding,) = [each for each in report.findings if each.code == "capture-malformed-packets"]
    assert "link type USER2 are not decoded" in finding.title
    assert report.notes == ()
    assert report.verdict.unjudged is Unjudged.OUTCOMES


def test_a_trust_list_larger_than_any_is_told_and_not_read(tmp_path: Path) -> None:
    path, wire = tmp_path / "large.pcap", Wire()
    size = CONTENT_LIMIT + 100
    wire.file(b"ITLFile.tlv", bytes(size))
    path.write_bytes(wire.pcap())
    (finding,) = analyze([CaptureInput((str(path),))]).report.findings
    assert (finding.code, finding.certainty) == ("itl-corrupt", Certainty.LIKELY)
    assert f"{size} bytes" in finding.title


def test_a_file_of_a_ring_that_is_no_capture_is_named(tmp_path: Path) -> None:
    known, other = tmp_path / "ring_00001.pcap", tmp_path / "ring_00002.pcap"
    known.write_bytes(_healthy().pcap())
    other.write_bytes(b"no capture at all, only text" * 10)
    report = analyze([CaptureInput((str(known), str(other)))]).report
    (note,) = report.notes
    assert note.startswith(str(other))


def test_a_configuration_that_cannot_be_read_is_told_and_leaves_the_verdict(tmp_path: Path) -> None:
    path, wire = tmp_path / "broken.pcap", _healthy()
    wire.file(b"SEP001122334455.cnf.xml", b"<device><a></b></device>")
    path.write_bytes(wire.pcap())
    report = analyze([CaptureInput((str(path),))]).report
    (note,) = report.notes
    assert "SEP001122334455.cnf.xml (byte 13: " in note
    assert report.verdict.unjudged is Unjudged.OUTCOMES
