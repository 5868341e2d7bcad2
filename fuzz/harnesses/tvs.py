"""Decrypted messages of TVS, one at a time and in streams with holes."""

from __future__ import annotations

from capf_dissectors.tvs import dissect, dissect_stream
from capf_dissectors.tvs.words import describe

from fuzz.harness import Harness
from fuzz.plaintext import judge_message, judge_stream, tvs_seeds
from fuzz.tape import Tape, write_stream

_STREAM = 1


def judge(data: bytes) -> None:
    """A message at the beginning, or a stream."""
    tape = Tape(data)
    if tape.octet() & _STREAM:
        judge_stream(dissect_stream, describe, tape.stream())
    else:
        judge_message(dissect, describe, tape.rest())


def seeds() -> list[bytes]:
    """Messages, alone and in streams."""
    said = tvs_seeds()
    return [b"\0" + one for one in said] + [b"\1" + write_stream(one) for one in said]


HARNESS = Harness(judge, seeds, longest=8192)
