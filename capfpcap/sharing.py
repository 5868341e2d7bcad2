"""Work shared out to processes, each of which hands over the parts of the report that it made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import BinaryIO, Generic, TypeVar

import msgspec

from capfpcap.capture.forked import Forked, forked
from capfpcap.compose.whole import Part

_LENGTH = 8
"""Octets of a part's length, which goes before it."""

_Task = TypeVar("_Task")
Judge = Callable[[_Task], Part]
"""Makes a part of the report of one task."""


def shared_out(
    judge: Judge[_Task],
    tasks: Sequence[_Task],
    workers: int,
    here: Judge[_Task] | None = None,
) -> list[Part]:
    """What ``judge`` makes of each task, in their order; ``here`` does so in this process."""
    if workers < 2 or not hasattr(os, "fork"):
        return [judge(task) for task in tasks]
    shares = [tasks[index::workers] for index in range(workers)]
    with ExitStack() as ending:
        others = []
        for share in shares[1:]:
            others.append(helper := _Helper(judge, share))
            ending.callback(helper.end)
        own = [(here or judge)(task) for task in shares[0]]
        gathered = [own, *(helper.parts() for helper in others)]
    return [gathered[index % workers][index // workers] for index in range(len(tasks))]


class _Helper(Generic[_Task]):
    """A forked process that judges its share and writes its parts into a pipe."""

    def __init__(self, judge: Callable[[_Task], Part], share: Sequence[_Task]) -> None:
        self._judge, self._share = judge, share
        self._forked: Forked | None = None
        with suppress(OSError):  # the system may have no process left to give
            self._forked = forked(partial(_write_parts, judge, share))

    def parts(self) -> list[Part]:
        """The helper's parts; what it left undone, or never began, is done here."""
        parts = list(_read_parts(self._forked.pipe)) if self._forked else []
        return parts + [self._judge(task) for task in self._share[len(parts) :]]

    def end(self) -> None:
        """Ends the process; whatever becomes of this one, none is left behind."""
        if self._forked:
            self._forked.end()


def _read_parts(pipe: BinaryIO) -> Iterator[Part]:
    """What :func:`_write_parts` wrote, up to where its process died."""
    decoder = msgspec.msgpack.Decoder(Part)
    while length := int.from_bytes(pipe.read(_LENGTH)):
        encoded = pipe.read(length)
        if len(encoded) < length:
            return
        yield decoder.decode(encoded)


def _write_parts(judge: Callable[[_Task], Part], share: Sequence[_Task], pipe: BinaryIO) -> None:
    """What a helper does: all of its work before the first word, which may have to wait."""
    for part in [msgspec.msgpack.encode(judge(task)) for task in share]:
        pipe.write(len(part).to_bytes(_LENGTH))
        pipe.write(part)
