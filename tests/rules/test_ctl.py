"""A CTL that cannot be used is told, as gravely as the phone needs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import Analysis
from capfpcap.report import Severity
from tests.vantage.records import CAPTURES, UDP, Packet, joined, read

SIGNATURE = 200
"""An octet of the signature, counted in the payload of a list's first block."""


def is_request(packet: Packet, name: bytes) -> bool:
    return packet.protocol == UDP and packet.payload.startswith(b"\0\1" + name)


def of_file(packets: list[Packet], name: bytes) -> list[Packet]:
    """The packets of a TFTP transfer, told by the port from which the file was asked for."""
    (port,) = {one.ports[0] for one in packets if is_request(one, name)}
    return [one for one in packets if one.protocol == UDP and port in one.ports]


def blocks(transfer: list[Packet]) -> list[Packet]:
    return [one for one in transfer if one.payload.startswith(b"\0\3")]


def forged(packets: list[Packet], name: bytes) -> list[Packet]:
    """One octet of a list's signature is another one."""
    first = blocks(of_file(packets, name))[0]
    at = first.payload_at + SIGNATURE
    other = first.patched(at, bytes([first.data[at] ^ 1]))
    return [other if one is first else one for one in packets]


def emptied(packets: list[Packet], name: bytes) -> list[Packet]:
    """A list's first block is its last one, and brings nothing."""
    transfer = of_file(packets, name)
    first = blocks(transfer)[0]
    late = [one for one in transfer if one.payload[:1] == b"\0" and one.payload[2:4] > b"\0\1"]
    options = [one for one in transfer if one.payload.startswith(b"\0\6")]
    gone = {id(one) for one in late + options if not one.payload.startswith(b"\0\1")}
    nothing = first.with_payload(first.payload[:4])
    return [nothing if one is first else one for one in packets if id(one) not in gone]


def faults(analysis: Analysis) -> list[tuple[str, Severity]]:
    return [
        (one.code, one.severity)
        for one in analysis.report.findings
        if one.severity is not Severity.INFO
    ]


CHANGES = {"itl-signature-invalid": forged, "itl-empty": emptied}


@pytest.mark.parametrize("code", CHANGES)
def test_a_bad_ctl_beside_a_good_itl_is_a_warning(code: str, tmp_path: Path) -> None:
    packets = read(CAPTURES / "two-lists-last-counts" / "phone.pcap")
    analysis = joined(tmp_path, CHANGES[code](packets, b"CTLSEP"))
    assert faults(analysis) == [(code, Severity.WARNING)]
    (found,) = [one for one in analysis.report.findings if one.code == code]
    assert "CTLSEP" in found.title
    assert "show ctl" in found.remedy


def test_a_bad_ctl_of_a_phone_that_loads_no_other_list_is_a_failure(tmp_path: Path) -> None:
    packets = read(CAPTURES / "itl-corrupt" / "phone.pcap")
    (request,) = [one for one in packets if is_request(one, b"ITLFile")]
    other = request.with_payload(request.payload.replace(b"ITLFile", b"CTLFile"))
    renamed = [other if one is request else one for one in packets]
    assert faults(joined(tmp_path, renamed)) == [("itl-corrupt", Severity.CRITICAL)]
