"""This project and tshark read the same captures and tell the same.

Where they do not, :mod:`tests.differential.explained` has the difference, exactly, and why.
"""

from __future__ import annotations

import pytest

from .account import Facts, difference
from .captures import CORPORA, name_of, other_captures, shipped_captures
from .conftest import ASPECTS, Both
from .explained import (
    BEHIND_A_HOLE,
    DELIVERED_LATER,
    EXPLAINED,
    MERGED,
    MIRRORED,
    OTHER_ADDRESS,
    SCANNED,
    TAKEN_APART,
    explained,
)
from .tshark import behind_holes

FRAMES = ["tcp_flows", "dns_flows"]
NAMES_AND_FILES = [name for name in ASPECTS if name.startswith(("dns_m", "tftp", "http"))]
SESSIONS = ["tls_messages", "client_hellos", "server_hellos", "certificates", "alerts"]


def assert_same(both: Both, aspect: str, own: Facts) -> None:
    theirs: Facts = getattr(both.tshark, aspect)
    expected = explained(both.name, aspect)
    told = difference(own, theirs), difference(theirs, own)
    assert told == (difference(expected.own, Facts()), difference(expected.tshark, Facts()))


def test_every_packet_of_a_capture_is_counted(both: Both) -> None:
    assert both.own.packets == both.tshark.packets


@pytest.mark.parametrize("aspect", FRAMES)
def test_every_flow_has_the_frames_that_tshark_gives_it(both: Both, aspect: str) -> None:
    if both.name in SCANNED and aspect == "tcp_flows":
        assert difference(both.own.tcp_flows, both.tshark.tcp_flows) == []
        left_out = difference(both.tshark.tcp_flows, both.own.tcp_flows)
        assert {len(frames) for _client, _server, *frames in left_out} <= {1, 2}
        assert left_out
        return
    assert_same(both, aspect, getattr(both.own, aspect))


@pytest.mark.parametrize("aspect", NAMES_AND_FILES)
def test_names_and_files_are_those_that_tshark_reads(both: Both, aspect: str) -> None:
    if both.name in OTHER_ADDRESS and aspect.startswith("tftp"):
        assert difference(getattr(both.tshark, aspect), getattr(both.own, aspect)) == []
        return
    assert_same(both, aspect, getattr(both.own, aspect))


@pytest.mark.parametrize("aspect", SESSIONS)
def test_tls_is_what_tshark_reads_message_by_message(both: Both, aspect: str) -> None:
    if both.name in BEHIND_A_HOLE:
        own, theirs = getattr(both.own, aspect), getattr(both.tshark, aspect)
        assert difference(theirs, own) == []
        assert {fact[0] for fact in difference(own, theirs)} <= behind_holes(
            both.path, merged=both.name in MERGED
        )
        return
    late = both.name in DELIVERED_LATER
    assert_same(both, aspect, getattr(both.own_by_delivery if late else both.own, aspect))


def test_what_tshark_credits_to_later_frames_is_the_same_but_for_the_frames(both: Both) -> None:
    for aspect in SESSIONS:
        own, late = getattr(both.own, aspect), getattr(both.own_by_delivery, aspect)
        assert sorted(repr(fact[1:]) for fact in own.elements()) == sorted(
            repr(fact[1:]) for fact in late.elements()
        )


def test_no_explanation_is_left_of_a_shipped_capture_that_is_gone() -> None:
    known = {name_of(path) for path in [*shipped_captures(), *other_captures()]}
    named = [
        *BEHIND_A_HOLE,
        *DELIVERED_LATER,
        *MIRRORED,
        *MERGED,
        *OTHER_ADDRESS,
        *TAKEN_APART,
        *SCANNED,
    ]
    shipped = {name for name in named if not _is_others(name)}
    assert shipped <= known
    assert all(_is_others(entry.capture) for entry in EXPLAINED)


def _is_others(name: str) -> bool:
    """Whether a capture is of another project or a situation from the field: these never change."""
    folder = name.partition("/")[0]
    return "+" in folder or folder in CORPORA


def test_every_aspect_is_compared() -> None:
    assert sorted(FRAMES + NAMES_AND_FILES + SESSIONS) == sorted(ASPECTS)
