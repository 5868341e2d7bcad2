"""Messages as trees of named fields, each with the place of its bytes: for people who read packets.

The dissectors make messages of bytes, and say no more of places than the analysis needs. An outline
is made of one message when somebody looks at it, field by field, and shows what of a damaged one
can be read. Offsets count in the bytes that were handed over.
"""

from capf_dissectors.outline.node import MAX_NODES, Node, moved, plural, shown
from capf_dissectors.outline.outliner import Outliner, by_name, hexadecimal, named, outlined

__all__ = [
    "MAX_NODES",
    "Node",
    "Outliner",
    "by_name",
    "hexadecimal",
    "moved",
    "named",
    "outlined",
    "plural",
    "shown",
]
