"""What a session was, told by the sizes of its records."""

from __future__ import annotations

from dataclasses import dataclass

from capf_dissectors.capf_shape import (
    Authentication,
    Ended,
    application_records_tls13,
    authentication_told,
    classify,
    key_told,
    split_records_tls13,
)
from capf_dissectors.tls import plaintext_bounds

from fuzz.harness import Harness
from fuzz.tape import Tape

_INSTALL_GCM = (40, -63, 41, -32, -329, 978, -36, 36)
_INSTALL_TLS13 = (56, -34, 25, -322, 972, -29, 29)
_INSTALL_CBC = (64, -80, 64, -48, -352, 992, -64, 64)
_FETCH_GCM = (40, -63, 32, -978, 36)
_DELETE_GCM = (40, -63, 32, -36, 36)
_NOTHING_GCM = (40, -63, 36)
"""Record lengths of sessions; those of the client are negative."""
_ENDED = tuple(Ended)


@dataclass(frozen=True)
class _Bounded:
    from_client: bool
    smallest: int
    largest: int


def judge(data: bytes) -> None:
    """Records of any cipher suite, or with any bounds, from any side."""
    tape = Tape(data)
    flags, tls13, by_suite = tape.octet(), *(bool(tape.octet() & 1) for _ in range(2))
    closed, ended = bool(flags & 1), _ENDED[(flags >> 1) % len(_ENDED)]
    version, suite = tape.number(2), tape.number(2)
    records = []
    while tape.left:
        from_client, length = bool(tape.octet() & 1), tape.number(2)
        if by_suite:
            smallest, largest = plaintext_bounds(version, suite, length, closed)
        else:
            smallest, largest = length, length + (tape.octet() & 0x1F)
        assert 0 <= smallest <= largest
        records.append(_Bounded(from_client, smallest, largest))
    if tls13:
        parted = split_records_tls13(records)
        count = len(parted.handshake) + len(parted.alerts) + len(parted.application)
        assert count == len(records)
        records = application_records_tls13(records)
        assert list(parted.application) == records
    sized = [(record.from_client, record.smallest, record.largest) for record in records]
    shape = classify(sized, ended=ended, sure=closed)
    assert len(shape.messages) == len(records)
    assert [one.last for one in shape.said] == sorted({one.last for one in shape.said})
    assert authentication_told(shape, None) <= set(Authentication)
    assert key_told(shape) is None or shape.said


def seeds() -> list[bytes]:
    """Sessions as real servers hold them."""
    heads = (
        (b"\1\0\1\x03\x03\xc0\x30", (_INSTALL_GCM, _FETCH_GCM, _DELETE_GCM, _NOTHING_GCM)),
        (b"\1\1\1\x03\x04\x13\x02", (_INSTALL_TLS13,)),
        (b"\1\0\1\x03\x03\x00\x2f", (_INSTALL_CBC,)),
    )
    return [
        head + b"".join(bytes([at < 0]) + abs(at).to_bytes(2, "big") for at in session)
        for head, sessions in heads
        for session in sessions
    ]


HARNESS = Harness(judge, seeds, longest=4096)
