"""TLS records and messages of one direction, with holes."""

from __future__ import annotations

import capf_dissectors.tls as dissector

from fuzz.answers import check_ascending, check_completed, check_problem
from fuzz.harness import Harness
from fuzz.seeds import carried
from fuzz.tape import Tape, halved, write_stream

_FROM_START = 1


def judge(data: bytes) -> None:
    """Read a stream; read it again with its runs cut in pieces, which must change nothing."""
    tape = Tape(data)
    from_start = bool(tape.octet() & _FROM_START)
    pieces = tape.stream()
    read = dissector.dissect_stream(pieces, from_start=from_start)
    check_ascending(read.records)
    check_completed(read.messages)
    check_problem(read.problem, pieces)
    assert read.unfinished is None or read.unfinished.at_least >= 1
    for record in read.records:
        dissector.plaintext_bounds(record.version, record.length, record.length, record.encrypted)
    for message in read.messages:
        _name(message)
    again = dissector.dissect_stream(halved(pieces), from_start=from_start)
    assert (again.records, again.messages) == (read.records, read.messages)
    assert (again.problem, again.unfinished) == (read.problem, read.unfinished)


def _name(message: dissector.Message) -> None:
    """All that is asked of a message by those who show it."""
    if isinstance(message, dissector.ServerHello):
        dissector.cipher_suite_name(message.cipher_suite)
        dissector.version_name(message.version)
    elif isinstance(message, dissector.ClientHello):
        dissector.version_name(message.highest_version)
    elif isinstance(message, dissector.Alert) and message.description is not None:
        dissector.alert_name(message.description)
    elif isinstance(message, dissector.ServerKeyExchange) and message.named_curve is not None:
        dissector.group_name(message.named_curve)


def seeds() -> list[bytes]:
    """Both sides of every session."""
    return [b"\1" + write_stream(said) for sides in carried().tls for said in sides if said]


HARNESS = Harness(judge, seeds)
