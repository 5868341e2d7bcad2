"""Files of one ring buffer are told by how capturing tools name them."""

from __future__ import annotations

import pytest

from capfpcap.capture.names import group_ring_files


@pytest.mark.parametrize(
    "paths",
    [
        ("ring_00001_20261123142000.pcapng", "ring_00002_20261123142100.pcapng"),
        ("ring_20261123142000_00001.pcapng", "ring_20261123142100_00002.pcapng"),
        ("phone.pcap", "phone.pcap1", "phone.pcap2"),
        ("phone.pcap00", "phone.pcap01"),
        ("phone.pcap1.gz", "phone.pcap2.gz"),
    ],
    ids=["dumpcap", "Wireshark 4", "tcpdump -C", "tcpdump -W", "compressed"],
)
def test_files_of_one_ring_belong_together(paths: tuple[str, ...]) -> None:
    assert group_ring_files(paths) == [paths]


@pytest.mark.parametrize(
    "paths",
    [
        ("phone.pcap", "publisher.pcap"),
        ("a/phone.pcap", "b/phone.pcap"),
        ("phone1.pcap", "phone2.pcap"),
        ("a_00001_20261123142000.pcap", "b_00002_20261123142100.pcap"),
    ],
    ids=["other names", "other folders", "numbered hosts", "two rings"],
)
def test_other_files_stand_alone(paths: tuple[str, ...]) -> None:
    assert group_ring_files(paths) == [(path,) for path in paths]
