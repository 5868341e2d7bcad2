"""Where in the study the user is, has been and may return to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

MAX_PLACES = 100
"""Places that are remembered; nobody goes back further."""


class Place(msgspec.Struct, frozen=True):
    """A screen, and what it shows; what is None, the screen chooses."""

    screen: str
    phone: str | None = None
    """Name of a phone."""
    flow: str | None = None
    """Id of a flow: of this one alone the ladder tells, not of all of the phone's."""
    finding: int | None = None
    """Position in the report's findings."""
    capture: str | None = None
    """Id of the capture in which :attr:`frame` is."""
    frame: int | None = None
    item: int | None = None
    """Which message of the frame, from 0 (:attr:`capfpcap.ladder.model.Message.item`)."""
    wireshark: bool = False
    """Whether the frame is shown as Wireshark dissects it, too."""


class History:
    """Places in the order in which they were visited; what lies ahead was gone back from."""

    def __init__(self, first: Place) -> None:
        self._places = [first]
        self._at = 0

    @property
    def here(self) -> Place:
        """The present place."""
        return self._places[self._at]

    def moved(self, here: Place) -> None:
        """The present place shows something else than when it was entered."""
        self._places[self._at] = here

    def enter(self, place: Place) -> None:
        """Go on to a place; what was gone back from is forgotten."""
        if place == self.here:
            return
        self._places = [*self._places[: self._at + 1], place][-MAX_PLACES:]
        self._at = len(self._places) - 1

    def step(self, places: int) -> Place | None:
        """The place so many steps back (negative) or forward; None where there is none."""
        if not 0 <= self._at + places < len(self._places):
            return None
        self._at += places
        return self.here


def frame_in(text: str, captures: Sequence[str]) -> tuple[str, int] | None:
    """The capture and the frame that ``80`` or ``phone:80`` names; None where it names none."""
    capture, _, number = text.strip().rpartition(":")
    if not captures or not (number.isascii() and number.isdecimal()) or int(number) < 1:
        return None
    if not capture:
        return captures[0], int(number)
    return (capture, int(number)) if capture in captures else None
