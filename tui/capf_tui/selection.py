"""What is under the cursor, in the forms in which it can be taken elsewhere."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from capfpcap.ladder.model import Moment


class Selection(NamedTuple):
    """A phone, a flow, a finding or a message."""

    what: str
    """In a few words: ``phone SEP0008301CE5D2``."""
    text: str
    data: msgspec.Struct | None = None
    """The same for other programs."""
    display_filter: str = ""
    """With which Wireshark shows it; empty where there is none."""
    capture: str | None = None
    """Id of the capture that shows it."""
    frame: int | None = None

    @property
    def json(self) -> str:
        """The data as JSON, indented."""
        return as_json(self.data)


def as_json(data: object) -> str:
    """Values of the report or of the ladder as JSON, indented."""
    encoded = msgspec.json.encode(data, enc_hook=_plain)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Moment):
        return int(value)
    raise NotImplementedError(type(value))
