"""Captures of several places are taken apart into files in which tshark sees nothing sent twice."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows.table import FlowTable, build_tables

from .captures import SHIPPED
from .explained import TAKEN_APART

ODD = "tcp.analysis.retransmission or tcp.analysis.out_of_order or tcp.analysis.duplicate_ack"
PLACES = {"merged-service-stopped/merged.pcap": 2, "merged-success/merged.pcapng": 2}


def places_of(path: Path) -> list[FlowTable]:
    ports = PortSelection()
    return build_tables(read_capture([str(path)], ports, AddressTable()), ports)


def odd_frames(path: Path) -> list[str]:
    command = ["tshark", "-r", str(path), "-n", "-Y", ODD, "-T", "fields", "-e", "frame.number"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("name", TAKEN_APART)
def test_in_what_one_place_recorded_tshark_sees_nothing_sent_twice(
    name: str, tmp_path: Path
) -> None:
    path = SHIPPED / name
    tables = places_of(path)
    assert len(tables) == PLACES.get(name, 1)
    assert odd_frames(path) or name == "merged-service-stopped/merged.pcap"
    for number, table in enumerate(tables):
        part = tmp_path / f"{number}.pcapng"
        frames = [str(frame) for frame in sorted(table.columns.frame.tolist())]
        subprocess.run(["editcap", "-r", str(path), str(part), *frames], check=True)
        assert odd_frames(part) == []


@pytest.mark.parametrize("name", TAKEN_APART)
def test_no_packet_is_left_out_but_copies(name: str) -> None:
    tables = places_of(SHIPPED / name)
    (file,) = read_capture([str(SHIPPED / name)], PortSelection(), AddressTable()).files
    kept = sum(len(table.columns) + len(table.others) for table in tables)
    assert kept + sum(table.duplicates for table in tables) == file.relevant_packets
