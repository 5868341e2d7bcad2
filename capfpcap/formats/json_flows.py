"""Flows that are written in JSON as soon as they are described, as the JSON formats want them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from capfpcap.compose.kept_flows import KeptFlows
from capfpcap.formats.harmless_report import write_flows
from capfpcap.report import Flow

_Read = TypeVar("_Read")


class JsonFlows(KeptFlows):
    """Flows in JSON, one object for each, with every string harmless."""

    @classmethod
    def keep(cls, flows: Sequence[Flow]) -> list[bytes]:
        """The flows in JSON; every one can be written."""
        return write_flows(flows)

    @classmethod
    def reader(cls, wanted: type[_Read]) -> Callable[[bytes], _Read]:
        """What reads JSON."""
        return msgspec.json.Decoder(wanted).decode

    @property
    def objects(self) -> list[bytes]:
        """All of them as they are written."""
        return [entry for entry in self.kept if isinstance(entry, bytes)]
