"""The guess over what CAPF services that are not ours put on the wire.

The record lengths are those of the daemons of USECALLMANAGER.NZ on loopback, installing RSA 2048 or
doing what else they do; S and C tell who sent each.
"""

from __future__ import annotations

import pytest
from capf_dissectors.capf_shape import (
    Certainty,
    Ended,
    Operation,
    SessionShape,
    SessionState,
    classify,
    key_told,
)
from capf_dissectors.tls.registries import Version

GCM, TLS_1_3 = 24, 17
"""Bytes that a record has beside its plaintext."""
MAC = 20
"""SHA-1."""
BLOCK = 16
INSTALL = "SCSCCSCS"


def exact(senders: str, lengths: list[int], overhead: int, version: int) -> SessionShape:
    sizes = [(length - overhead, length - overhead) for length in lengths]
    return judged(senders, sizes, version)


def in_blocks(senders: str, lengths: list[int], vector: int, version: int) -> SessionShape:
    """CBC pads with 1 to 16 bytes behind the MAC, and from TLS 1.1 on sends a vector before."""
    sizes = [
        (max(0, length - vector - MAC - BLOCK), length - vector - MAC - 1) for length in lengths
    ]
    return judged(senders, sizes, version)


def judged(senders: str, sizes: list[tuple[int, int]], version: int) -> SessionShape:
    records = [
        (sender == "C", smallest, largest)
        for sender, (smallest, largest) in zip(senders, sizes, strict=True)
    ]
    return classify(records, version=version, ended=Ended.BY_SERVER)


INSTALLATIONS = {
    "GCM": exact(INSTALL, [40, 63, 41, 32, 329, 978, 36, 36], GCM, Version.TLS_1_2),
    "TLS 1.3": exact(INSTALL, [33, 56, 34, 25, 322, 972, 29, 29], TLS_1_3, Version.TLS_1_3),
    "CBC-SHA, TLS 1.2": in_blocks(
        INSTALL, [64, 80, 64, 48, 352, 992, 64, 64], BLOCK, Version.TLS_1_2
    ),
    "TLS 1.0": in_blocks(INSTALL, [48, 64, 48, 32, 336, 976, 48, 48], 0, Version.TLS_1_0),
}


@pytest.mark.parametrize("suite", INSTALLATIONS)
def test_an_installation_of_rsa_2048_is_likely(suite: str) -> None:
    shape = INSTALLATIONS[suite]
    assert (shape.operation, shape.state) == (Operation.INSTALL, SessionState.COMPLETE)
    assert shape.certainty is Certainty.LIKELY
    assert key_told(shape) == "RSA 2048"


@pytest.mark.parametrize(
    ("lengths", "operation", "state", "certainty"),
    [
        ([40, 63, 32, 978, 36], Operation.FETCH, SessionState.COMPLETE, Certainty.LIKELY),
        ([40, 63, 32, 36, 36], Operation.DELETE, SessionState.COMPLETE, Certainty.POSSIBLE),
        (
            [40, 63, 36],
            Operation.UNKNOWN,
            SessionState.ENDED_AFTER_AUTHENTICATION,
            Certainty.LIKELY,
        ),
    ],
)
def test_what_else_they_do_is_told(
    lengths: list[int], operation: Operation, state: SessionState, certainty: Certainty
) -> None:
    shape = exact("SCSCS"[: len(lengths)], lengths, GCM, Version.TLS_1_2)
    assert (shape.operation, shape.state, shape.certainty) == (operation, state, certainty)
