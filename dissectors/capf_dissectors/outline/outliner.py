"""Reads a block field by field, in network order, and notes each with its place.

A block that ends early, or holds more than was asked for, is no error here: that is a node too,
and reading goes on behind the block, for its length is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum

from capf_dissectors.cursor import Cursor, OutOfBytesError
from capf_dissectors.outline.node import MAX_NODES, MAX_VALUE, Node, plural, shown
from capf_dissectors.text import decode_text

MAX_DEPTH = 24
"""Blocks inside each other; a certificate in a trust list comes to 14."""


class UnreadableError(Exception):
    """The bytes of a block cannot be what they should be; the message says why."""


class _TooManyError(Exception):
    """The outline has as many fields as it may have."""


class _Budget:
    """How many fields an outline may still have."""

    def __init__(self) -> None:
        self.left = MAX_NODES


class Outliner(Cursor):
    """A cursor that notes what it reads; see :class:`~capf_dissectors.cursor.Cursor`."""

    __slots__ = ("_budget", "_depth", "nodes", "value")

    def __init__(self, data: bytes, position: int = 0, end: int | None = None) -> None:
        super().__init__(data, position, end)
        self.nodes: list[Node] = []
        self.value = ""
        """What the field that this block is says as a whole."""
        self._budget = _Budget()
        self._depth = 0

    def note(
        self, name: str, value: str, start: int, end: int, children: Sequence[Node] = ()
    ) -> None:
        """Add a field that was read by other means."""
        self._add(Node(name, value[:MAX_VALUE], start, end, tuple(children)))

    def problem(self, reason: str) -> None:
        """Say what is wrong with the bytes from here on."""
        self._add(Node("Problem", reason, self.position, self.end, is_problem=True))

    def _add(self, node: Node) -> None:
        if self._budget.left <= 0:
            raise _TooManyError
        self._budget.left -= 1
        self.nodes.append(node)

    def number(self, name: str, size: int, say: Callable[[int], str] = str) -> int:
        """A number of ``size`` bytes, and what it means."""
        start = self.position
        number = int.from_bytes(self.take(size), "big")
        self.note(name, say(number), start, self.position)
        return number

    def octets(self, name: str, length: int, say: Callable[[bytes], str] = shown) -> bytes:
        """Bytes, and what they say."""
        start = self.position
        data = self.take(length)
        self.note(name, say(data), start, self.position)
        return data

    def text(self, name: str, length: int) -> str:
        """Bytes that are text."""
        return decode_text(self.octets(name, length, decode_text))

    def rest(self, name: str, say: Callable[[bytes], str] = shown) -> bytes:
        """All that is left of the block; nothing is noted where nothing is."""
        return self.octets(name, self.left, say) if self.left else b""

    def counted(
        self, name: str, size: int, say: Callable[[bytes], str] = shown, *, length: str = "Length"
    ) -> bytes:
        """Bytes behind their own length, which has ``size`` bytes."""
        return self.octets(name, self.number(f"{name} {length.lower()}", size), say)

    @property
    def said(self) -> str:
        """What the last field says; nothing where there is none.

        A block that cannot be read to its end ends early: what follows it asks here, and not for
        what was to be learned inside.
        """
        return self.nodes[-1].value if self.nodes else ""

    def lift(self) -> str:
        """Put the fields of the last field in its place; returns what it said as a whole."""
        last = self.nodes.pop()
        self.nodes += last.children
        return last.value

    def widen(self, start: int) -> None:
        """Let the last field begin at ``start``, where a header of it was read already."""
        last = self.nodes.pop()
        self.nodes.append(
            Node(last.name, last.value, start, last.end, last.children, last.is_problem)
        )

    @contextmanager
    def fields(self, name: str, length: int) -> Iterator[Outliner]:
        """A field of ``length`` bytes that has fields of its own.

        Where this block ends before that, the field goes to its end.
        """
        stop = self.position + length
        inner = self._inside(min(stop, self.end))
        start, self.position = self.position, inner.end
        yield from self._outlined(inner, name, start, missing=max(stop - self.end, 0))

    @contextmanager
    def vector(self, name: str, size: int) -> Iterator[Outliner]:
        """As :meth:`fields`, for a field behind its own length, which has ``size`` bytes."""
        length = self.number(f"{name} length", size)
        with self.fields(name, length) as inner:
            yield inner

    @contextmanager
    def group(self, name: str) -> Iterator[Outliner]:
        """A field that ends where its last field does, as its reader will find."""
        inner = self._inside(self.end)
        start = self.position
        try:
            yield from self._outlined(inner, name, start, open_ended=True)
        finally:
            self.position = inner.position

    def _inside(self, end: int) -> Outliner:
        inner = Outliner(self.data, self.position, end)
        inner._budget, inner._depth = self._budget, self._depth + 1
        if inner._depth > MAX_DEPTH:
            raise UnreadableError(f"more than {MAX_DEPTH} fields inside each other")
        return inner

    def _outlined(
        self,
        inner: Outliner,
        name: str,
        start: int,
        *,
        open_ended: bool = False,
        missing: int = 0,
    ) -> Iterator[Outliner]:
        """Let ``inner`` be read, and add it as one field, however far that goes.

        ``missing`` is how many of its bytes are not there.
        """
        try:
            try:
                yield inner
            except (OutOfBytesError, UnreadableError) as wrong:
                inner.problem(_told(wrong))
                inner.position = inner.end
            else:
                if not open_ended:
                    inner.rest("Further bytes")
                if missing:
                    inner.problem(_early(missing))
        finally:
            end = inner.position if open_ended else inner.end
            self._budget.left -= 1
            self.nodes.append(Node(name, inner.value[:MAX_VALUE], start, end, tuple(inner.nodes)))


def outlined(
    read: Callable[[Outliner], None], data: bytes, start: int = 0, end: int | None = None
) -> tuple[Node, ...]:
    """What ``read`` notes of ``data[start:end]``, as far as it comes."""
    stop = len(data) if end is None else min(end, len(data))
    outliner = Outliner(data, min(start, stop), stop)
    try:
        read(outliner)
        outliner.rest("Further bytes")
        return tuple(outliner.nodes)
    except (OutOfBytesError, UnreadableError) as wrong:
        reason = _told(wrong)
    except _TooManyError:
        reason = f"more than {MAX_NODES} fields: the rest is not shown"
    problem = Node("Problem", reason, outliner.position, outliner.end, is_problem=True)
    return (*outliner.nodes, problem)


def _told(wrong: OutOfBytesError | UnreadableError) -> str:
    return _early(wrong.missing) if isinstance(wrong, OutOfBytesError) else str(wrong)


def _early(missing: int) -> str:
    return f"ends early: {plural(missing, 'byte')} missing"


def named(registry: type[IntEnum]) -> Callable[[int], str]:
    """A number of a registry in words, ``Client Hello (1)``; others as they are."""

    def say(number: int) -> str:
        try:
            return f"{registry(number).name.replace('_', ' ').capitalize()} ({number})"
        except ValueError:
            return str(number)

    return say


def hexadecimal(digits: int) -> Callable[[int], str]:
    """A number as so many hexadecimal digits."""
    return lambda number: f"0x{number:0{digits}x}"


def by_name(name: Callable[[int], str], digits: int = 4) -> Callable[[int], str]:
    """A number of a registry by its name and in hexadecimal."""
    return lambda number: f"{name(number)} (0x{number:0{digits}x})"
