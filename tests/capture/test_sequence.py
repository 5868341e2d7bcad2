"""TCP sequence numbers against integers that do not wrap."""

from __future__ import annotations

from itertools import starmap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.sequence import HALF, MASK, ahead, distance, wrapped

NUMBERS = 1 << 32
positions = st.integers(0, 1 << 40)
"""Where a byte stands in a stream that never wraps."""
steps = st.integers(-HALF, HALF - 1)
edges = st.sampled_from([0, 1, HALF - 1, HALF, HALF + 1, MASK - 1, MASK])
numbers = st.integers(0, MASK) | edges


@given(positions)
def test_a_sequence_number_is_the_position_modulo_two_to_the_thirty_second(position: int) -> None:
    assert wrapped(position) == position % NUMBERS


@given(positions, st.integers(0, MASK))
def test_what_is_not_before_is_as_far_ahead_as_was_sent(start: int, sent: int) -> None:
    assert ahead((start + sent) % NUMBERS, start % NUMBERS) == sent


@given(positions, steps)
def test_the_distance_is_the_step_that_was_made_forward_or_back(start: int, step: int) -> None:
    assert distance((start + step) % NUMBERS, start % NUMBERS) == step


@given(positions, steps)
def test_sums_need_no_wrapping_before(start: int, step: int) -> None:
    assert distance(start + step, start % NUMBERS) == step
    assert ahead(start + step, start % NUMBERS) == step % NUMBERS


@given(numbers, numbers)
def test_either_way_round_is_the_whole_circle(one: int, other: int) -> None:
    assert ahead(one, other) + ahead(other, one) in {0, NUMBERS}
    assert wrapped(other + distance(one, other)) == one
    assert wrapped(other + ahead(one, other)) == one


@given(st.lists(st.tuples(numbers, numbers), max_size=20))
def test_arrays_count_as_numbers_do(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    assert ahead(one, other).tolist() == list(starmap(ahead, pairs))
    assert distance(one, other).tolist() == list(starmap(distance, pairs))
    assert wrapped(one - other).tolist() == [wrapped(first - second) for first, second in pairs]


@pytest.mark.parametrize(
    ("number", "other", "expected"),
    [
        (5, MASK - 4, 10),
        (MASK - 4, 5, -10),
        (HALF - 1, 0, HALF - 1),
        (HALF, 0, -HALF),
        (7, 7, 0),
    ],
)
def test_numbers_go_on_after_the_last_one(number: int, other: int, expected: int) -> None:
    assert distance(number, other) == expected
