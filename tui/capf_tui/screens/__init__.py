"""The screens, one file each. :data:`SCREENS` is the table of them: a new one is a line there."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from capf_tui.screens.study_screen import StudyScreen


class Entry(NamedTuple):
    """A screen in the bar at the top; its key is its position, from 1."""

    name: str
    """By which :class:`~capf_tui.navigation.Place` calls it."""
    title: str
    screen: str
    """Module of this package and class in it, imported once the first screen shows."""

    def kind(self) -> Callable[[], StudyScreen]:
        """The screen's class, imported."""
        module, _, name = self.screen.partition(":")
        kind = getattr(import_module(f"{__name__}.{module}"), name)
        return cast("Callable[[], StudyScreen]", kind)

    def make(self) -> StudyScreen:
        """The screen."""
        return self.kind()()


SCREENS = (
    Entry("phones", "Phones", "phones:PhonesScreen"),
    Entry("flows", "Flows", "flows:FlowsScreen"),
    Entry("ladder", "Ladder", "ladder:LadderScreen"),
    Entry("findings", "Findings", "findings:FindingsScreen"),
    Entry("details", "Details", "details:DetailsScreen"),
    Entry("lists", "Trust lists", "trust_lists:TrustListsScreen"),
    Entry("captures", "Captures", "captures:CapturesScreen"),
)
