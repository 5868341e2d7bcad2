"""Makes an input that shows a fault smaller."""

from __future__ import annotations

from fuzz.harness import Harness, fault_of

MOST_TRIALS = 600


def reduced(harness: Harness, data: bytes, signature: str) -> bytes:
    """``data`` without the parts that the fault does not need, as far as trials tell.

    Parts of half its size are left out in turn, then smaller and smaller ones.
    """
    trials = 0
    size = len(data) // 2
    while size and trials < MOST_TRIALS:
        at = 0
        while at < len(data) and trials < MOST_TRIALS:
            trial = data[:at] + data[at + size :]
            fault = fault_of(harness, trial)
            trials += 1
            if fault and fault.signature == signature:
                data = trial
            else:
                at += size
        size //= 2
    return data
