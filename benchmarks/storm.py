"""*storm*: all phones of a site enrol within some minutes, as after a power failure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.captures import Numbers, Population, write_capture
from benchmarks.cluster import CAPTURE_BEGINS, Cluster, Vantage, make_cluster
from benchmarks.enrolments import Outcome, enrolment
from benchmarks.scripts import SECOND
from benchmarks.tls_sessions import TLS_1_0, TLS_1_2_ECDHE, TLS_1_2_RSA, Flavour

SWITCH_PORTS = 48
SWITCH_BOOT = 4 * SECOND
"""Within which the phones of one switch start."""
DURATION = 240 * SECOND
FAILURES_WITHIN = DURATION // 2
"""Before which the failing phones start, so that their last attempts end in the capture."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many phones in a thousand end in one way, over one kind of session."""

    outcome: Outcome
    flavour: Flavour
    per_mille: int

    @property
    def failing(self) -> bool:
        """Whether the phones of this share fail."""
        return self.outcome is not Outcome.INSTALLED


SHARES = (
    Share(Outcome.INSTALLED, TLS_1_2_ECDHE, 455),
    Share(Outcome.INSTALLED, TLS_1_2_RSA, 200),
    Share(Outcome.INSTALLED, TLS_1_0, 280),
    Share(Outcome.TOO_LATE, TLS_1_2_ECDHE, 5),
    Share(Outcome.MISMATCH, TLS_1_2_ECDHE, 5),
    Share(Outcome.UNANSWERED, TLS_1_0, 20),
    Share(Outcome.REFUSED, TLS_1_0, 15),
    Share(Outcome.NAME_UNKNOWN, TLS_1_0, 20),
)


def count_shares(phones: int) -> list[tuple[Share, int]]:
    """How many of ``phones`` fall to each share; what rounding leaves goes to the first."""
    counts = [share.per_mille * phones // 1000 for share in SHARES]
    counts[0] += phones - sum(counts)
    return [(share, count) for share, count in zip(SHARES, counts, strict=True) if count]


def write_storm(path: Path, phones: int, seed: int) -> int:
    """Write the capture; returns the number of its packets."""
    return write_capture(path, enrolling_phones(make_cluster(seed), phones, seed), seed)


def write_one_phone(path: Path, phones: int, seed: int) -> int:
    """Write the capture of ``phones`` installations at once; returns the number of its packets."""
    script = enrolment(make_cluster(seed), Outcome.INSTALLED, TLS_1_2_ECDHE)
    starts = np.full(phones, CAPTURE_BEGINS * SECOND)
    return write_capture(path, [Population(script, np.arange(phones), starts)], seed)


def enrolling_phones(
    cluster: Cluster,
    phones: int,
    seed: int,
    *,
    vlan: int | None = None,
    first: int = 0,
    vantage: Vantage = Vantage.PHONES,
) -> list[Population]:
    """``phones`` phones, numbered from ``first``, in the shares of a storm."""
    generator = np.random.default_rng([seed, first])
    starts = start_times(phones, generator)
    return [
        Population(
            enrolment(cluster, share.outcome, share.flavour, vlan, vantage),
            first + chosen,
            starts[chosen],
        )
        for share, chosen in _deal(starts, generator)
    ]


def _deal(starts: Numbers, generator: np.random.Generator) -> Iterator[tuple[Share, Numbers]]:
    """Which phones fall to each share; those that fail are among the early ones."""
    early = starts < CAPTURE_BEGINS * SECOND + FAILURES_WITHIN
    shuffled = generator.permutation(len(starts))
    shuffled = np.concatenate([shuffled[early[shuffled]], shuffled[~early[shuffled]]])
    counted = sorted(count_shares(len(starts)), key=lambda one: not one[0].failing)
    borders = np.cumsum([count for _, count in counted])[:-1]
    for (share, _), chosen in zip(counted, np.split(shuffled, borders), strict=True):
        yield share, np.sort(chosen)


def start_times(phones: int, generator: np.random.Generator) -> Numbers:
    """When each phone starts: switch by switch, the phones of a switch within seconds."""
    switches = -(-phones // SWITCH_PORTS)
    boots = np.sort(generator.integers(0, DURATION - SWITCH_BOOT, switches))
    boots[0] = 0
    boots[-1] = DURATION - SWITCH_BOOT if switches > 1 else 0
    offsets = generator.integers(0, SWITCH_BOOT, phones)
    starts: Numbers = CAPTURE_BEGINS * SECOND + np.repeat(boots, SWITCH_PORTS)[:phones] + offsets
    return starts
