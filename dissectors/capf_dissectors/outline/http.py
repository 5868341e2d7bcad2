"""An HTTP message: its start line and header fields, and where its body is."""

from __future__ import annotations

from capf_dissectors.outline.node import Node, plural
from capf_dissectors.outline.outliner import Outliner, outlined
from capf_dissectors.text import decode_text

MAX_LINES = 200
"""Header fields that are shown; servers send ten to thirty."""


def outline_http(data: bytes, start: int = 0, end: int | None = None) -> tuple[Node, ...]:
    """The fields of the message, or the beginning of one, that ``data[start:end]`` is."""
    return outlined(_message, data, start, end)


def _message(walk: Outliner) -> None:
    _start_line(walk)
    for _ in range(MAX_LINES):
        if not walk.left:
            return
        stop = _line_end(walk)
        line = walk.data[walk.position : stop].rstrip(b"\r\n")
        if not line:
            walk.octets("End of header", stop - walk.position, lambda _: "")
            break
        name, colon, value = line.partition(b":")
        label = decode_text(name) if colon else "Header field"
        shown = value.strip() if colon else line
        walk.note(label[:64], decode_text(shown), walk.position, stop)
        walk.position = stop
    walk.rest("Body", lambda body: plural(len(body), "byte"))


def _start_line(walk: Outliner) -> None:
    stop = _line_end(walk)
    line = walk.data[walk.position : stop]
    is_response = line.startswith(b"HTTP/")
    names = ("Version", "Status", "Reason") if is_response else ("Method", "Target", "Version")
    with walk.fields("Status line" if is_response else "Request line", len(line)) as inner:
        inner.value = decode_text(line.rstrip(b"\r\n"))
        for name, part in zip(names, line.rstrip(b"\r\n").split(b" ", 2), strict=False):
            inner.octets(name, len(part), decode_text)
            if inner.data[inner.position : inner.position + 1] == b" ":
                inner.position += 1
        inner.position = inner.end


def _line_end(walk: Outliner) -> int:
    stop = walk.data.find(b"\n", walk.position, walk.end)
    return walk.end if stop < 0 else stop + 1
