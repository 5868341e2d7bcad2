"""Sets of keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture import keys as module
from capfpcap.capture.keys import KeySet, address_of, endpoint_keys, port_of

SOME = st.lists(st.integers(0, 30) | st.integers(0, (1 << 64) - 1), max_size=30)


def array(values: list[int]) -> module.Keys:
    return np.array(values, np.uint64)


@pytest.mark.parametrize("bits", [1, 20])
@given(first=SOME, second=SOME, sought=SOME)
def test_a_set_holds_what_was_added_and_nothing_else(
    bits: int, first: list[int], second: list[int], sought: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MARK_BITS", bits)
        found = KeySet()
        found.add(array(first))
        found.add(array(second))
        everything = sorted({*first, *second})
        assert found.keys.tolist() == everything
        assert found.holds(array(sought)).tolist() == [key in everything for key in sought]
        indices, places = found.find(array(sought))
        assert found.keys[places].tolist() == array(sought)[indices].tolist()


@given(first=SOME, second=SOME)
def test_the_places_of_what_is_new_keep_other_arrays_in_step(
    first: list[int], second: list[int]
) -> None:
    found = KeySet()
    step = np.insert(np.empty(0, np.uint64), found.add(array(first)), 0)
    step[:] = found.keys
    new = found.add(array(second))
    step = np.insert(step, new, 0)
    old = step != 0
    assert step[old].tolist() == found.keys[old].tolist()
    assert len(step) == len(found)


@given(SOME)
def test_only_what_is_kept_stays(values: list[int]) -> None:
    found = KeySet()
    found.add(array(values))
    everything = found.keys.copy()
    kept = np.arange(0, len(everything), 2)
    found.keep(kept)
    assert found.holds(everything).tolist() == [at % 2 == 0 for at in range(len(everything))]


@given(st.integers(0, (1 << 40) - 1), st.integers(0, 65535))
def test_address_and_port_come_out_of_a_key_as_they_went_in(address: int, port: int) -> None:
    key = endpoint_keys(array([address]), np.array([port], np.uint16))
    assert (address_of(key)[0], port_of(key)[0]) == (address, port)
