"""A TCP header, field by field (RFC 9293)."""

from __future__ import annotations

from capf_dissectors.outline import Outliner, hexadecimal, plural
from msgspec import Struct

from capfpcap.capture.sequence import ahead

_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
"""From the lowest bit on."""
_END, _NOTHING = 0, 1
"""Options of one byte."""
_SIZE, _SCALE, _PERMITTED, _SELECTIVE, _TIMES = 2, 3, 4, 5, 8
_OPTION_NAMES = {
    _SIZE: "Maximum segment size",
    _SCALE: "Window scale",
    _PERMITTED: "Selective acknowledgement permitted",
    _SELECTIVE: "Selective acknowledgement",
    _TIMES: "Timestamps",
}
"""IANA TCP Option Kind Numbers."""


class Beginnings(Struct, frozen=True):
    """Sequence numbers of the SYNs of a connection; None where they are not known."""

    sender: int | None = None
    receiver: int | None = None


def read_tcp(walk: Outliner, beginnings: Beginnings) -> None:
    """A header with its options; numbers count from the SYN where that is known."""
    source = walk.number("Source port", 2)
    destination = walk.number("Destination port", 2)
    walk.number("Sequence number", 4, lambda number: _relative(number, beginnings.sender))
    walk.number("Acknowledgement number", 4, lambda number: _relative(number, beginnings.receiver))
    start = walk.position
    bits = walk.u16()
    walk.note("Header length", plural((bits >> 12) * 4, "byte"), start, start + 1)
    names = [name for bit, name in enumerate(_FLAGS) if bits >> bit & 1]
    walk.note("Flags", f"{', '.join(names) or 'none'} (0x{bits & 0xFFF:03x})", start, start + 2)
    walk.number("Window", 2)
    walk.number("Checksum", 2, hexadecimal(4))
    walk.number("Urgent pointer", 2)
    if walk.left:
        with walk.fields("Options", walk.left) as options:
            _options(options)
    walk.value = f"{source} → {destination} {', '.join(names)}"


def _relative(number: int, beginning: int | None) -> str:
    if beginning is None:
        return str(number)
    return f"{number} ({ahead(number, beginning)} from the SYN)"


def _options(walk: Outliner) -> None:
    said = []
    while walk.left:
        kind = walk.data[walk.position]
        if kind in (_END, _NOTHING):
            walk.octets("End of options" if kind == _END else "No operation", 1, lambda _: "")
            if kind == _END:
                return
            continue
        with walk.group(_OPTION_NAMES.get(kind, f"Option {kind}")) as option:
            option.number("Kind", 1)
            length = option.number("Length", 1)
            option.value = _value(option, kind, max(length - 2, 0))
        said.append(_OPTION_NAMES.get(kind, f"option {kind}").lower())
    walk.value = ", ".join(said)


def _value(walk: Outliner, kind: int, length: int) -> str:
    if kind == _SIZE and length == 2:
        return str(walk.number("Size", 2))
    if kind == _SCALE and length == 1:
        shift = walk.number("Shift", 1)
        return f"times {1 << min(shift, 14)}"
    if kind == _TIMES and length == 8:
        return f"{walk.number('Value', 4)}, echo {walk.number('Echo', 4)}"
    blocks = []
    while kind == _SELECTIVE and length >= 8:
        blocks.append(f"{walk.number('Left edge', 4)}-{walk.number('Right edge', 4)}")
        length -= 8
    if length:
        walk.octets("Data", length)
    return ", ".join(blocks)
