"""The part of the application that takes keys one by one.

Textual hands a key to the part that has the keyboard at that moment. What the key before it set
off (another part or another screen that gets the keyboard, a cursor that moves) may still be under
way then. Who types fast, pastes, or sends keys by a script means the screen as that key leaves it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import TypeVar

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.screen import Screen
from textual.widget import Widget

ROUNDS = 4
"""How often each part is asked to do what it has been told, before the next key: what a key sets
off sets off more, in a chain no longer than this."""
PATIENCE_S = 1.0
"""After which a key is no longer waited for: a keyboard must not go dead."""

Result = TypeVar("Result")
Keyboard = tuple[Screen[object], Widget | None]
"""The screen that is shown, and the part of it that has the keyboard."""


class TypingApp(App[Result], inherit_bindings=False):
    """Gives each key to what has the keyboard once the key before it has done its work."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[Key | Paste] = deque()
        self._waits_since: float | None = None
        """When waiting began for what is under way; None: nothing is waited for."""

    async def on_event(self, event: Event) -> None:
        """Keep what is typed until it is its turn."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._waits_since is None:
            self._wait()
        elif monotonic() - self._waits_since > PATIENCE_S:
            await self._next()

    def _wait(self) -> None:
        self._waits_since = monotonic()
        self._ask_around(self._keyboard, ROUNDS)

    @property
    def _keyboard(self) -> Keyboard:
        return self.screen, self.focused

    def _ask_around(self, keyboard: Keyboard, rounds: int) -> None:
        """Let all parts between the keyboard and the application do what they were told."""
        there = keyboard[1] or keyboard[0]
        _pass(list(there.ancestors_with_self), partial(self._look_again, keyboard, rounds - 1))

    async def _look_again(self, before: Keyboard, rounds: int) -> None:
        now = self._keyboard
        if now != before:
            self._ask_around(now, ROUNDS)
        elif rounds:
            self._ask_around(now, rounds)
        else:
            await self._next()

    async def _next(self) -> None:
        """All is quiet: the next key has its turn."""
        self._waits_since = None
        if self._typed:
            await super().on_event(self._typed.popleft())
            self._wait()


def _pass(nodes: Sequence[DOMNode], then: Callable[[], object]) -> None:
    """Call ``then`` in the last of some nodes, once each has done what it was told before.

    One that is being closed takes nothing any more, and is passed over.
    """
    for number, node in enumerate(nodes):
        following = nodes[number + 1 :]
        if node.call_later(partial(_pass, following, then) if following else then):
            return
