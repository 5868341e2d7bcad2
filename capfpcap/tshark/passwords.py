"""Authentication strings, which our plugin hides, hidden among the bytes of other fields as well.

A field holds its bytes beside its text, and so does whatever it is part of.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from capfpcap.tshark.tree import Branch, Tree

_PASSWORD = "capf.password"
_PARTS = frozenset({"tls.segment.data", "tls.reassembled.data"})
"""Of a message that came in several records, which may hold a part of one."""


_UNDISSECTED = frozenset({"data", "data.data"})
"""What Wireshark calls bytes that no dissector takes."""


def without_passwords(trees: Iterable[Tree], *, dissected: bool = True) -> list[Tree]:
    """The trees without the bytes of authentication strings.

    Where our plugin has not ``dissected`` them, nobody knows which bytes these are.
    """
    whole = list(trees)
    strings = {field.value for tree in whole for field in tree.find(_PASSWORD) if field.value}
    unread = _PARTS if dissected else _PARTS | _UNDISSECTED
    return [
        structs.replace(
            tree, layers=tuple(_without(layer, strings, unread) for layer in tree.layers)
        )
        for tree in whole
    ]


def _without(branch: Branch, strings: set[str], unread: frozenset[str]) -> Branch:
    children = tuple(_without(child, strings, unread) for child in branch.children)
    told = f"{branch.value} {branch.show.replace(':', '')}"
    if branch.name in unread:
        text = f"{branch.name} ({branch.length} bytes)"
        return structs.replace(branch, text=text, show="", value="", children=children)
    if any(string in told for string in strings):
        return structs.replace(branch, show="", value="", children=children)
    return structs.replace(branch, children=children) if children else branch
