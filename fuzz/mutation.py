"""Changes captures packet by packet, so that what is changed is still read as packets.

An engine that changes octets alone spends itself on record headers: a length that lies ends the
reading of a classic capture file. Here records are dropped, repeated, moved, cut and changed inside
while their headers stay true; now and then all octets are fair game.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from fuzz.packets import FILE_HEADER, RECORD_HEADER, records_of, rewritten
from fuzz.tape import Tape, write_part

Octets = Callable[[bytes, int], bytes]
"""The engine's own way to change octets, and the largest size of the outcome."""

_UNGUIDED = 0.1
"""How often octets are changed without regard to records."""
_GROWTH = 64
"""Octets that a packet may grow by."""


def mutate_capture(data: bytes, longest: int, seed: int, octets: Octets) -> bytes:
    """Change one capture."""
    chance = Random(seed)
    records = records_of(data)
    if not records or chance.random() < _UNGUIDED:
        return octets(data, longest)
    for _ in range(chance.randint(1, 3)):
        chance.choice(_CHANGES)(records, chance, octets)
    return (data[:FILE_HEADER] + b"".join(records))[:longest]


def mutate_pair(data: bytes, longest: int, seed: int, octets: Octets) -> bytes:
    """Change one of two captures."""
    tape = Tape(data)
    first, second = tape.part(), tape.rest()
    if seed & 1:
        first = mutate_capture(first, longest - 4 - len(second), seed >> 1, octets)
    else:
        second = mutate_capture(second, longest - 4 - len(first), seed >> 1, octets)
    return write_part(first) + second


def _change(records: list[bytes], chance: Random, octets: Octets) -> None:
    at = chance.randrange(len(records))
    packet = records[at][RECORD_HEADER:]
    records[at] = rewritten(records[at], octets(packet, len(packet) + _GROWTH))


def _change_behind_headers(records: list[bytes], chance: Random, octets: Octets) -> None:
    at = chance.randrange(len(records))
    packet = records[at][RECORD_HEADER:]
    place = chance.randrange(len(packet) + 1)
    behind = packet[place:]
    records[at] = rewritten(records[at], packet[:place] + octets(behind, len(behind) or 1))


def _overwrite(records: list[bytes], chance: Random, _octets: Octets) -> None:
    at = chance.randrange(len(records))
    packet = bytearray(records[at][RECORD_HEADER:])
    for _ in range(chance.randint(1, 4)):
        if packet:
            packet[chance.randrange(min(len(packet), 80))] = chance.randrange(256)
    records[at] = rewritten(records[at], bytes(packet))


def _cut(records: list[bytes], chance: Random, _octets: Octets) -> None:
    at = chance.randrange(len(records))
    packet = records[at][RECORD_HEADER:]
    kept = packet[: chance.randrange(len(packet) + 1)]
    records[at] = rewritten(records[at], kept, len(packet))


def _drop(records: list[bytes], chance: Random, _octets: Octets) -> None:
    at = chance.randrange(len(records))
    kept = records[:at] + records[at + chance.choice((1, 1, 2, 8)) :]
    records[:] = kept or records[:1]


def _repeat(records: list[bytes], chance: Random, _octets: Octets) -> None:
    at = chance.randrange(len(records))
    records.insert(chance.randrange(len(records) + 1), records[at])


def _move(records: list[bytes], chance: Random, _octets: Octets) -> None:
    record = records.pop(chance.randrange(len(records)))
    records.insert(chance.randrange(len(records) + 1), record)


def _shift_time(records: list[bytes], chance: Random, _octets: Octets) -> None:
    at = chance.randrange(len(records))
    seconds = int.from_bytes(records[at][:4], "little") + chance.choice((-1, 1, 30, 1 << 30))
    records[at] = (seconds & 0xFFFFFFFF).to_bytes(4, "little") + records[at][4:]


_CHANGES = (
    _change,
    _change_behind_headers,
    _change_behind_headers,
    _overwrite,
    _overwrite,
    _cut,
    _drop,
    _repeat,
    _move,
    _shift_time,
)
