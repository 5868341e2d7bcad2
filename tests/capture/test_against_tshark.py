"""The same packets as tshark sees, in every capture at hand and in all formats it can be put in."""

from __future__ import annotations

import os
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import Capture
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture

from .builder import Packet, ethernet, ipv4, pcap, tcp, udp
from .test_fragments import DATAGRAM, fragments4, fragments6
from .test_linklayer import WAYS
from .test_selection import REQUEST, icmp

ROOT = Path(__file__).parents[2]
TCP = PortSelection().all_tcp
START = 1_700_000_000_123_456_789


def captures() -> list[Path]:
    """Captures that ship, and those under a folder that the environment names."""
    places = [ROOT / "captures", *filter(None, [os.environ.get("CAPFPCAP_CAPTURES")])]
    found = (path for place in places for path in Path(place).rglob("*.pcap*"))
    return sorted(path for path in found if path.is_file())


def tshark(path: Path, display: str, *fields: str) -> list[list[str]]:
    """The last of each field's values in every frame that the display filter passes."""
    command = ["tshark", "-n", "-r", str(path), "-Y", display, "-T", "fields", "-E", "occurrence=l"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line.split("\t") for line in done.stdout.splitlines()]


def seen(path: Path) -> Capture:
    return read_capture([str(path)], PortSelection(), AddressTable())


def nanoseconds(epoch: str) -> int:
    return int(Decimal(epoch) * 1_000_000_000)


def ports_by_frame(capture: Capture) -> list[tuple[int, int, int, int]]:
    columns = capture.columns
    rows = columns.take((columns.protocol == 6) | (columns.protocol == 17))
    return list(
        zip(
            rows.frame.tolist(),
            rows.time.tolist(),
            rows.source_port.tolist(),
            rows.destination_port.tolist(),
            strict=True,
        )
    )


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file with every kind of frame that is built here."""
    frames = [
        *(frame for link_type, frame in WAYS.values() if link_type == 1),
        *fragments4(DATAGRAM, 1024),
        *fragments6(DATAGRAM, 1024),
        *(ethernet(ipv4(tcp(bytes(size)))) for size in range(0, 1400, 7)),
        ethernet(ipv4(udp(REQUEST, 51000, 69), 17)),
        icmp(3, ipv4(tcp())),
    ]
    path = tmp_path_factory.mktemp("built") / "everything.pcap"
    path.write_bytes(
        pcap([Packet(frame, START + number * 977) for number, frame in enumerate(frames)])
    )
    return path


@pytest.mark.parametrize("path", captures(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_capture_has_the_packets_that_tshark_finds(path: Path) -> None:
    whole = ("tcp.hdr_len", "udp.length", "icmp", "icmpv6")
    ports = ("tcp.srcport", "udp.srcport", "tcp.dstport", "udp.dstport")
    lines = tshark(path, "frame", "frame.number", "frame.time_epoch", *whole, *ports)
    capture = seen(path)
    assert capture.files[0].packets == len(lines)
    expected = {
        (int(frame), nanoseconds(time), int(tcp1 or udp1), int(tcp2 or udp2))
        for frame, time, tcp, udp, icmp4, icmp6, tcp1, udp1, tcp2, udp2 in lines
        if (tcp or udp)
        and not icmp4 + icmp6
        and (set(map(int, filter(None, (tcp1, tcp2)))) & TCP or {udp1, udp2} & {"53", "69"})
    }
    rows = set(ports_by_frame(capture))
    assert not expected - rows
    assert not {row for row in rows - expected if TCP & set(row[2:])}


@pytest.mark.parametrize(
    "conversion",
    [
        ["editcap", "-F", "pcap"],
        ["editcap", "-F", "nsecpcap"],
        ["editcap", "-F", "pcapng"],
        ["editcap", "-F", "pcapng", "-T", "ether", "-t", "3600.5"],
        ["editcap", "-F", "modpcap"],
        ["mergecap", "-F", "pcapng", "-w"],
    ],
)
def test_a_converted_file_is_read_as_tshark_reads_it(
    everything: Path, tmp_path: Path, conversion: list[str]
) -> None:
    target = tmp_path / "converted"
    if conversion[0] == "mergecap":
        raw = tmp_path / "raw.pcap"
        raw.write_bytes(pcap([Packet(ipv4(tcp(b"raw")), START + 500)], 101))
        subprocess.run([*conversion, str(target), str(everything), str(raw)], check=True)
    else:
        subprocess.run([*conversion, str(everything), str(target)], check=True)
    lines = tshark(target, "frame", "frame.number", "frame.time_epoch")
    times = {int(frame): nanoseconds(time) for frame, time in lines}
    capture = seen(target)
    assert capture.files[0].packets == len(times)
    assert (capture.files[0].first, capture.files[0].last) == (
        min(times.values()),
        max(times.values()),
    )
    assert len(capture.columns) > 200
    for frame, time, _, _ in ports_by_frame(capture):
        assert time == times[frame]


def test_lengths_addresses_and_numbers_are_those_of_tshark(everything: Path) -> None:
    names = ("frame.number", "tcp.len", "tcp.seq_raw", "tcp.ack_raw", "tcp.window_size_value")
    lines = tshark(everything, "tcp.dstport == 3804 && !ipv6 && !icmp", *names, "ip.src")
    expected = {
        int(frame): (int(length), int(sequence), int(acknowledged), int(window), source)
        for frame, length, sequence, acknowledged, window, source in lines
    }
    capture = seen(everything)
    columns = capture.columns
    found = {
        int(columns.frame[row]): (
            int(columns.payload_length[row]),
            int(columns.sequence[row]),
            int(columns.acknowledgement[row]),
            int(columns.window[row]),
            capture.addresses.text(int(columns.source[row])),
        )
        for row in range(len(columns))
    }
    assert len(expected) > 200
    assert {frame: found[frame] for frame in expected} == expected
