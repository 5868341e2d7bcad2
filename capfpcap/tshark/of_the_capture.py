"""Trees of the frames of a small file as those of the capture that they were taken from.

What tshark says of the small file alone would be taken for something about the capture: the
interface, and the numbers that it gives connections, which in the capture are others.
"""

from __future__ import annotations

from msgspec import structs

from capfpcap.tshark.tree import Branch, Tree

_OF_THE_FILE = frozenset(
    {"frame.file_off", "frame.interface_id", "frame.section_number"}
    | {f"{protocol}.stream" for protocol in ("eth", "ip", "ipv6", "tcp", "udp")}
)
_INTERFACE = " on interface "
_NUMBER = "frame.number"


def of_the_capture(tree: Tree) -> Tree:
    """The tree without what is so of the small file alone."""
    frame, *others = tree.layers
    title = frame.text.partition(_INTERFACE)[0]
    layers = (structs.replace(frame, text=title), *others)
    return structs.replace(tree, layers=tuple(_without_own(layer) for layer in layers))


def _without_own(layer: Branch) -> Branch:
    left = tuple(field for field in layer.children if field.name not in _OF_THE_FILE)
    return structs.replace(layer, children=left)


def with_number(tree: Tree, number: int) -> Tree:
    """The tree with another number of its frame where it says it."""
    frame, *others = tree.layers
    fields = tuple(
        structs.replace(field, show=str(number), text=f"Frame Number: {number}")
        if field.name == _NUMBER
        else field
        for field in frame.children
    )
    title = frame.text.replace(f"Frame {tree.number}:", f"Frame {number}:", 1)
    return Tree(number, (structs.replace(frame, text=title, children=fields), *others))
