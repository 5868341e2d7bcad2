"""The keys as people read them: for the help and for the command palette."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from capf_tui.widgets.row_list import RowList

_HERE = "On this screen"
_FOCUSED = "In the part that has the keys"
_EVERYWHERE = "Everywhere"
_SCREENS = "Screens"
_LISTS = "In a list"


class Key(NamedTuple):
    """One action with all its keys."""

    group: str
    keys: str
    """All of them, a space between two."""
    does: str
    """In a word or two."""
    explained: str
    """In a few more."""
    action: str
    shown: bool
    """Whether it stands in the bar at the bottom."""
    node: DOMNode
    """Whose action it is."""


def keys_of(app: App[Any], screen: Screen[object]) -> Iterator[Key]:
    """Every action that there is now, in the order in which it is told."""
    told: dict[tuple[str, str], list[Binding]] = {}
    nodes: dict[tuple[str, str], tuple[str, DOMNode]] = {}
    for active in screen.active_bindings.values():
        binding, node = active.binding, active.node
        if not binding.description or not active.enabled:
            continue
        identity = (binding.action, binding.description)
        told.setdefault(identity, []).append(binding)
        nodes[identity] = _group(node, binding, screen), node
    for identity, bindings in told.items():
        group, node = nodes[identity]
        keys = " ".join(dict.fromkeys(app.get_key_display(binding) for binding in bindings))
        first = bindings[0]
        explained = first.tooltip or first.description
        yield Key(group, keys, first.description, explained, first.action, first.show, node)


def _group(node: DOMNode, binding: Binding, screen: Screen[object]) -> str:
    if isinstance(node, App):
        return _SCREENS if binding.action.startswith("go(") else _EVERYWHERE
    if node is screen:
        return _HERE
    return _LISTS if isinstance(node, RowList) else _FOCUSED


def grouped(keys: Iterator[Key]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Keys and what they do, by group."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for key in keys:
        groups.setdefault(key.group, []).append((key.keys, key.explained))
    order = [_HERE, _FOCUSED, _EVERYWHERE, _SCREENS, _LISTS]
    return sorted(groups.items(), key=lambda group: order.index(group[0]))
