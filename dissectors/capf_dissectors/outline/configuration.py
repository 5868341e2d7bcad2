"""The elements of a phone's configuration, as XML nests them."""

from __future__ import annotations

from xml.parsers.expat import ExpatError, ParserCreate, errors

from capf_dissectors.configuration import MAX_LENGTH
from capf_dissectors.outline.node import MAX_NODES, MAX_VALUE, Node

MAX_NESTED = 16
"""Elements inside each other that are shown; real configurations nest to six."""


def outline_configuration(data: bytes) -> tuple[Node, ...]:
    """The elements of the configuration that all of ``data`` is.

    Entities are never expanded: reading stops at a document type.
    """
    xml = data[:MAX_LENGTH].rstrip(b"\0")
    reader = _Reader(xml)
    try:
        reader.parser.Parse(xml, True)
    except ExpatError as error:
        return reader.finished(len(data), errors.messages[error.code])
    except _StoppedError as stop:
        return reader.finished(len(data), str(stop))
    except (ValueError, LookupError):
        return reader.finished(len(data), "the declared encoding is not known")
    return reader.finished(len(data))


class _StoppedError(Exception):
    """Well-formed so far, and not read further."""


class _Open:
    """An element that is not closed yet."""

    def __init__(self, name: str, start: int) -> None:
        self.name = name
        self.start = start
        self.text: list[str] = []
        self.children: list[Node] = []

    def closed(self, end: int) -> Node:
        value = "".join(self.text).strip()[:MAX_VALUE]
        return Node(self.name, value, self.start, end, tuple(self.children))


class _Reader:
    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self.parser = parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._stop
        self._open = [_Open("", 0)]
        self._depth = self._count = 0

    def finished(self, length: int, problem: str = "") -> tuple[Node, ...]:
        """What was read, with elements that were never closed."""
        at = min(max(self.parser.CurrentByteIndex, 0), length)
        while len(self._open) > 1:
            element = self._open.pop()
            self._open[-1].children.append(element.closed(at))
        if problem:
            note = Node("Problem", problem, at, length, is_problem=True)
            self._open[0].children.append(note)
        return tuple(self._open[0].children)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._count > MAX_NODES:
            raise _StoppedError(f"more than {MAX_NODES} elements: the rest is not shown")
        if self._depth <= MAX_NESTED:
            told = "".join(f' {key}="{value}"' for key, value in list(attributes.items())[:4])
            label = f"{name[:64]}{told[:64]}"
            self._open.append(_Open(label, self.parser.CurrentByteIndex))

    def _end(self, _name: str) -> None:
        if self._depth <= MAX_NESTED:
            element, end = self._open.pop(), self.parser.CurrentByteIndex
            is_empty = not (element.text or element.children)
            if not (is_empty and self._xml[end - 4 : end].replace(b"\0", b"").endswith(b"/>")):
                end = self._xml.find(b">", end) + 1
            self._open[-1].children.append(element.closed(end))
        self._depth -= 1

    def _characters(self, text: str) -> None:
        if self._depth <= MAX_NESTED:
            self._open[-1].text.append(text)

    def _stop(self, *_: object) -> None:
        raise _StoppedError("a document type is declared, which could define entities")
