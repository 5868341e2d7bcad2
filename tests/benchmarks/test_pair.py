from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from benchmarks import workloads
from benchmarks.contenders import publisher_side
from benchmarks.enrolments import Outcome
from benchmarks.pair import CLOCK_AHEAD, LOSS, ONE_WAY, write_pair
from benchmarks.scripts import SECOND
from benchmarks.storm import count_shares
from tests.benchmarks.small import SEED, STORM_PHONES
from tests.benchmarks.tshark import count, fields

SYNS = "tcp.flags.syn==1 && tcp.flags.ack==0 && ip.dst==10.122.138.102"


@pytest.fixture(scope="module")
def phones_side(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pair") / "pair.pcap"
    write_pair(path, STORM_PHONES, SEED)
    return path


def test_a_filtered_syn_is_seen_by_the_phones_and_never_by_the_publisher(
    phones_side: Path,
) -> None:
    unanswered = sum(
        number
        for share, number in count_shares(STORM_PHONES)
        if share.outcome is Outcome.UNANSWERED
    )
    dialled = {tuple(row) for row in fields(phones_side, SYNS, "ip.src", "tcp.srcport")}
    arrived = {
        tuple(row) for row in fields(publisher_side(phones_side), SYNS, "ip.src", "tcp.srcport")
    }
    assert arrived < dialled
    assert len(dialled - arrived) == 3 * unanswered


def test_one_packet_in_a_hundred_is_lost_on_the_way(phones_side: Path) -> None:
    sent = "ip.src==10.100.0.0/16 && ip.dst==10.122.138.102 && !(tcp.flags.syn==1)"
    left, arrived = (count(side, sent) for side in (phones_side, publisher_side(phones_side)))
    assert LOSS / 2 < 1 - arrived / left < 2 * LOSS


def test_every_session_comes_to_its_end_on_both_sides(phones_side: Path) -> None:
    for side in (phones_side, publisher_side(phones_side)):
        streams = {row[0] for row in fields(side, "tls.handshake.type==1", "tcp.stream")}
        answered = {row[0] for row in fields(side, "tls.handshake.type==2", "tcp.stream")}
        assert answered == streams
        assert count(side, "_ws.malformed") == 0
        bad = "ip.checksum.status==0 || udp.checksum.status==0 || tcp.checksum.status==0"
        assert count(side, bad) == 0


def test_the_publishers_clock_is_ahead(phones_side: Path) -> None:
    def times(side: Path) -> dict[str, float]:
        rows = fields(side, SYNS, "tcp.seq_raw", "frame.time_epoch")
        return {row[0]: float(row[1]) for row in reversed(rows)}

    here, there = times(phones_side), times(publisher_side(phones_side))
    ahead = median(there[one] - here[one] for one in there)
    assert ahead == pytest.approx((CLOCK_AHEAD + ONE_WAY) / SECOND, abs=1e-5)


def test_the_two_sides_differ_in_macs_and_times_to_live(phones_side: Path) -> None:
    names = ("eth.src", "ip.ttl")
    phones = {tuple(row) for row in fields(phones_side, SYNS, *names)}
    publisher = {tuple(row) for row in fields(publisher_side(phones_side), SYNS, *names)}
    assert {ttl for _, ttl in phones} == {"64"}
    assert {ttl for _, ttl in publisher} == {"61"}
    assert len({mac for mac, _ in publisher}) == 1 < len({mac for mac, _ in phones})


def test_both_files_of_a_pair_are_kept_under_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workloads, "DATA", tmp_path / "data")
    path = workloads.WORKLOADS["pair"].make(10, SEED)
    assert sorted(path.parent.iterdir()) == [path, publisher_side(path)]
