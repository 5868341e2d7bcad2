"""The same packets in other files: formats, byte orders, compressions, ring buffers."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import zstandard

from tests.capture import builder
from tests.transformations.relation import Changed, Relation
from tests.transformations.subjects import Files, Recording, Subject, written
from tests.vantage.records import (
    MICROSECOND_MAGIC,
    NANOSECOND_MAGIC,
    SECOND,
    Packet,
)

RESOLUTIONS = {9: 1, 6: 1000, None: 1000, 7: 100}
"""What an interface states as its resolution, and nanoseconds of a unit; none is microseconds."""
MOST_FILES = 6


def _pcap(rng: Random, subject: Subject) -> Changed:
    """Classic files of either byte order and resolution."""
    order, magic = rng.choice("<>"), rng.choice((MICROSECOND_MAGIC, NANOSECOND_MAGIC))
    return Changed(
        {
            f"{one.stem}-{number}.pcap": builder.pcap(one.built(), one.link_type, order, magic)
            for number, one in enumerate(subject.recordings)
        }
    )


def _pcapng(rng: Random, subject: Subject) -> Changed:
    return Changed(
        {
            f"{one.stem}-{number}.pcapng": _blocks(rng, one)
            for number, one in enumerate(subject.recordings)
        }
    )


def _blocks(rng: Random, recording: Recording) -> bytes:
    """Sections of either byte order, one of which may end anywhere; obsolete blocks or not."""
    resolution, unit = rng.choice(list(RESOLUTIONS.items()))
    kind = rng.choice((builder.enhanced, builder.obsolete))
    packets, parts = recording.built(), list[bytes]()
    cut = rng.randrange(len(packets) + 1)
    for some in (packets[:cut], packets[cut:]):
        order = rng.choice("<>")
        parts.append(builder.section(order))
        parts.append(builder.interface(recording.link_type, order, resolution))
        parts += [kind(one, one.time // unit, 0, order) for one in some]
    return b"".join(parts)


def _compressed(rng: Random, subject: Subject) -> Changed:
    files = written(subject.recordings)
    if rng.random() < 0.5:
        level = rng.randrange(1, 10)
        squeezed = {f"{name}.gz": _members(rng, level, one) for name, one in files.items()}
    else:
        packer = zstandard.ZstdCompressor(level=rng.randrange(1, 12))
        squeezed = {f"{name}.zst": packer.compress(one) for name, one in files.items()}
    return Changed(squeezed)


def _members(rng: Random, level: int, content: bytes) -> bytes:
    """Two members, as a log that was appended to has them."""
    cut = rng.randrange(len(content) + 1)
    return b"".join(gzip.compress(part, level, mtime=0) for part in (content[:cut], content[cut:]))


def _ring(rng: Random, subject: Subject) -> Changed:
    """The files of a ring buffer as dumpcap or tcpdump names them, in any order."""
    by_dumpcap = rng.random() < 0.5
    files: list[tuple[str, bytes]] = []
    for number, one in enumerate(subject.recordings):
        for turn, part in enumerate(_parts(rng, one)):
            name = f"{one.stem}-{number}.pcap"
            if by_dumpcap:
                name = f"{one.stem}-{number}_{turn + 1:05}_{_moment(part[0])}.pcap"
            elif turn:
                name += str(turn)
            files.append((name, one.of(part).content()))
    rng.shuffle(files)
    return Changed(dict(files))


def _parts(rng: Random, recording: Recording) -> list[tuple[Packet, ...]]:
    """The records in order, cut where a file was full."""
    packets = recording.packets
    count = rng.randrange(1, min(MOST_FILES, len(packets)) + 1)
    cuts = [0, *sorted(rng.sample(range(1, len(packets)), count - 1)), len(packets)]
    return [packets[one:other] for one, other in pairwise(cuts)]


def _moment(packet: Packet) -> str:
    return datetime.fromtimestamp(packet.time // SECOND, UTC).strftime("%Y%m%d%H%M%S")


def _in_another_order(rng: Random, subject: Subject) -> Changed | None:
    """The captures named in another order."""
    if len(subject.recordings) < 2:
        return None
    items: list[tuple[str, bytes]] = list(written(subject.recordings).items())
    files: Files = dict(items[::-1] if len(items) == 2 else rng.sample(items, len(items)))
    return Changed(files)


RELATIONS: dict[str, Relation] = {
    "pcap": Relation(_pcap),
    "pcapng": Relation(_pcapng),
    "compressed": Relation(_compressed),
    "ring": Relation(_ring),
    "order-of-captures": Relation(_in_another_order),
}
