from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.vantage.clock import Clock, Crossings, Sureness, compare_clocks
from tests.vantage.records import MILLISECOND, SECOND, Packet, codes, joined, pair

START = 1_790_000_000 * SECOND


def crossings(ahead: int, delays: list[tuple[int, bool]], drift: float = 0.0) -> Crossings:
    """Packets a tenth of a second apart, each with its delay and whether it goes to the far end."""
    near, far = [], []
    for number, (delay, to_far) in enumerate(delays):
        sent = START + number * 100 * MILLISECOND
        there = sent + delay if to_far else sent - delay
        near.append(sent)
        far.append(there + ahead + round((there - START) * drift))
    to_far = np.array([to_far for _, to_far in delays], np.bool_)
    return Crossings(np.array(near, np.int64), np.array(far, np.int64), to_far)


delays = st.integers(10_000, 80 * MILLISECOND)


@given(st.integers(-(10**13), 10**13), st.lists(delays, min_size=1), st.lists(delays, min_size=1))
def test_the_truth_lies_within_the_uncertainty(ahead: int, up: list[int], down: list[int]) -> None:
    packets = [(delay, True) for delay in up] + [(delay, False) for delay in down]
    clock = compare_clocks(crossings(ahead, packets[:20]), Clock())
    assert clock is not None
    if clock.sureness is Sureness.BOTH_WAYS:
        assert clock.error is not None
        assert abs(clock.ahead - ahead) <= clock.error
    else:
        assert clock.error is None


@given(st.integers(-(10**13), 10**13), st.lists(delays, min_size=1), st.booleans())
def test_packets_of_one_direction_bound_the_offset(
    ahead: int, taken: list[int], to_far: bool
) -> None:
    clock = compare_clocks(crossings(ahead, [(delay, to_far) for delay in taken]), Clock())
    assert clock is not None
    assert clock.error is None
    if to_far:
        assert clock.sureness is Sureness.AT_MOST
        assert ahead <= clock.ahead
    else:
        assert clock.sureness is Sureness.AT_LEAST
        assert ahead >= clock.ahead


def test_no_common_packet_tells_nothing() -> None:
    assert compare_clocks(crossings(0, []), Clock()) is None


@pytest.mark.parametrize("drift", [5e-5, -2e-4])
def test_a_drift_shows_over_a_long_capture_and_is_taken_out(drift: float) -> None:
    packets = [(2 * MILLISECOND, number % 2 == 0) for number in range(6_000)]
    found = crossings(SECOND, packets, drift)
    clock = compare_clocks(found, Clock())
    assert clock is not None
    assert clock.drift == pytest.approx(drift, rel=0.02)
    common = clock.common_times(found.far) - found.near
    assert np.abs(common).max() < 3 * MILLISECOND


def test_an_even_clock_has_no_drift() -> None:
    packets = [(2 * MILLISECOND + number % 7 * 100_000, number % 2 == 0) for number in range(900)]
    clock = compare_clocks(crossings(SECOND, packets), Clock())
    assert clock is not None
    assert clock.drift == 0.0


@pytest.fixture(scope="module")
def long_pair() -> tuple[list[Packet], list[Packet]]:
    return pair("slow-key-generation")


@pytest.mark.parametrize("seconds", [-37, 7200])
def test_the_report_says_by_how_much_clocks_differ(
    long_pair: tuple[list[Packet], list[Packet]], seconds: int, tmp_path: Path
) -> None:
    phone, publisher = long_pair
    report = joined(tmp_path, phone, [one.later(seconds * SECOND) for one in publisher]).report
    near, far = report.captures
    assert (near.clock_offset_s, near.clock_offset_error_s) == (0.0, 0.0)
    assert far.clock_offset_s == pytest.approx(seconds, abs=0.01)
    assert far.clock_offset_error_s is not None
    assert far.clock_offset_error_s < 0.01
    assert "capture-clock-offset" in {finding.code for finding in report.findings}


def test_clocks_that_agree_are_not_mentioned(
    long_pair: tuple[list[Packet], list[Packet]], tmp_path: Path
) -> None:
    assert "capture-clock-offset" not in codes(joined(tmp_path, *long_pair))


def test_a_drifting_clock_changes_no_verdict(
    long_pair: tuple[list[Packet], list[Packet]], tmp_path: Path
) -> None:
    phone, publisher = long_pair
    begin = publisher[0].time
    drifting = [one.later(round((one.time - begin) * 3e-4) + SECOND) for one in publisher]
    analysis = joined(tmp_path, phone, drifting)
    assert codes(analysis) == {"capf-session-complete", "capture-clock-offset"}
    assert all(not flow.differs for flow in analysis.scene.flows)


def test_evidence_has_the_time_of_its_own_file(tmp_path: Path) -> None:
    phone, publisher = pair("return-path-filtered")
    later = [one.later(-37 * SECOND) for one in publisher]
    report = joined(tmp_path, phone, later).report
    times = {capture.id: (capture.first, capture.last) for capture in report.captures}
    (finding,) = [one for one in report.findings if one.code == "path-dropped-to-phone"]
    for evidence in finding.evidence:
        first, last = times[evidence.capture]
        assert first is not None
        assert last is not None
        assert first <= evidence.time <= last
    assert {evidence.capture for evidence in finding.evidence} == {"phone", "publisher"}
