"""Captures with what others did: strangers' noise, another phone's capture, both ends in one."""

from __future__ import annotations

from functools import cache
from random import Random

from tests.transformations.on_the_wire import OWN_CHOICE
from tests.transformations.packets import counted_from, identified_by, with_ports
from tests.transformations.relation import (
    Changed,
    Law,
    Relation,
    all_ethernet,
    between,
    either_way,
    to_recordings,
)
from tests.transformations.subjects import (
    Recording,
    Recordings,
    Subject,
    seconds,
    subjects,
    written,
)
from tests.vantage.records import CAPTURES, TCP, UDP, Packet, read, translated

PXE = b"\0\1pxelinux.0\0octet\0"
DNS, TFTP, HTTPS = 53, 69, 443


@cache
def _strangers() -> dict[str, tuple[Packet, ...]]:
    """Names looked up, a web page from port 3804, and a boot file asked for: each one's packets."""
    web = read(CAPTURES / "web-from-port-3804" / "phone.pcap")
    names = read(CAPTURES / "success-by-name" / "phone.pcap")
    failing = read(CAPTURES / "dns-nxdomain" / "phone.pcap")
    files = read(CAPTURES / "tftp-filtered" / "phone.pcap")
    kinds = {
        "web": tuple(one for one in web if one.protocol == TCP and {3804, HTTPS} == {*one.ports}),
        "names": tuple(one for one in names if one.protocol == UDP and DNS in one.ports),
        "no such name": tuple(one for one in failing if one.protocol == UDP and DNS in one.ports),
        "pxe": tuple(
            one.with_payload(PXE)
            for one in files
            if one.protocol == UDP and one.ports[1] == TFTP and one.payload.startswith(b"\0\1")
        ),
    }
    return {kind: tuple(map(_of_another, packets)) for kind, packets in kinds.items()}


def _of_another(packet: Packet) -> Packet:
    """With numbers that are not those of the capture that it is taken from."""
    packet = counted_from(identified_by(packet, lambda number: number ^ 0x1111 or 1), 0x3804_3804)
    return with_ports(packet, lambda port: port ^ 1 if port in OWN_CHOICE else port)


def _client(packets: tuple[Packet, ...]) -> bytes:
    return packets[0].source


def _with_noise(rng: Random, recordings: Recordings) -> Recordings | None:
    """Strangers beside the phone while it was recorded, others in each capture.

    Those that boot do so everywhere, and all count alike from then on; a page is loaded past one
    place, and names are looked up beside the phone: a server of names that is reached past both
    places would tell how long each of them was recording.
    """
    if not all_ethernet(recordings):
        return None
    noisy = []
    passes = {"web": rng.randrange(len(recordings))}
    for place, one in enumerate(recordings):
        added: list[Packet] = []
        for number, (kind, packets) in enumerate(_strangers().items()):
            if rng.random() < 0.7 if kind == "pxe" else passes.get(kind, 0) == place:
                stranger = bytes([10, 20, 230 + place, 10 + number])
                added += _within(rng, one, translated(packets, _client(packets), stranger))
        noisy.append(one.of([*one.packets, *added]).in_order())
    return tuple(noisy)


def _within(rng: Random, recording: Recording, packets: list[Packet]) -> list[Packet]:
    """The packets in some part of the time that was recorded, faster if that is short."""
    first, begin = min(one.time for one in packets), recording.first
    lasts = max(one.time for one in packets) - first
    left = recording.last - begin
    rate = min(1.0, left / lasts) if lasts else 0.0
    start = begin + int(rng.random() * (left - rate * lasts))
    return [one.later(start - one.time + int((one.time - first) * rate)) for one in packets]


def _beside(rng: Random, subject: Subject) -> Changed | None:
    """Another phone's captures handed in as well, of about the same time or another."""
    other = _another(rng, subject)
    recordings = other.recordings
    if rng.random() < 0.7:
        near = subject.recordings[0].first + seconds(rng.uniform(-60, 60))
        by = near - recordings[0].first
        recordings = tuple(one.of([each.later(by) for each in one.packets]) for one in recordings)
    both = [*subject.recordings, *recordings]
    return Changed(written(tuple(both)), beside=other)


def _another(rng: Random, subject: Subject) -> Subject:
    others = [one for one in subjects().values() if one.scenario != subject.scenario]
    return rng.choice(others)


def _in_one_file(rng: Random, recordings: Recordings) -> Recordings | None:
    """The captures of several places in one file, the clocks of all but one ahead or behind."""
    if len(recordings) < 2 or len({one.link_type for one in recordings}) > 1:
        return None
    packets = list(recordings[0].packets)
    by = seconds(either_way(rng, between(rng, 1e-5, 60))) if rng.random() < 0.9 else 0
    for one in recordings[1:]:
        packets += [packet.later(by) for packet in one.packets]
    return (recordings[0].of(packets).in_order(),)


RELATIONS: dict[str, Relation] = {
    "noise": to_recordings(_with_noise),
    "beside": Relation(_beside, Law.UNION),
    "merged": to_recordings(_in_one_file),
}
