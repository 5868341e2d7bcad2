"""A phone's console log."""

from __future__ import annotations

from capf_dissectors.phone_log import read_entries

from fuzz.harness import Harness

_MOST = 500
_LINES = (
    b"0475 INF Mar 12 15:07:53.686410 dnsmasq[12864]: query[A] a.lab.example from 127.0.0.1\n"
    b"0476 INF Mar 12 15:07:53.686450 dnsmasq[12864]: forwarded a.lab.example to 192.0.2.53\n"
    b"0478 INF Mar 12 15:07:53.695263 dnsmasq[12864]: reply a.lab.example is NXDOMAIN-IPv4\n"
    b"0633 NOT Mar 12 15:07:55.761649 (322:17812) SECUREAPP-RCAPF_START_MODE: Start CAPF - "
    b"mode:[1]([NULL_STR]\n"
    b"0638 ERR Mar 12 15:07:55.762040 (322:17812) SECUREAPP-SEC_CAPF_OP_F: CAPF operation "
    b"failed, ret -7\n"
    b"<134>Mar 12 15:07:55 SEP001122334455 0482 ERR Mar 12 15:07:53.697267 (12905:13036) "
    b"JAVA-configmgr MQThread|cip.sec.TvsProperty:? - Failed to resolve\n"
)


def judge(data: bytes) -> None:
    """Entries stand in the order of the lines that there are, and are no longer than these."""
    lines = data.splitlines(keepends=True)
    reading = read_entries(lines, _MOST)
    assert len(reading.entries) <= _MOST
    numbers = [entry.line for entry in reading.entries]
    assert numbers == sorted(numbers)
    assert all(1 <= number <= len(lines) for number in numbers)
    for entry in reading.entries:
        assert len(entry.message.text) <= 2 * len(data) + 100
        assert entry.stamp is None or 1 <= entry.stamp.month <= 12


def seeds() -> list[bytes]:
    """Lines as a phone writes them, wrapped, and joined."""
    wrapped = b"\n".join(_LINES[at : at + 60] for at in range(0, len(_LINES), 60))
    return [_LINES, wrapped, _LINES.replace(b"\n", b" ")]


HARNESS = Harness(judge, seeds, longest=1 << 14)
