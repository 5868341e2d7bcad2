"""Sessions decrypted, with holes and with other secrets than their own."""

from __future__ import annotations

from capf_dissectors.tls import dissect_stream
from capf_dissectors.tls.decryption import (
    Decryption,
    KeyLog,
    RsaKey,
    Secrets,
    Side,
    decrypt,
    load_rsa_key,
)

from fuzz.harness import ROOT, Harness
from fuzz.keyed import keyed
from fuzz.tape import Tape, halved, write_part, write_stream

_BY_RSA = ROOT / "captures" / "decrypted" / "tls12-rsa-aes128-gcm" / "server-key.pem"


def judge(data: bytes) -> None:
    """Open a session; open it again with its pieces cut, which must change nothing."""
    tape = Tape(data)
    log, client, server = tape.part(), tape.stream(), tape.stream()
    secrets = Secrets([KeyLog(log)], [_rsa_key()])
    sides = [Side(dissect_stream(pieces), pieces) for pieces in (client, server)]
    opened = decrypt(sides[0], sides[1], secrets)
    _check(opened, sides)
    parted = [Side(side.tls, halved(side.pieces)) for side in sides]
    again = decrypt(parted[0], parted[1], secrets)
    assert (again.client, again.server) == (opened.client, opened.server)
    assert (again.revealed, again.reason) == (opened.revealed, opened.reason)


def _check(opened: Decryption, sides: list[Side]) -> None:
    for plain, side in zip((opened.client, opened.server), sides, strict=True):
        numbers = [one.record for one in plain]
        assert numbers == sorted(set(numbers))
        for one in plain:
            record = side.tls.records[one.record]
            assert record.complete
            assert len(one.data) <= record.length
    for message in opened.revealed:
        side = sides[0] if message.from_client else sides[1]
        assert 0 <= message.message.offset <= message.message.end <= side.tls.records[-1].end


_KEYS: list[RsaKey] = []


def _rsa_key() -> RsaKey:
    if not _KEYS:
        _KEYS.append(load_rsa_key(_BY_RSA.read_bytes()))
    return _KEYS[0]


def seeds() -> list[bytes]:
    """Each session with its own secrets, and with those of another."""
    sessions = keyed()
    logs = [session.log for session in sessions]
    return [
        write_part(log) + write_stream(one.client) + write_stream(one.server)
        for one, other in zip(sessions, logs[1:] + logs[:1], strict=True)
        for log in (one.log, other)
    ]


HARNESS = Harness(judge, seeds, seconds=3.0, longest=1 << 15)
