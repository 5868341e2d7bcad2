"""All of ``check`` on two captures of the same traffic."""

from __future__ import annotations

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.capture.columns import CaptureError
from fuzz.harness import Harness
from fuzz.harnesses.check import check_outputs
from fuzz.memory_file import memory_file
from fuzz.mutation import mutate_pair
from fuzz.packets import without_transfers
from fuzz.seeds import carried
from fuzz.tape import Tape, write_part

_WHOLE = 4
"""One pair in so many is taken whole."""


def judge(data: bytes) -> None:
    """Whatever differs between the captures, they are reported together."""
    tape = Tape(data)
    with memory_file(tape.part()) as one, memory_file(tape.rest()) as other:
        try:
            analysis = analyze([CaptureInput((one,)), CaptureInput((other,))])
        except CaptureError as error:
            assert "\n" not in str(error)
            return
        check_outputs(analysis)


def seeds() -> list[bytes]:
    """Both captures of every scenario without their file transfers, and some whole."""
    pairs = carried().pairs
    short = [(without_transfers(one), without_transfers(other)) for one, other in pairs]
    return [write_part(one) + other for one, other in [*short, *pairs[::_WHOLE]]]


HARNESS = Harness(judge, seeds, seconds=5.0, longest=1 << 16, mutate=mutate_pair)
