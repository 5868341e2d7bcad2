"""A service that is added is known wherever all of them must be."""

from __future__ import annotations

from capfpcap.flows.service import Service
from capfpcap.ladder import lanes, subject


def test_every_service_has_a_lane_and_a_rank_among_those_that_a_ladder_keeps() -> None:
    assert set(lanes._KINDS) == set(Service)
    assert set(subject._TELLING_FIRST) == set(Service)
    assert len(subject._TELLING_FIRST) == len(Service)
