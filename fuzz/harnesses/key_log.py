"""Key logs, whole and damaged."""

from __future__ import annotations

import re

from capf_dissectors.tls.decryption import KeyLog
from capf_dissectors.tls.decryption.key_log import MOST_DAMAGED

from fuzz.harness import Harness
from fuzz.keyed import keyed

_WELL_FORMED = re.compile(
    rb"^CLIENT_RANDOM ([0-9a-f]{64}) ([0-9a-f]{96})$|^CLIENT_TRAFFIC_SECRET_0 ([0-9a-f]{64}) "
    rb"([0-9a-f]{64})$",
    re.MULTILINE,
)
_MOST_FOUND = 8
"""Lines that are looked for in one log."""


def judge(data: bytes) -> None:
    """Each well-formed line is found by what it names; none is in the words for the log."""
    log = KeyLog(data)
    damage = log.damage
    assert len(damage.first) == min(damage.total, MOST_DAMAGED)
    assert list(damage.first) == sorted(damage.first)
    log.of_session(data[:32])
    log.of_encrypted(data[:8])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    for match in list(_WELL_FORMED.finditer(data))[:_MOST_FOUND]:
        name, secret = (bytes.fromhex(part.decode()) for part in match.groups() if part)
        found = log.of_random(name)
        assert secret in {one for _, one in found} or data.count(match[1] or match[3]) > _MOST_FOUND
        assert secret.hex() not in repr(log)


def seeds() -> list[bytes]:
    """The logs that ship, and lines of every other form."""
    zeros = b"00" * 48
    forms = [
        b"# comment\r\n\r\nPMS_CLIENT_RANDOM " + b"ab" * 32 + b" " + zeros,
        b"RSA 0011223344556677 " + zeros + b"\nRSA Session-ID:aa Master-Key:" + zeros,
        "CLIENT_RANDOM 00".encode("utf-16"),
    ]
    return forms + [session.log for session in keyed()]


HARNESS = Harness(
    judge,
    seeds,
    longest=1 << 13,
    dictionary=(b"CLIENT_RANDOM ", b"CLIENT_TRAFFIC_SECRET_0 ", b"RSA Session-ID:", b"\r\n"),
)
