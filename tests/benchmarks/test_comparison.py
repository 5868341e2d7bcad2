from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.contenders import Contender, contenders, port_filter
from benchmarks.measure import RunFailedError, Sample, run_once, run_rounds
from benchmarks.table import comparison, overview
from tests.benchmarks.tshark import count

MEBIBYTE = 1 << 20


def python(code: str, name: str = "python", good: frozenset[int] = frozenset({0})) -> Contender:
    return Contender(name, (sys.executable, "-S", "-c", code), good)


def test_a_run_is_timed_and_its_memory_counted() -> None:
    sample = run_once(python("import time; x = bytearray(b'1') * 200_000_000; time.sleep(0.2)"))
    assert sample.wall >= 0.2
    assert 0 < sample.processor < sample.wall
    assert sample.memory > 190 * MEBIBYTE


def test_a_status_that_is_no_verdict_stops_the_comparison() -> None:
    assert run_once(python("raise SystemExit(2)", good=frozenset({0, 1, 2}))).wall > 0
    with pytest.raises(RunFailedError, match="status 3"):
        run_once(python("raise SystemExit(3)", good=frozenset({0, 1, 2})))


def test_contenders_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    both = [python(f"print({name!r}, file=open({str(log)!r}, 'a'))", name) for name in "ab"]
    samples = run_rounds(both, 3)
    assert log.read_text().split() == list("ababab")
    assert [len(samples[name]) for name in "ab"] == [3, 3]


def test_ratios_are_taken_round_by_round() -> None:
    fast = [Sample(1.0, 0.5, MEBIBYTE), Sample(4.0, 0.5, MEBIBYTE), Sample(2.0, 0.5, MEBIBYTE)]
    slow = [Sample(2.0, 1.0, MEBIBYTE), Sample(40.0, 1.0, 3 * MEBIBYTE), Sample(6.0, 1.0, MEBIBYTE)]
    table = comparison("storm", {"fast": fast, "slow": slow})
    assert "| slow | 6.00 s | 1.00 s | 3 MiB | 2.00, **3.00**, 10.00 |" in table


def test_the_capture_is_what_every_contender_reads(tmp_path: Path) -> None:
    capture = tmp_path / "some.pcap"
    every = contenders(capture)
    assert [one.name for one in every] == ["capfpcap", "tshark", "tcpdump", "cat"]
    assert all(str(capture) in one.command for one in every)


def test_tcpdumps_filter_passes_tagged_and_untagged_frames(mixed: Path, tmp_path: Path) -> None:
    passed = tmp_path / "passed.pcap"
    command = ["tcpdump", "-r", str(mixed), "-w", str(passed), port_filter()]
    subprocess.run(command, capture_output=True, check=True)
    named = "dns || tcp.port==3804 || udp.port==69"
    assert count(passed, "frame") == count(mixed, named)
    assert count(passed, "vlan") == count(mixed, f"vlan && ({named})") > 0


def test_tsharks_extraction_finds_the_certificates(mixed: Path) -> None:
    tshark = next(one for one in contenders(mixed) if one.name == "tshark")
    result = subprocess.run(tshark.command, capture_output=True, text=True, check=True)
    certificates = [line for line in result.stdout.splitlines() if line.count("\t3082") == 1]
    wanted = "tls.handshake.type==11 && tcp.port==3804"
    assert len(certificates) == count(mixed, wanted) > 0


@pytest.mark.parametrize("words", [["storms"], ["storm", "--phones", "0"], ["mixed", "--runs"]])
def test_a_wrong_command_line_is_refused_in_a_sentence(words: list[str]) -> None:
    command = [sys.executable, "-m", "benchmarks", "compare", *words]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "error: argument" in result.stderr


def test_the_table_of_the_readme_has_a_row_for_each_capture() -> None:
    def runs(wall: float) -> list[Sample]:
        return [Sample(wall, wall, 50 * MEBIBYTE)] * 3

    samples = {"capfpcap": runs(0.5), "tshark": runs(10.0), "tcpdump": runs(0.25)}
    *_, row = overview({"*storm*": samples}).splitlines()
    assert row == "| *storm* | 0.50 s, 50 MiB | 10.00 s, 50 MiB | 0.25 s | 20.0 |"
