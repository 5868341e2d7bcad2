"""A DNS message (RFC 1035); names and data are read by dnspython, loaded when one is outlined."""

from __future__ import annotations

from capf_dissectors.outline.node import MAX_VALUE, Node, shown
from capf_dissectors.outline.outliner import Outliner, hexadecimal, outlined

MAX_RECORDS = 256
"""Questions and records of one message that are shown."""
_POINTER = 0xC0
"""Both upper bits of a label's length set: a pointer follows (RFC 1035, section 4.1.4)."""
_OPT = 41
_FLAGS = (
    ("Response", 15, 1),
    ("Opcode", 11, 4),
    ("Authoritative", 10, 1),
    ("Truncated", 9, 1),
    ("Recursion desired", 8, 1),
    ("Recursion available", 7, 1),
    ("Authentic data", 5, 1),
    ("Checking disabled", 4, 1),
    ("Response code", 0, 4),
)
"""Name, lowest bit and bits of each part of the flags (IANA DNS Header Flags)."""
_SECTIONS = ("Answer", "Authority", "Additional")


def outline_dns(data: bytes, start: int = 0, end: int | None = None) -> tuple[Node, ...]:
    """The fields of the message that ``data[start:end]`` is."""
    return outlined(_message, data, start, end)


def _message(walk: Outliner) -> None:
    message = _Message(walk)
    walk.number("Transaction id", 2, hexadecimal(4))
    _flags(walk)
    questions = walk.number("Questions", 2)
    counts = [walk.number(f"{section} records", 2) for section in _SECTIONS]
    for _ in range(min(questions, MAX_RECORDS)):
        message.question()
    for section, count in zip(_SECTIONS, counts, strict=True):
        for _ in range(min(count, MAX_RECORDS)):
            message.record(section)


def _flags(walk: Outliner) -> None:
    start = walk.position
    flags = int.from_bytes(walk.take(2), "big")
    bits = [(name, flags >> low & (1 << size) - 1) for name, low, size in _FLAGS]
    what = f"response, {_bits('Response code', flags & 0xF)}" if flags >> 15 else "query"
    walk.note(
        "Flags",
        f"{what.partition(' (')[0]} (0x{flags:04x})",
        start,
        walk.position,
        [Node(name, _bits(name, value), start, walk.position) for name, value in bits],
    )


def _bits(name: str, value: int) -> str:
    import dns.opcode  # noqa: PLC0415 - slow to load
    import dns.rcode  # noqa: PLC0415 - slow to load

    if name == "Opcode":
        return f"{dns.opcode.to_text(dns.opcode.Opcode.make(value))} ({value})"
    if name == "Response code":
        return f"{dns.rcode.to_text(dns.rcode.Rcode.make(value))} ({value})"
    return "yes" if value else "no"


class _Message:
    """A message whose names may point back into it."""

    def __init__(self, walk: Outliner) -> None:
        self._walk = walk
        self._wire = walk.data[walk.position : walk.end]
        self._base = walk.position

    def question(self) -> None:
        with self._walk.group("Question") as item:
            name = self._name(item, "Name")
            kind = item.number("Type", 2, _type)
            item.number("Class", 2, _class)
            item.value = f"{name} {_type(kind)}"

    def record(self, section: str) -> None:
        with self._walk.group(section) as item:
            name = self._name(item, "Name")
            kind = item.number("Type", 2, _type)
            if kind == _OPT:
                item.number("UDP payload size", 2)
                item.number("Extended flags", 4, hexadecimal(8))
                item.counted("Data", 2)
                item.value = "EDNS options"
                return
            record_class = item.number("Class", 2, _class)
            item.number("Time to live", 4, lambda seconds: f"{seconds} s")
            length = item.number("Data length", 2)
            value = self._value(kind, record_class, item.position, length)
            item.octets("Data", length, lambda data: value or shown(data))
            item.value = f"{name} {_type(kind)} {value}".rstrip()

    def _name(self, walk: Outliner, name: str) -> str:
        """Note a name; its bytes end behind its first pointer."""
        import dns.exception  # noqa: PLC0415 - slow to load
        import dns.name  # noqa: PLC0415 - slow to load

        start = walk.position
        while (length := walk.u8()) != 0:
            if length >= _POINTER:
                walk.u8()
                break
            walk.take(length)
        try:
            read, _ = dns.name.from_wire(self._wire, start - self._base)
            text = read.to_text(omit_final_dot=True)
        except dns.exception.DNSException as error:
            text = f"cannot be read: {error}"
        walk.note(name, text, start, walk.position)
        return text

    def _value(self, kind: int, record_class: int, start: int, length: int) -> str:
        """A record's data as a zone file has it; nothing where it cannot be read."""
        import dns.exception  # noqa: PLC0415 - slow to load
        import dns.rdata  # noqa: PLC0415 - slow to load
        from dns.rdataclass import RdataClass  # noqa: PLC0415 - slow to load
        from dns.rdatatype import RdataType  # noqa: PLC0415 - slow to load

        at = start - self._base
        try:
            rdata = dns.rdata.from_wire(
                RdataClass.make(record_class), RdataType.make(kind), self._wire, at, length
            )
            return rdata.to_text()[:MAX_VALUE]
        except (dns.exception.DNSException, ValueError, IndexError, OverflowError):
            return ""


def _type(number: int) -> str:
    import dns.rdatatype  # noqa: PLC0415 - slow to load

    return dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))


def _class(number: int) -> str:
    import dns.rdataclass  # noqa: PLC0415 - slow to load

    return dns.rdataclass.to_text(dns.rdataclass.RdataClass.make(number))
