"""Flows of a report where there are very many: kept as bytes, and read one by one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

import msgspec

from capfpcap.report import Flow

_Read = TypeVar("_Read")


class KeptFlows(Sequence[Flow]):
    """Flows as bytes, which take less room; each is read when it is asked for.

    ``kept`` has an entry for each; one that cannot be written stays as it is.
    """

    def __init__(self, kept: Sequence[bytes | Flow]) -> None:
        self.kept = kept

    @classmethod
    @abstractmethod
    def keep(cls, flows: Sequence[Flow]) -> Sequence[bytes | Flow]:
        """An entry for each of some flows."""

    @classmethod
    @abstractmethod
    def reader(cls, wanted: type[_Read]) -> Callable[[bytes], _Read]:
        """What reads of an entry a flow, or a structure of some of its fields."""

    def each(self, wanted: type[_Read]) -> Iterator[_Read | Flow]:
        """Of each flow the fields that ``wanted`` has, or the whole flow."""
        read = self.reader(wanted)
        return (entry if isinstance(entry, Flow) else read(entry) for entry in self.kept)

    def __len__(self) -> int:
        return len(self.kept)

    def __iter__(self) -> Iterator[Flow]:
        return self.each(Flow)

    @overload
    def __getitem__(self, index: int) -> Flow: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Flow]: ...

    def __getitem__(self, index: int | slice) -> Flow | Sequence[Flow]:
        if isinstance(index, slice):
            return type(self)(self.kept[index])
        entry = self.kept[index]
        return entry if isinstance(entry, Flow) else self.reader(Flow)(entry)


class PackedFlows(KeptFlows):
    """Flows for a rendering that reads few of them, and for none that writes all."""

    @classmethod
    def keep(cls, flows: Sequence[Flow]) -> Sequence[bytes | Flow]:
        """The flows in MessagePack."""
        try:
            return list(map(msgspec.msgpack.Encoder().encode, flows))
        except UnicodeEncodeError:  # a capture's name with bytes that are no text
            return flows

    @classmethod
    def reader(cls, wanted: type[_Read]) -> Callable[[bytes], _Read]:
        """What reads MessagePack."""
        return msgspec.msgpack.Decoder(wanted).decode
