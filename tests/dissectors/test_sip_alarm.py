"""Alarms of phones in SIP, in the forms that senders and standards allow."""

from __future__ import annotations

import pytest
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.sip_alarm import (
    MAX_BODY,
    MAX_HEADER,
    Alarm,
    SipMessage,
    alarms_in,
    dissect,
    trust_list_alarm,
)
from hypothesis import given
from hypothesis import strategies as st

ITL = bytes(range(20))
XML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<x-cisco-alarm>\n<Alarm Name="DeviceTLInfo">\n'
    b'<ParameterList>\n<String name="DeviceName">SEP001122334455</String>\n'
    b'<String name="IPv6Address"></String>\n<String name="CTL_Signature">Not Installed</String>\n'
    b'<String name="ITL_Signature">' + ITL.hex(" ").upper().encode() + b" </String>\n"
    b'<String name="ITL_TFTP_Server">cucm.example</String>\n<Enum name="StatusCode">3</Enum>\n'
    b"</ParameterList>\n</Alarm>\n</x-cisco-alarm>\n"
)
TYPE = b"Content-Type: application/x-cisco-alarm+xml\r\n"


def refer(body: bytes = XML, kind: bytes = TYPE, length: bytes | None = None) -> bytes:
    told = b"Content-Length: %d\r\n" % len(body) if length is None else length
    return b"REFER sip:10.0.0.1 SIP/2.0\r\nCSeq: 1000 REFER\r\n" + told + kind + b"\r\n" + body


def alarm_of(data: bytes, *, datagram: bool = False) -> Alarm:
    message = dissect(data, datagram=datagram)
    assert isinstance(message, SipMessage)
    (alarm,) = alarms_in(message)
    assert isinstance(alarm, Alarm)
    return alarm


def test_the_alarm_tells_device_lists_and_server() -> None:
    said = trust_list_alarm(alarm_of(refer()))
    assert said is not None
    assert (said.device, said.itl, said.ctl) == ("SEP001122334455", ITL, None)
    assert (said.itl_server, said.ctl_server, said.status) == ("cucm.example", "", "3")


@pytest.mark.parametrize(
    "data",
    [
        refer(kind=b"c : application/x-cisco-alarm+xml\r\n", length=b"l:%d\r\n" % len(XML)),
        refer(kind=TYPE.upper(), length=b"CONTENT-LENGTH:  %d \r\n" % len(XML)),
        refer(kind=b"Content-Type:\r\n application/x-cisco-alarm+xml;\r\n\tcharset=UTF-8\r\n"),
        b"\r\n\r\n" + refer(),
    ],
    ids=["compact", "capitals", "folded", "behind a keep-alive"],
)
def test_fields_are_read_in_all_their_forms(data: bytes) -> None:
    assert alarm_of(data) == alarm_of(refer())


@pytest.mark.parametrize("digits", [ITL.hex(), ITL.hex(":"), ITL.hex("-"), f" {ITL.hex(' ')} "])
def test_a_hash_is_read_with_any_separators(digits: str) -> None:
    xml = XML.replace(ITL.hex(" ").upper().encode() + b" ", digits.encode())
    said = trust_list_alarm(alarm_of(refer(xml)))
    assert said is not None
    assert said.itl == ITL


def test_a_datagram_without_length_is_all_content_and_a_stream_has_none() -> None:
    data = refer(length=b"")
    assert trust_list_alarm(alarm_of(data, datagram=True)) is not None
    message = dissect(data)
    assert isinstance(message, SipMessage)
    assert message.body == b""


def test_an_alarm_among_other_parts_is_found() -> None:
    parts = (
        b"--unique\r\nContent-Type: application/x-cisco-remotecc-request+xml\r\n\r\n<a/>\r\n"
        b"--unique\r\n"
        + TYPE
        + b"Content-Disposition: session\r\n\r\n"
        + XML
        + b"\r\n--unique--\r\n"
    )
    data = refer(parts, kind=b"Content-Type: multipart/mixed; boundary=unique\r\n")
    assert alarm_of(data) == alarm_of(refer())


def test_several_messages_follow_each_other() -> None:
    data = refer() + b"\r\n\r\n" + b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n" + refer()
    found, at = [], 0
    while at < len(data):
        message = dissect(data, at)
        assert isinstance(message, SipMessage)
        found.append(len(alarms_in(message)))
        at = message.end
    assert found == [1, 0, 1]


def test_other_alarms_say_nothing_of_lists() -> None:
    xml = XML.replace(b"DeviceTLInfo", b"LastOutOfServiceInformation")
    alarm = alarm_of(refer(xml))
    assert alarm.value("devicename") == "SEP001122334455"
    assert trust_list_alarm(alarm) is None


@pytest.mark.parametrize(
    "xml",
    [
        b"<!DOCTYPE a [<!ENTITY x 'y'>]>" + XML.partition(b"\n")[2],
        XML[:-20],
        b"",
        b"<other/>",
        b"\xff\xfe" + XML,
    ],
)
def test_what_is_no_alarm_is_malformed_and_no_entity_is_expanded(xml: bytes) -> None:
    message = dissect(refer(xml))
    assert isinstance(message, SipMessage)
    (answer,) = alarms_in(message)
    assert isinstance(answer, Malformed)


def test_sizes_are_bounded() -> None:
    assert isinstance(dissect(b"REFER " + b"x" * MAX_HEADER), Malformed)
    assert isinstance(dissect(refer(length=b"l: %d\r\n" % (MAX_BODY + 1))), Malformed)
    assert isinstance(dissect(b"no SIP at all\r\n\r\n"), Malformed)


@given(st.integers(0, len(refer()) - 1))
def test_a_cut_message_needs_more(length: int) -> None:
    answer = dissect(refer()[:length])
    assert isinstance(answer, NeedMore)
    assert 0 < answer.at_least <= len(refer()) - length


@given(st.binary(max_size=300), st.integers(0, len(refer())))
def test_no_bytes_make_it_raise(noise: bytes, place: int) -> None:
    for data in (noise, refer()[:place] + noise, refer()[:place] + noise + refer()[place:]):
        for datagram in (False, True):
            message = dissect(data, datagram=datagram)
            if isinstance(message, SipMessage):
                assert 0 <= message.offset < message.end <= len(data)
                for alarm in alarms_in(message):
                    if isinstance(alarm, Alarm):
                        trust_list_alarm(alarm)
            elif isinstance(message, Malformed):
                assert 0 <= message.offset <= len(data)
