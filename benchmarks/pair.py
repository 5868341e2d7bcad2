"""*pair*: one storm captured on the phones' network and at the publisher at once.

The path between them loses one packet in a hundred, either way. What carries something is sent
once more and arrives; an acknowledgement that is lost is made up for by the next. Nothing of a
phone whose SYNs a filter drops reaches the publisher's port 3804. The publisher's clock is ahead.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.captures import NEVER, Numbers, Population, write_schedule
from benchmarks.cluster import PUBLISHER, Vantage, make_cluster, packed
from benchmarks.contenders import publisher_side
from benchmarks.scripts import MILLISECOND, SECOND
from benchmarks.storm import enrolling_phones
from benchmarks.tls_sessions import Side

LOSS = 0.01
SENT_AGAIN_AFTER = SECOND
"""The first retransmission timeout (RFC 6298), and a TFTP client's."""
ONE_WAY = 2 * MILLISECOND
CLOCK_AHEAD = 1_700 * MILLISECOND
"""How far the publisher's clock is ahead of the phones' side's."""
NEAR = {Vantage.PHONES: Side.CLIENT, Vantage.PUBLISHER: Side.SERVER}
"""Who sends what is captured before it can be lost."""


def write_pair(path: Path, phones: int, seed: int) -> int:
    """Write the phones' side to ``path`` and the publisher's beside it; returns all packets.

    The second file's name has ``publisher-`` before the first one's.
    """
    return sum(_write_side(path, phones, seed, vantage) for vantage in Vantage)


def _write_side(path: Path, phones: int, seed: int, vantage: Vantage) -> int:
    populations = enrolling_phones(make_cluster(seed), phones, seed, vantage=vantage)
    generator = np.random.default_rng([seed, 0])
    times = [_times(population, vantage, generator) for population in populations]
    twice = [_with_repetitions(population) for population in populations]
    file = path if vantage is Vantage.PHONES else publisher_side(path)
    return write_schedule(file, twice, times, seed)


def _with_repetitions(population: Population) -> Population:
    """Each step twice: as it is sent first, and as it is sent once more."""
    steps = [
        copy
        for step in population.script.steps
        for copy in (step, replace(step, frame=step.frame.sent_again()))
    ]
    return replace(population, script=replace(population.script, steps=steps))


def _times(population: Population, vantage: Vantage, generator: np.random.Generator) -> Numbers:
    """When each step and its repetition are captured at ``vantage``, or never."""
    steps = population.script.steps
    turns = [one.sender is not other.sender for one, other in pairwise(steps)]
    sent = population.times(generator) + np.cumsum([0, *turns]) * ONE_WAY
    filtered = np.array([step.filtered for step in steps])
    carries = np.array([step.repeated_when_lost for step in steps]) & ~filtered
    lost = (generator.random(sent.shape) < LOSS) | filtered
    again = lost & carries
    delays = again.cumsum(axis=1) * SENT_AGAIN_AFTER
    sent = sent + delays - again * SENT_AGAIN_AFTER
    near = np.array([step.sender is NEAR[vantage] for step in steps])
    far = np.where(near, 0, ONE_WAY)
    ahead = CLOCK_AHEAD if vantage is Vantage.PUBLISHER else 0
    first = np.where(lost & ~near, NEVER, sent + far + ahead)
    repeated = np.where(again, sent + SENT_AGAIN_AFTER + far + ahead, NEVER)
    if vantage is Vantage.PUBLISHER:
        elsewhere = [step.server.address.octets != packed(PUBLISHER) for step in steps]
        first[:, elsewhere] = repeated[:, elsewhere] = NEVER
    both: Numbers = np.stack([first, repeated], axis=2).reshape(len(sent), -1)
    return both
