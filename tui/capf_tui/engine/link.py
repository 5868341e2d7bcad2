"""The application's end of the wire."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from socket import SHUT_RDWR, socket
from threading import Lock, Thread
from typing import cast

import msgspec

from capf_tui.engine.process import CANCEL, connection_of
from capf_tui.engine.question import Answer, Question
from capf_tui.engine.wire import Answered, Ask, Begin, Failed, News, Refused, Reply, pack, unpack

_GONE = "the analysis has ended unexpectedly"


class NoAnswerError(Exception):
    """The engine has no answer; the message is a sentence for the user."""


class Link:
    """Asks the engine, and hears how far it is.

    ``process`` is the engine's number where this application began it, and may cancel and end it.
    """

    def __init__(self, end: socket, process: int | None = None) -> None:
        self._end = end
        self._connection = connection_of(end.dup())
        self._process = process
        self._reader = Thread(target=self._read, name="engine", daemon=True)
        self._waiting: dict[int, Future[msgspec.Raw]] = {}
        self._numbers = count()
        self._lock = Lock()
        self._heard: Callable[[News], None] = lambda _news: None
        self._gone = False

    @property
    def process(self) -> int | None:
        """The engine's number, where it is this application's own."""
        return self._process

    @property
    def may_cancel(self) -> bool:
        """Whether the analysis is this application's own."""
        return self._process is not None

    def listen(self, heard: Callable[[News], None]) -> None:
        """From now on ``heard`` is called with all news, from a thread of the link."""
        self._heard = heard
        self._reader.start()

    def ask(self, question: Question[Answer]) -> Answer:
        """The engine's answer; waits for it, so it is called from workers.

        Raises:
            NoAnswerError: there is none.
        """
        waiting: Future[msgspec.Raw] = Future()
        with self._lock:
            if self._gone:
                raise NoAnswerError(_GONE)
            number = next(self._numbers)
            self._waiting[number] = waiting
            asked = Ask(number, type(question).__name__, msgspec.Raw(pack(question)))
            try:
                self._connection.send_bytes(pack(asked))
            except (OSError, ValueError) as error:
                raise NoAnswerError(_GONE) from error
        return cast(Answer, unpack(waiting.result(), question.replies))

    def begin(self) -> None:
        """Have the captures analysed again."""
        with self._lock, suppress(OSError, ValueError):
            self._connection.send_bytes(pack(Begin()))

    def cancel(self) -> None:
        """Break the analysis off."""
        if self._process is not None:
            with suppress(OSError):
                os.kill(self._process, CANCEL)

    def leave(self) -> None:
        """Nobody is to wait for an answer any more; whoever does is told that there is none."""
        with self._lock:
            self._gone = True
            left, self._waiting = self._waiting, {}
        for waiting in left.values():
            waiting.set_exception(NoAnswerError(_GONE))

    def close(self) -> None:
        """End the engine, if it is this application's own."""
        self._heard = lambda _news: None
        with suppress(OSError):
            self._end.shutdown(SHUT_RDWR)
        if self._reader.is_alive():  # it must not read what is opened by the same number next
            self._reader.join()
        self._connection.close()
        self._end.close()
        if self._process is not None:
            with suppress(OSError):
                os.kill(self._process, signal.SIGKILL)
            with suppress(OSError):
                os.waitpid(self._process, 0)
            self._process = None

    def _read(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._take(unpack(self._connection.recv_bytes(), cast(type[Reply], Reply)))
        self.leave()
        self._heard(Failed(_GONE))

    def _take(self, reply: Reply) -> None:
        if not isinstance(reply, Answered | Refused):
            self._heard(reply)
            return
        with self._lock:
            waiting = self._waiting.pop(reply.number, None)
        if waiting is None:
            return
        if isinstance(reply, Answered):
            waiting.set_result(reply.answer)
        else:
            waiting.set_exception(NoAnswerError(reply.sentence))
