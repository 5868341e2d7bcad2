"""Answers that take long, worked out beside those to other questions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import BoundedSemaphore, Thread

from capf_tui.engine.wire import Reply

_AT_A_TIME = 2
"""Answers that are worked out at once; each may be a program of its own."""


class Aside:
    """Each answer in a thread; ``done`` can be waited for."""

    def __init__(self) -> None:
        self.done, self._end = Pipe(duplex=False)
        self._replies: deque[tuple[Connection, Reply]] = deque()
        self._room = BoundedSemaphore(_AT_A_TIME)

    def begin(self, asker: Connection, reply: Callable[[], Reply]) -> None:
        """Work a reply out, which must not fail."""
        Thread(target=self._work, args=(asker, reply), daemon=True).start()

    def take(self) -> tuple[Connection, Reply]:
        """A reply that is there, and who asked."""
        self.done.recv_bytes()
        return self._replies.popleft()

    def _work(self, asker: Connection, reply: Callable[[], Reply]) -> None:
        with self._room:
            self._replies.append((asker, reply()))
        self._end.send_bytes(b"")
