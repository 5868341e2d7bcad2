"""The engine: analyses captures, then answers questions about them until nobody is left to ask.

It is a process of its own, forked before the application has threads: however long an analysis or
an answer takes, the application has an interpreter for itself and answers every key. What was
analysed is kept once, however many applications are connected.
"""

from __future__ import annotations

import gc
import signal
import struct
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from socket import SO_SNDTIMEO, SOL_SOCKET, socket
from types import FrameType
from typing import cast

import msgspec

from capf_tui.asking.phones import phone_row
from capf_tui.engine.again import Again
from capf_tui.engine.aside import Aside
from capf_tui.engine.growth import LOOK_EVERY_S, Growth
from capf_tui.engine.question import Later, Question
from capf_tui.engine.wire import (
    Answered,
    Ask,
    Cancelled,
    Failed,
    Judged,
    News,
    Progressed,
    Ready,
    Refused,
    Reply,
    Request,
    pack,
    pack_harmless,
    unpack,
)
from capfpcap.batches import Heard
from capfpcap.capture.columns import CaptureError
from capfpcap.capture.reading import Progress
from capfpcap.compose.whole import Part
from capfpcap.enrolment.choice import NotShownError
from capfpcap.study import Study

CANCEL = signal.SIGUSR1
"""Breaks off the analysis."""

_NEWS_EVERY_S = 0.1
"""Seconds between two reports of progress: more often nobody can read."""

_PATIENCE_S = 10
"""Seconds for which the engine waits for an application that does not read."""

_Answer = msgspec.Struct

Examine = Callable[[Progress, Heard], Study]
"""Analyses the captures, telling how far it is and what was judged."""


def connection_of(end: socket) -> Connection:
    """A connection that sends and receives messages over a socket, which is used up.

    An application that reads nothing for a while is given up, so that the others are answered.
    """
    end.setsockopt(SOL_SOCKET, SO_SNDTIMEO, struct.pack("ll", _PATIENCE_S, 0))
    return Connection(end.detach())


class CancelledError(BaseException):
    """The user does not want to wait; no rule that fails may swallow this."""


