"""A TFTP packet; see :mod:`capf_dissectors.tftp`."""

from __future__ import annotations

from capf_dissectors.outline.node import Node, plural
from capf_dissectors.outline.outliner import Outliner, outlined
from capf_dissectors.text import decode_text
from capf_dissectors.tftp import ErrorCode, Opcode

_OPCODES = {
    Opcode.RRQ: "Read request",
    Opcode.WRQ: "Write request",
    Opcode.DATA: "Data",
    Opcode.ACK: "Acknowledgement",
    Opcode.ERROR: "Error",
    Opcode.OACK: "Option acknowledgement",
}


def outline_tftp(data: bytes, start: int = 0, end: int | None = None) -> tuple[Node, ...]:
    """The fields of the packet that ``data[start:end]`` is."""
    return outlined(_packet, data, start, end)


def _packet(walk: Outliner) -> None:
    opcode = walk.number("Opcode", 2, lambda number: f"{_opcode(number)} ({number})")
    if opcode in (Opcode.RRQ, Opcode.WRQ):
        _terminated(walk, "File name")
        _terminated(walk, "Mode")
        _options(walk)
    elif opcode == Opcode.DATA:
        walk.number("Block", 2)
        walk.rest("Data", lambda data: plural(len(data), "byte"))
    elif opcode == Opcode.ACK:
        walk.number("Block", 2)
    elif opcode == Opcode.ERROR:
        walk.number("Error code", 2, _error)
        _terminated(walk, "Message")
    elif opcode == Opcode.OACK:
        _options(walk)


def _opcode(number: int) -> str:
    try:
        return _OPCODES[Opcode(number)]
    except ValueError:
        return "unknown"


def _error(number: int) -> str:
    try:
        return f"{ErrorCode(number).name.replace('_', ' ').lower()} ({number})"
    except ValueError:
        return str(number)


def _options(walk: Outliner) -> None:
    while walk.left:
        with walk.group("Option") as option:
            name = _terminated(option, "Name")
            value = _terminated(option, "Value")
            option.value = f"{name} = {value}"


def _terminated(walk: Outliner, name: str) -> str:
    """A text with the NUL that ends it, or up to the end where the sender left that out."""
    stop = walk.data.find(b"\0", walk.position, walk.end)
    length = (walk.end if stop < 0 else stop + 1) - walk.position
    data = walk.octets(name, length, _text)
    return _text(data)


def _text(data: bytes) -> str:
    return decode_text(data.removesuffix(b"\0"))
