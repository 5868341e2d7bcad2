"""Attributes that are worked out once."""

from __future__ import annotations

from capfpcap.flows.lazy import Lazy


class Counted:
    def __init__(self) -> None:
        self.calls = 0

    @Lazy
    def answer(self) -> int:
        """The answer."""
        self.calls += 1
        return 41 + self.calls


def test_the_method_runs_once_for_each_object_and_only_when_asked():
    first, second = Counted(), Counted()
    assert first.calls == 0
    assert (first.answer, first.answer, first.calls) == (42, 42, 1)
    assert second.calls == 0


def test_the_class_shows_the_documented_attribute():
    assert Counted.answer.__doc__ == "The answer."
