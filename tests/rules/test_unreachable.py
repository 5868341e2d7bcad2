"""What is said of packets that cannot be delivered."""

from __future__ import annotations

from capfpcap.analysis import CaptureInput, check
from tests.vantage.records import CAPTURES


def test_a_tftp_server_out_of_reach_is_named() -> None:
    capture = CAPTURES / "tftp-stopped-on-one-server" / "phone.pcap"
    report = check([CaptureInput((str(capture),))])
    (found,) = (item for item in report.findings if item.code == "icmp-unreachable")
    assert "TFTP at 10.122.139.103:69 is out of reach" in found.title
