"""All of ``check`` on a capture with a key log."""

from __future__ import annotations

from collections.abc import Callable

from capfpcap import batches
from capfpcap.analysis import CaptureInput, Options, analyze, check
from capfpcap.capture.columns import CaptureError
from capfpcap.flows.keys import keys_from
from capfpcap.timeline import conversation
from fuzz.harness import ROOT, Harness
from fuzz.harnesses.check import check_outputs
from fuzz.memory_file import memory_file
from fuzz.mutation import mutate_capture
from fuzz.packets import without_transfers
from fuzz.replaced import replaced
from fuzz.tape import Tape, write_part

_SMALL_BATCH = 20
"""Rows of a batch, so that a few phones are judged in several."""
_LONGEST = 1 << 16


def judge(data: bytes) -> None:
    """In batches, and without the shortcuts, the report is the same."""
    tape = Tape(data)
    options = Options(secrets=keys_from([("keylog.txt", tape.part())], ()))
    with memory_file(tape.rest()) as path:
        inputs = [CaptureInput((path,))]
        try:
            analysis = analyze(inputs, options)
        except CaptureError as error:
            assert "\n" not in str(error)
            return
        check_outputs(analysis)
        with replaced(batches, BATCH_ROWS=_SMALL_BATCH):
            assert check(inputs, options) == analysis.report
        with replaced(conversation, plain_sessions=lambda _table, _views: {}):
            assert analyze(inputs, options).report == analysis.report


def seeds() -> list[bytes]:
    """The captures with a key log, without their file transfers."""
    found = []
    for log in sorted((ROOT / "captures").glob("*/keylog.txt")):
        for capture in sorted(log.parent.glob("*.pcap"))[:1]:
            short = without_transfers(capture.read_bytes())
            found.append(write_part(log.read_bytes()) + short)
    return [seed for seed in found if len(seed) <= _LONGEST]


def mutate(data: bytes, longest: int, seed: int, octets: Callable[[bytes, int], bytes]) -> bytes:
    """Change the capture, or now and then the log."""
    tape = Tape(data)
    log, capture = tape.part(), tape.rest()
    if seed % 8 == 0:
        log = octets(log, len(log) + 64)
    else:
        capture = mutate_capture(capture, longest - 4 - len(log), seed >> 3, octets)
    return write_part(log) + capture


HARNESS = Harness(judge, seeds, seconds=5.0, longest=_LONGEST, mutate=mutate)
