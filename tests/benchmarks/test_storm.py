from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from benchmarks.cluster import make_cluster
from benchmarks.enrolments import Outcome
from benchmarks.storm import SHARES, count_shares, write_one_phone, write_storm
from tests.benchmarks.small import SEED, STORM_PHONES
from tests.benchmarks.tshark import count, exported_files, fields


@pytest.fixture(scope="module")
def phones() -> Counter[Outcome]:
    counts: Counter[Outcome] = Counter()
    for share, number in count_shares(STORM_PHONES):
        counts[share.outcome] += number
    return counts


def test_every_phone_falls_to_one_share() -> None:
    assert sum(share.per_mille for share in SHARES) == 1000
    for phones in (1, 19, 50, 20_000):
        assert sum(number for _, number in count_shares(phones)) == phones


def test_frames_are_in_the_order_of_time_and_their_checksums_are_right(storm: Path) -> None:
    times = [float(row[0]) for row in fields(storm, "frame", "frame.time_epoch")]
    assert times == sorted(times)
    bad = "ip.checksum.status==0 || udp.checksum.status==0 || tcp.checksum.status==0"
    assert count(storm, bad) == 0
    assert count(storm, "_ws.malformed") == 0


def test_the_phones_interleave(storm: Path) -> None:
    senders = [row[0] for row in fields(storm, "tftp.opcode==1", "ip.src")]
    changes = sum(one != other for one, other in pairwise(senders))
    assert changes > len(senders) // 2


def test_each_outcome_has_its_connections(storm: Path, phones: Counter[Outcome]) -> None:
    sessions = phones[Outcome.INSTALLED] + phones[Outcome.TOO_LATE] + 3 * phones[Outcome.MISMATCH]
    accepted = "tcp.port==3804 && tcp.flags.syn==1 && tcp.flags.ack==1"
    assert count(storm, accepted) == sessions
    unanswered, refused = phones[Outcome.UNANSWERED], phones[Outcome.REFUSED]
    syns = "tcp.dstport==3804 && tcp.flags.syn==1 && tcp.flags.ack==0"
    assert count(storm, syns) == sessions + 12 * unanswered + 3 * refused
    assert count(storm, "tcp.srcport==3804 && tcp.flags==0x014") == 3 * refused
    assert count(storm, "dns.flags.rcode==3") == phones[Outcome.NAME_UNKNOWN]


def test_tls_is_read_to_the_certificate_and_to_the_alert(
    storm: Path, phones: Counter[Outcome]
) -> None:
    rows = fields(storm, "tls.handshake.type==11", "tls.handshake.certificate")
    sessions = phones[Outcome.INSTALLED] + phones[Outcome.TOO_LATE] + 3 * phones[Outcome.MISMATCH]
    assert len(rows) == sessions
    assert {row[0] for row in rows} == {make_cluster(SEED).capf.der.hex()}
    unknown_ca = "tls.alert_message.desc==48 && tcp.dstport==3804"
    assert count(storm, unknown_ca) == 3 * phones[Outcome.MISMATCH]


def test_every_session_has_its_own_randoms_and_its_own_records(storm: Path) -> None:
    randoms = [row[0] for row in fields(storm, "tls.handshake.type==1", "tls.handshake.random")]
    assert len(set(randoms)) == len(randoms)
    versions = Counter(
        row[0] for row in fields(storm, "tls.handshake.type==2", "tls.handshake.version")
    )
    assert set(versions) == {"0x0301", "0x0303"}


def test_nothing_in_the_connections_is_lost_or_out_of_order(storm: Path) -> None:
    flags = ("lost_segment", "ack_lost_segment", "out_of_order", "duplicate_ack", "zero_window")
    assert count(storm, " || ".join(f"tcp.analysis.{flag}" for flag in flags)) == 0
    repeated = fields(storm, "tcp.analysis.retransmission", "tcp.flags")
    assert all(row == ["0x0002"] for row in repeated), "only SYNs that nobody answers"


def test_each_phone_loads_the_list_and_its_own_configuration(storm: Path, tmp_path: Path) -> None:
    files = exported_files(storm, tmp_path)
    own = [name for name in files if re.fullmatch(r"SEP[0-9A-F]{12}\.cnf\.xml\.sgn", name)]
    assert len(own) == STORM_PHONES
    cluster = make_cluster(SEED)
    lists = {content for name, content in files.items() if name.startswith("ITLFile")}
    assert lists == {
        cluster.trust_list(cluster.capf),
        cluster.trust_list(cluster.former_capf),
    }
    for name in own:
        assert f"<phoneLabel>{name[:15]}</phoneLabel>".encode() in files[name]


def test_lists_and_configurations_carry_valid_signatures(storm: Path, tmp_path: Path) -> None:
    public = make_cluster(SEED).call_manager.key.public_key()
    for content in exported_files(storm, tmp_path).values():
        head, _, rest = content.partition(b"\x0c\x01\x00")
        public.verify(rest[:256], head + rest[256:], padding.PKCS1v15(), hashes.SHA512())


def test_file_not_found_answers_the_names_of_a_phones_own_lists(storm: Path) -> None:
    rows = fields(storm, "tftp.opcode==5", "tftp.error.code")
    assert rows == [["1"]] * (2 * STORM_PHONES)


def test_packets_grow_as_the_phones_do(tmp_path: Path) -> None:
    few, many = tmp_path / "few.pcap", tmp_path / "many.pcap"
    assert write_storm(many, 2000, SEED) == 2 * write_storm(few, 1000, SEED)
    assert many.stat().st_size - 24 == 2 * (few.stat().st_size - 24)


def test_the_same_seed_gives_the_same_capture(storm: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.pcap", tmp_path / "other.pcap"
    write_storm(again, STORM_PHONES, SEED)
    write_storm(other, STORM_PHONES, SEED + 1)
    assert again.read_bytes() == storm.read_bytes()
    assert other.read_bytes() != storm.read_bytes()


def test_one_phone_is_one_whole_installation(tmp_path: Path) -> None:
    capture = tmp_path / "one.pcap"
    assert write_one_phone(capture, 1, SEED) == count(capture, "frame")
    assert count(capture, "tls.app_data") == 8
    assert len(exported_files(capture, tmp_path / "files")) == 2
