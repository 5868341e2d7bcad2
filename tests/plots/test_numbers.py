"""The numbers behind pictures of paths and storms, and the axes of time."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from capfpcap.formats.ladders.words import Times
from capfpcap.ladder.model import GapKind
from capfpcap.plots.packets import Packets, packets_of
from capfpcap.plots.phones import storm_of
from capfpcap.plots.time_axis import tell_time
from capfpcap.plots.timeline import Sign, Tone, bars_of
from capfpcap.report import Outcome
from capfpcap.vantage.fate import Fate
from tests.ladder.drawn import CAPTURES, analysis_of, gaps, messages, of_scenario

NOON = 1_795_435_200_000_000_000
"""2026-11-23 12:00 UTC."""
SECOND = 1_000_000_000


def files(scenario: str, *stems: str) -> tuple[Path, ...]:
    found = sorted((CAPTURES / scenario).glob("*.pcap*"))
    return tuple(file for file in found if not stems or file.name.partition(".")[0] in stems)


def packets(scenario: str, *stems: str) -> Packets:
    return packets_of(analysis_of(files(scenario, *stems)), None, None)


def test_a_path_has_each_packet_at_each_capture_and_the_hops_between() -> None:
    shown = packets("itl-mismatch")
    assert shown.points == ("phone", "publisher")
    for way in shown.ways:
        assert len(way.dots) == 2 * len(way.hops)
        assert not way.losses
        assert {hop.arrived.place - hop.sent.place for hop in way.hops} == {
            1 if way.to_server else -1
        }


def test_lost_packets_of_a_path_are_those_of_the_ladder() -> None:
    shown, ladder = packets("return-path-filtered"), of_scenario("return-path-filtered")
    lost = [one for way in shown.ways for one in way.losses]
    broken = [one for one in messages(ladder) if one.delivery.ends_on_the_way]
    assert sorted(one.at.time for one in lost) == sorted(one.time for one in broken)
    assert not shown.ways[0].losses
    assert {one.place for one in lost} == {0.6}


def test_what_is_injected_comes_from_the_way() -> None:
    fates = [one.fate for way in packets("rst-injected").ways for one in way.losses]
    assert fates.count(Fate.INJECTED) == 5


def test_one_capture_shows_no_hops_and_no_losses() -> None:
    shown = packets("return-path-filtered", "phone")
    assert shown.points == ("phone",)
    assert not any(way.hops or way.losses for way in shown.ways)
    assert all(way.dots for way in shown.ways)


def test_key_generation_has_a_bar_of_its_own_behind_that_of_its_flow() -> None:
    ladder = of_scenario("slow-key-generation")
    bars = list(bars_of(ladder))
    assert [bar.tone for bar in bars[-2:]] == [Tone.CAPF, Tone.KEY]
    (gap,) = (one for one in gaps(ladder) if one.kind is GapKind.KEY_GENERATION)
    assert (bars[-1].begins, bars[-1].ends) == (gap.begins, gap.ends)
    assert bars[-2].begins <= gap.begins <= gap.ends <= bars[-2].ends


def test_bars_are_marked_where_packets_are_lost_and_where_a_fault_shows() -> None:
    lost = [sign for bar in bars_of(of_scenario("return-path-filtered")) for sign, _ in bar.signs]
    assert set(lost) == {Sign.LOST}
    refused = list(bars_of(of_scenario("itl-mismatch")))
    assert [len(bar.signs) for bar in refused if bar.tone is Tone.CAPF] == [1, 1, 1]
    assert not any(bar.signs for bar in bars_of(of_scenario("success-by-address")))


def test_a_storm_counts_what_the_report_says() -> None:
    analysis = analysis_of(files("burst"))
    shown, report = storm_of(analysis), analysis.report
    assert [one.outcome for one in shown.phones] == [one.outcome for one in report.phones]
    enrolled = [one for one in shown.phones if one.outcome is Outcome.SUCCEEDED]
    assert all(one.enrolment_s is not None and 0 < one.enrolment_s < 60 for one in enrolled)
    assert len(shown.key_generations_s) == len(enrolled)
    assert len(shown.sessions) == sum(phone.attempts for phone in report.phones)


def test_key_generation_takes_as_long_in_a_storm_as_in_the_ladder() -> None:
    (seconds,) = storm_of(analysis_of(files("slow-key-generation"))).key_generations_s
    (gap,) = gaps(of_scenario("slow-key-generation"))
    assert abs(seconds - (gap.ends - gap.begins) / SECOND) < 0.001


def test_without_a_phone_there_is_no_storm() -> None:
    with pytest.raises(LookupError, match="the captures show no phone"):
        storm_of(analysis_of(files("empty")))


@pytest.mark.parametrize(
    ("span", "zone", "labels"),
    [
        (40 * SECOND, UTC, ["12:00:00", "12:00:05", "12:00:10"]),
        (4_000_000, UTC, ["12:00:00.0000", "12:00:00.0005", "12:00:00.0010"]),
        (3 * 3600 * SECOND, timezone(timedelta(hours=5, minutes=30)), ["17:30", "18:00", "18:30"]),
    ],
)
def test_ticks_stand_at_round_times_of_the_zone(span: int, zone: tzinfo, labels: list[str]) -> None:
    axes = Figure().add_subplot()
    tell_time(axes, NOON, NOON + span, zone)
    told = [axes.xaxis.get_major_formatter()(tick, 0) for tick in axes.get_xticks()]
    assert told[: len(labels)] == labels
    assert axes.get_xlabel().startswith("time, 2026-11-23 UTC")


def test_seconds_since_the_beginning_are_ticks_as_well() -> None:
    axes = Figure().add_subplot()
    tell_time(axes, NOON + 300_000_000, NOON + 8 * SECOND, UTC, Times.RELATIVE)
    told = [axes.xaxis.get_major_formatter()(tick, 0) for tick in axes.get_xticks()]
    assert told[:3] == ["0", "1", "2"]
    assert axes.get_xlabel() == "seconds since 2026-11-23 12:00:00.300000 UTC"
