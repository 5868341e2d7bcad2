"""Wireshark's tree of a frame."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class Branch(Struct, frozen=True):
    """A protocol or a field of it; the text is that of the packet, not made harmless."""

    name: str
    """As display filters name it; empty for a line of text alone."""
    text: str
    """The line that Wireshark shows."""
    show: str
    """The value as display filters take it."""
    value: str
    """The bytes in hexadecimal, where the field has bytes."""
    offset: int
    """Of the first byte, in the frame or in what was put together or decrypted."""
    length: int
    hidden: bool
    """Whether Wireshark finds it by a filter but does not show it."""
    children: tuple[Branch, ...]

    def walk(self) -> Iterator[Branch]:
        """This one and all below it, in the order in which they are shown."""
        waiting = [self]
        while waiting:
            branch = waiting.pop()
            yield branch
            waiting.extend(reversed(branch.children))


class Tree(Struct, frozen=True):
    """One frame as Wireshark dissects it."""

    number: int
    """Its frame number."""
    layers: tuple[Branch, ...]
    """The protocols from the outermost on; the first one is the frame itself."""

    def find(self, name: str) -> list[Branch]:
        """Every protocol or field that display filters know by this name."""
        return [branch for layer in self.layers for branch in layer.walk() if branch.name == name]

    def values(self, name: str) -> list[str]:
        """What :meth:`find` finds, as display filters take the values."""
        return [branch.show for branch in self.find(name)]
