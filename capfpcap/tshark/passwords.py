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


def without_passwords(trees: Iterable[Tree]) -> list[Tree]:
    """The trees without the bytes of authentication strings."""
    whole = list(trees)
    hidden = {field.value for tree in whole for field in tree.find(_PASSWORD) if field.value}
    return [
        structs.replace(tree, layers=tuple(_without(layer, hidden) for layer in tree.layers))
        for tree in whole
    ]


def _without(branch: Branch, hidden: set[str]) -> Branch:
    children = tuple(_without(child, hidden) for child in branch.children)
    told = f"{branch.value} {branch.show.replace(':', '')}"
    if branch.name in _PARTS or any(secret in told for secret in hidden):
        return structs.replace(branch, show="", value="", children=children)
    return structs.replace(branch, children=children) if children else branch