class Engine:
    """Serves the applications that are connected, and those that come to the listener."""

    def __init__(
        self,
        examine: Examine,
        connections: list[Connection],
        door: socket | None = None,
        growth: Growth | None = None,
    ) -> None:
        self._examine = examine
        self._connections = connections
        self._door = door
        self._growth = growth
        self._again = Again(examine)
        self._aside = Aside()
        self._study: Study | None = None
        self._generation = 0
        self._news: News = Progressed("reading", 0, None)
        self._told = 0.0
        self._analysing = False
        self._kinds = {kind.__name__: kind for kind in Question.__subclasses__()}

    def run(self) -> None:
        """Analyse, then answer; returns when nobody is connected and nobody can come."""
        signal.signal(CANCEL, self._cancel)
        self._analyse()
        while self._connections or self._door:
            awaited: list[Connection | socket] = [
                self._again.done,
                self._aside.done,
                *self._connections,
            ]
            if self._door:
                awaited.append(self._door)
            for ready in wait(awaited, self._patience):
                if ready is self._again.done:
                    self._take(self._again.result())
                elif ready is self._aside.done:
                    asker, reply = self._aside.take()
                    if asker in self._connections:
                        self._send(asker, reply)
                elif isinstance(ready, Connection):
                    self._hear(ready)
                else:
                    self._welcome()
            if self._growth and not self._again.running and self._growth.has_grown():
                self._growth.note()
                self._again.start()

    @property
    def _patience(self) -> float | None:
        """Seconds until the files are looked at."""
        return LOOK_EVERY_S if self._growth else None

    def _take(self, made: Study | None) -> None:
        """Answer from a newer study; captures that cannot be read just now leave the older one."""
        if self._growth:
            self._growth.rest(self._again.took_s)
        if made is not None:
            self._study = made
            self._generation += 1
            self._tell(Ready(self._generation, following=True))

    def _welcome(self) -> None:
        assert self._door is not None
        connection = connection_of(self._door.accept()[0])
        self._connections.append(connection)
        self._send(connection, self._news)

    def _analyse(self) -> None:
        self._study = None
        self._analysing = True
        if self._growth:
            self._growth.note()
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {CANCEL})
            self._study = self._examine(self._progress, self._judged)
            self._generation += 1
            news: News = Ready(self._generation, following=self._growth is not None)
        except CancelledError:
            news = Cancelled()
        except (CaptureError, NotShownError) as error:
            news = Failed(str(error))
        except OSError as error:
            news = Failed(f"cannot read {error.filename or 'a capture'}: {error.strerror}")
        except MemoryError:
            news = Failed("there is not enough memory")
        except Exception as error:
            news = Failed(f"the program itself failed: {type(error).__name__}: {error}")
        finally:
            self._analysing = False
        gc.collect()
        gc.freeze()  # what was analysed is no garbage, and large
        self._tell(news)

    def _cancel(self, _number: int, _frame: FrameType | None) -> None:
        if self._analysing:
            self._analysing = False
            raise CancelledError

    def _progress(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._told < _NEWS_EVERY_S and done != total:
            return
        self._told = now
        if done == total:
            self._tell(Progressed("judging", 0, None))
        else:
            self._tell(Progressed("reading", done, total))
        self._let_in()

    def _judged(self, part: Part, share: float) -> None:
        self._news = Progressed("judging", round(100 * share), 100)
        rows = [phone_row(phone, findings, "") for _, phone, findings in part.phones]
        for connection in list(self._connections):
            self._send(connection, self._news)
            self._send(connection, Judged(rows))
        self._let_in()

    def _let_in(self) -> None:
        """Applications that come while there is nothing to answer yet hear how far it is."""
        while self._door and wait([self._door], timeout=0):
            self._welcome()

    def _tell(self, news: News) -> None:
        self._news = news
        for connection in list(self._connections):
            self._send(connection, news)

    def _hear(self, connection: Connection) -> None:
        try:
            request = unpack(connection.recv_bytes(), cast(type[Request], Request))
        except (EOFError, OSError, msgspec.MsgspecError):
            self._connections.remove(connection)
            connection.close()
            return
        if isinstance(request, Ask):
            self._answer(connection, request)
        else:
            self._analyse()

    def _answer(self, asker: Connection, ask: Ask) -> None:
        """Answer now, or have the answer worked out."""
        reply = _reply(ask.number, lambda: self._answer_to(ask))
        if isinstance(reply, Later):
            finish = reply.finish
            self._aside.begin(asker, lambda: cast(Reply, _reply(ask.number, finish)))
        else:
            self._send(asker, reply)

    def _answer_to(self, ask: Ask) -> _Answer | Later[_Answer]:
        if self._study is None:
            raise LookupError("the captures are not analysed")
        question = unpack(ask.question, self._kinds[ask.kind])
        return cast("Question[_Answer]", question).answer(self._study)

    def _send(self, connection: Connection, reply: Reply) -> None:
        try:
            told = pack_harmless(reply) if isinstance(reply, Judged) else pack(reply)
            connection.send_bytes(told)
        except (OSError, ValueError):
            if connection in self._connections:
                self._connections.remove(connection)
                connection.close()


def _reply(number: int, answer: Callable[[], _Answer | Later[_Answer]]) -> Reply | Later[_Answer]:
    """The reply with an answer, or with why there is none."""
    try:
        answered = answer()
        if isinstance(answered, Later):
            return answered
        return Answered(number, msgspec.Raw(pack_harmless(answered)))
    except LookupError as error:
        return Refused(number, str(error.args[0] if error.args else error))
    except Exception as error:
        return Refused(number, f"the program itself failed: {type(error).__name__}: {error}")
