"""SIP messages one after another, and the alarms in them."""

from __future__ import annotations

from capf_dissectors.sip_alarm import (
    MAX_BODY,
    Alarm,
    SipMessage,
    alarms_in,
    dissect,
    trust_list_alarm,
)
from capf_dissectors.sip_alarm.alarm import MAX_PARAMETERS, MAX_PARTS, MAX_VALUE

from fuzz.answers import check_answer
from fuzz.harness import ROOT, Harness

_RECORDED = ROOT / "captures" / "alarm-names-own-list" / "phone.pcap"


def judge(data: bytes) -> None:
    """Messages ascend and keep to their limits, in a stream as in a datagram."""
    for datagram in (False, True):
        at = 0
        while at < len(data):
            message = dissect(data, at, datagram=datagram)
            check_answer(message, len(data) + 1)
            if not isinstance(message, SipMessage):
                break
            assert at <= message.offset < message.end <= len(data)
            assert len(message.body) <= MAX_BODY
            _judge_alarms(message)
            at = message.end


def _judge_alarms(message: SipMessage) -> None:
    alarms = alarms_in(message)
    assert len(alarms) <= MAX_PARTS
    for alarm in alarms:
        if isinstance(alarm, Alarm):
            assert len(alarm.parameters) <= MAX_PARAMETERS
            assert all(len(value) <= MAX_VALUE for _, value in alarm.parameters)
            trust_list_alarm(alarm)


def seeds() -> list[bytes]:
    """The alarm that was recorded, alone and among other parts."""
    recorded = _RECORDED.read_bytes()
    start = recorded.index(b"REFER sip")
    end = recorded.index(b"</x-cisco-alarm>\n", start) + len(b"</x-cisco-alarm>\n")
    message = recorded[start:end]
    content = message.partition(b"\r\n\r\n")[2]
    part = (
        b"--x\r\nContent-Type: application/x-cisco-alarm+xml\r\n\r\n" + content + b"\r\n--x--\r\n"
    )
    head = b"REFER sip:a SIP/2.0\r\nc: multipart/mixed; boundary=x\r\nl: %d\r\n\r\n" % len(part)
    return [message, message + b"\r\n\r\n" + message, head + part]


HARNESS = Harness(judge, seeds, longest=1 << 14)
