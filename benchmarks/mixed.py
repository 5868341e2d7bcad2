"""*mixed*: an office's traffic at a core switch, in which a few phones enrol."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.captures import Population, write_capture
from benchmarks.cluster import CAPTURE_BEGINS, Cluster, make_cluster
from benchmarks.noise import call, keep_alive, registration, web_page
from benchmarks.scripts import SECOND, Script
from benchmarks.storm import DURATION, enrolling_phones

RELEVANT = 0.028
"""The part of the packets that belongs to enrolments."""
PACKETS_A_PHONE = 55
TAGGED_PHONES = 0.3
"""The part of the phones whose frames carry an 802.1Q tag."""
VOICE_VLAN = 110
CALLS = 0.475
WEB_PAGES = 0.405
REGISTRATIONS = 0.119
"""Parts of the packets that are no enrolment's; the rest are keep-alives.

At a site of 20,000 phones that refresh their registration every two minutes, registrations are an
eighth of two million packets in four minutes.
"""
FIRST_OTHER = 200_000
"""Index of the first client that is no enrolling phone."""


def count_phones(packets: int) -> int:
    """How many phones enrol in a capture of ``packets`` packets."""
    return max(1, round(packets * RELEVANT / PACKETS_A_PHONE))


def write_mixed(path: Path, packets: int, seed: int) -> int:
    """Write a capture of exactly ``packets`` packets, if they are enough for its phones."""
    cluster = make_cluster(seed)
    phones = count_phones(packets)
    tagged = round(phones * TAGGED_PHONES)
    populations = enrolling_phones(cluster, phones - tagged, seed)
    if tagged:
        first = phones - tagged
        populations += enrolling_phones(cluster, tagged, seed, vlan=VOICE_VLAN, first=first)
    left = packets - sum(one.packets for one in populations)
    populations += others(cluster, left, np.random.default_rng([seed, packets]))
    return write_capture(path, populations, seed)


def others(cluster: Cluster, packets: int, generator: np.random.Generator) -> list[Population]:
    """Exactly ``packets`` packets of calls, web pages, registrations and keep-alives."""
    wanted = (
        (call(), int(packets * CALLS)),
        (web_page(cluster), int(packets * WEB_PAGES)),
        (registration(), int(packets * REGISTRATIONS)),
    )
    populations, first = [], FIRST_OTHER
    for script, part in wanted:
        count = max(part, 0) // len(script.steps)
        populations.append(_spread(script, count, first, generator))
        first += count
    left = packets - sum(one.packets for one in populations)
    populations.append(_spread(keep_alive(), max(left, 0), first, generator))
    return [one for one in populations if one.packets]


def _spread(script: Script, count: int, first: int, generator: np.random.Generator) -> Population:
    starts = CAPTURE_BEGINS * SECOND + np.sort(generator.integers(0, DURATION, count))
    return Population(script, np.arange(first, first + count), starts)
