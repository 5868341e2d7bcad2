"""DNS messages in datagrams, cut or whole, and in streams with holes."""

from __future__ import annotations

import capf_dissectors.dns.reader
from capf_dissectors import dns
from capf_dissectors.results import NeedMore

from capfpcap.services import Service
from fuzz.answers import check_answer
from fuzz.harness import Harness
from fuzz.seeds import carried, some
from fuzz.tape import Tape, write_stream

_LOADED = capf_dissectors.dns.reader.read_message
"""Loaded here, so that it is instrumented with the rest."""
_STREAM = 1


def judge(data: bytes) -> None:
    """A datagram, whole and cut, or a stream."""
    tape = Tape(data)
    if tape.octet() & _STREAM:
        _judge_stream(tape)
    else:
        _judge_datagram(tape.rest())


def _judge_datagram(payload: bytes) -> None:
    whole, cut = dns.dissect(payload), dns.dissect_cut(payload)
    check_answer(whole, len(payload))
    if not isinstance(whole, NeedMore):
        assert cut == whole
    assert isinstance(cut, NeedMore) == (len(payload) < dns.HEADER_LENGTH)
    if isinstance(cut, dns.DnsMessage):
        assert cut.id == payload[0] << 8 | payload[1]


def _judge_stream(tape: Tape) -> None:
    position = 0
    for message in dns.dissect_stream(tape.stream()):
        assert position <= message.offset < message.end
        position = message.end
        check_answer(message.result, message.end - message.offset)


def seeds() -> list[bytes]:
    """Payloads of every lookup, as datagrams and in streams."""
    payloads = list(some(carried().datagrams.get(Service.DNS, [])))
    streams = [len(payload).to_bytes(2, "big") + payload for payload in payloads]
    streams.append(b"".join(streams[:4]))
    datagrams = [b"\0" + payload for payload in payloads]
    return datagrams + [b"\1" + write_stream(stream) for stream in streams[::4]]


HARNESS = Harness(judge, seeds, longest=8192)
