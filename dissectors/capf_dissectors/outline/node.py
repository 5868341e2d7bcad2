"""A field of a message with its place: what a person reads beside the bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from capf_dissectors.text import shown

__all__ = ["MAX_NODES", "MAX_VALUE", "Node", "moved", "plural", "shown"]

MAX_NODES = 6000
"""Fields of one outline. The largest honest message, a trust list of 80 certificates, has about
4,500; a hostile one could make one of every byte."""
MAX_VALUE = 256
"""Characters of a field's value; the bytes themselves are shown beside it."""


class Node(Struct, frozen=True):
    """A field: a name, what it says, and where its bytes are."""

    name: str
    value: str
    """In words; may hold text of packets, not yet made harmless. Empty where the children tell."""
    start: int
    """Of its first byte."""
    end: int
    """Behind its last byte; equal to ``start`` where no byte stands for it."""
    children: tuple[Node, ...] = ()
    is_problem: bool = False
    """Whether it says what is wrong with the bytes rather than what they are."""
    view: int = 0
    """Which of several sequences of bytes the offsets count in."""

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order in which they are shown."""
        yield self
        for child in self.children:
            yield from child.walk()


def moved(nodes: Sequence[Node], by: int, view: int) -> tuple[Node, ...]:
    """The same fields where their bytes stand ``by`` further on in another sequence of bytes."""
    return tuple(
        Node(
            node.name,
            node.value,
            node.start + by,
            node.end + by,
            moved(node.children, by, view),
            node.is_problem,
            view,
        )
        for node in nodes
    )


def plural(count: int, what: str) -> str:
    """``1 record``, ``2 records``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
