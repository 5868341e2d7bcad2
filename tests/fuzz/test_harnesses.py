"""Harnesses hold for shipped captures, notice what is wrong, and keep to their limits."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capfpcap.flows import sides
from fuzz.engine import FaultLog, plant
from fuzz.harness import ROOT, Harness, fault_of
from fuzz.harnesses.check import check_inert
from fuzz.memory_file import memory_file
from fuzz.mutation import mutate_capture, mutate_pair
from fuzz.reduction import reduced
from fuzz.registry import NAMES, load
from fuzz.replaced import replaced
from fuzz.seeds import carried
from fuzz.tape import Tape, cut, write_part, write_stream

REGRESSIONS = ROOT / "fuzz" / "regressions"
SEEDS = 12
"""Inputs of each harness that the tests judge; the fuzzer begins with all of them."""


def _regressions(name: str) -> list[Path]:
    return sorted((REGRESSIONS / name).glob("*.input"))


@pytest.mark.parametrize("name", NAMES)
def test_inputs_that_once_showed_a_fault_and_no_octets_at_all_show_none(name: str) -> None:
    harness = load(name)
    for data in (b"", *(path.read_bytes() for path in _regressions(name))):
        fault = fault_of(harness, data)
        assert fault is None, fault.account


def test_every_regression_lies_in_the_folder_of_its_harness() -> None:
    inputs = sorted(REGRESSIONS.rglob("*.input"))
    assert inputs == sorted(path for name in NAMES for path in _regressions(name))


def test_every_harness_has_its_module() -> None:
    modules = {path.stem for path in (ROOT / "fuzz" / "harnesses").glob("[!_]*.py")}
    assert modules == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_shipped_captures_carried_shows_no_fault(name: str) -> None:
    harness = load(name)
    seeds = harness.seeds()
    assert seeds
    for seed in seeds[:: max(1, len(seeds) // SEEDS)]:
        fault = fault_of(harness, seed)
        assert fault is None, fault.account


def _raise(data: bytes) -> None:
    raise ValueError(data)


def _hang(_data: bytes) -> None:
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


def test_an_error_is_a_fault_named_by_its_place() -> None:
    fault = fault_of(Harness(_raise, list), b"x")
    assert fault is not None
    assert fault.signature.startswith("ValueError-test_harnesses-")
    assert "Traceback" in fault.account


def test_an_input_that_takes_too_long_is_interrupted_and_a_fault() -> None:
    begun = time.process_time()
    fault = fault_of(Harness(_hang, list, seconds=0.2), b"")
    assert fault is not None
    assert fault.signature.startswith("TooSlowError")
    assert time.process_time() - begun < 2


def test_a_fault_is_written_down_once(tmp_path: Path) -> None:
    harness = Harness(_raise, list)
    for data in (b"one", b"other"):
        fault = fault_of(harness, data)
        assert fault is not None
        FaultLog(tmp_path).note(fault, data)
    (path,) = tmp_path.glob("*.input")
    assert path.read_bytes() == b"one"


def _dislikes_seven(data: bytes) -> None:
    assert 7 not in data


def test_an_input_is_reduced_to_what_the_fault_needs() -> None:
    harness = Harness(_dislikes_seven, list)
    data = bytes(100) + b"\7" + bytes(200)
    fault = fault_of(harness, data)
    assert fault is not None
    assert reduced(harness, data, fault.signature) == b"\7"


@pytest.mark.parametrize("text", ["\x1b[31mred", "one\rtwo", "\u202egnp", "tab\there", "\u2028"])
def test_text_that_acts_on_a_screen_is_noticed(text: str) -> None:
    with pytest.raises(AssertionError):
        check_inert(text.encode())
    check_inert("visible …\nlines\n".encode())


def test_a_shortcut_that_leaves_out_what_was_sent_is_noticed() -> None:
    capture = max(carried().captures, key=len)
    with replaced(sides, _take_in_order=lambda *_: True):
        fault = fault_of(load("shortcuts"), capture)
    assert fault is not None
    assert fault.signature.startswith("AssertionError-shortcuts")


def test_names_are_given_back_their_values() -> None:
    before = sides._take_in_order
    with pytest.raises(ValueError, match="x"), replaced(sides, _take_in_order=None):
        _raise(b"x")
    assert sides._take_in_order is before


def test_what_asks_for_too_much_memory_fails() -> None:
    program = "from fuzz.engine import limit_memory\nlimit_memory()\nbytearray(1 << 30)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "MemoryError"


def test_only_seeds_that_fit_are_planted(tmp_path: Path) -> None:
    plant(Harness(_raise, lambda: [b"ab", b"abc", b"ab"], longest=2), tmp_path)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"ab"]


def test_a_file_in_memory_is_read_by_its_path() -> None:
    with memory_file(b"content") as path:
        assert Path(path).read_bytes() == b"content"
    assert not Path(path).exists()


@given(st.binary(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=7))
def test_a_cut_stream_has_all_octets_in_order(data: bytes, cuts: list[tuple[int, int]]) -> None:
    pieces = cut(data, cuts)
    assert b"".join(piece.data for piece in pieces) == data
    ends = [0, *(piece.end for piece in pieces)]
    assert all(piece.data and end <= piece.offset for end, piece in zip(ends, pieces, strict=False))


@given(st.binary(min_size=1), st.binary())
def test_what_is_written_is_read_again(data: bytes, behind: bytes) -> None:
    tape = Tape(write_part(data) + behind)
    assert (tape.part(), tape.rest()) == (data, behind)
    (piece,) = Tape(write_stream(data)).stream()
    assert piece == (0, data)


def _flip(data: bytes, longest: int) -> bytes:
    return bytes(octet ^ 0xFF for octet in data)[:longest]


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_a_mutated_capture_keeps_the_headers_of_its_records_true(seed: int) -> None:
    capture = min(carried().captures, key=lambda data: abs(len(data) - 6000))
    mutated = mutate_capture(capture, 1 << 16, seed, _flip)
    if mutated[:4] != capture[:4]:
        assert mutated == _flip(capture, 1 << 16)
        return
    at = 24
    while at < len(mutated):
        at += 16 + int.from_bytes(mutated[at + 8 : at + 12], "little")
    assert at == len(mutated)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_of_two_captures_one_is_mutated_at_a_time(seed: int) -> None:
    one, other = carried().pairs[0]
    tape = Tape(mutate_pair(write_part(one) + other, 1 << 17, seed, _flip))
    first, second = tape.part(), tape.rest()
    assert first == one or second == other


def test_a_harness_that_is_not_there_is_refused() -> None:
    command = [sys.executable, "-m", "fuzz", "smtp"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no harness called smtp" in done.stderr
