"""Reads the sections of a DNS message; the one module here that loads dnspython."""

from __future__ import annotations

import dns.exception
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from capf_dissectors.cursor import Cursor, OutOfBytesError
from capf_dissectors.dns.message import MAX_ADDRESSES, MAX_OTHERS, Answer, DnsMessage, Question
from capf_dissectors.results import Malformed, NeedMore

MAX_QUESTIONS = 16
"""Questions of one message; in practice there is one."""
MAX_VALUE = 512
"""Characters kept of an answer's value."""
_MAX_NAME = 255
"""Octets of a name (RFC 1035, section 2.3.4)."""
_MAX_LABEL = 63
_POINTER = 0xC0
"""Both upper bits of a label's length set: a pointer follows (RFC 1035, section 4.1.4)."""
_ADDRESSES = frozenset({dns.rdatatype.A, dns.rdatatype.AAAA})
_NAME_VALUES = frozenset({"NS", "CNAME", "PTR", "DNAME", "SRV"})
"""Types whose value is or ends with a name."""
_DECODED = _NAME_VALUES | {"A", "AAAA", "TXT", "NAPTR"}


class _ImpossibleError(Exception):
    """Octets that no DNS message has; carries the answer."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.answer = Malformed(offset, reason)


def read_message(wire: bytes) -> tuple[DnsMessage | NeedMore | Malformed, DnsMessage | None]:
    """The message at the start of ``wire``, and of one that is cut what its beginning says."""
    reader = _Reader(wire)
    try:
        reader.read()
    except OutOfBytesError as end:
        return NeedMore(end.missing), reader.message(complete=False)
    except _ImpossibleError as error:
        return error.answer, None
    return reader.message(complete=True), None


class _Reader:
    """One walk over one message; what was read so far is kept for a message that is cut."""

    def __init__(self, wire: bytes) -> None:
        self._wire = wire
        self._cursor = cursor = Cursor(wire)
        self._id = cursor.u16()
        self._flags = cursor.u16()
        self._counts = [cursor.u16() for _ in range(4)]
        self._extended_rcode = 0
        self._questions: list[Question] = []
        self._answers: list[Answer] = []
        self._left = {True: MAX_ADDRESSES, False: MAX_OTHERS}
        """How many addresses and how many other answers are still to be read."""

    def read(self) -> None:
        if self._opcode != dns.opcode.QUERY:
            return
        questions, answers, authorities, additional = self._counts
        if questions > MAX_QUESTIONS:
            raise _ImpossibleError(4, f"{questions} questions in one message")
        for _ in range(questions):
            self._questions.append(self._question())
        for _ in range(answers):
            self._record(is_answer=True)
        for _ in range(authorities + additional):
            self._record(is_answer=False)

    def message(self, complete: bool) -> DnsMessage:
        flags = self._flags
        return DnsMessage(
            id=self._id,
            is_response=bool(flags & 0x8000),
            opcode=dns.opcode.to_text(dns.opcode.Opcode.make(self._opcode)),
            rcode=dns.rcode.to_text(dns.rcode.Rcode.make(self._extended_rcode << 4 | flags & 0xF)),
            authoritative=bool(flags & 0x0400),
            truncated=bool(flags & 0x0200),
            recursion_available=bool(flags & 0x0080),
            questions=tuple(self._questions),
            answers=tuple(self._answers),
            complete=complete,
        )

    @property
    def _opcode(self) -> int:
        return self._flags >> 11 & 0xF

    def _question(self) -> Question:
        name_at = self._skip_name()
        kind = self._cursor.u16()
        self._cursor.u16()
        return Question(self._name(name_at), dns.rdatatype.to_text(_type(kind)))

    def _record(self, is_answer: bool) -> None:
        cursor = self._cursor
        name_at = self._skip_name()
        kind = _type(cursor.u16())
        record_class = cursor.u16()
        ttl = cursor.u32()
        data = cursor.block(cursor.u16())
        if kind == dns.rdatatype.OPT:
            self._extended_rcode = ttl >> 24
        elif is_answer and self._takes(is_address=kind in _ADDRESSES):
            name = dns.rdatatype.to_text(kind)
            value = self._value(name, kind, record_class, data)
            self._answers.append(Answer(self._name(name_at), name, ttl, value[:MAX_VALUE]))

    def _takes(self, is_address: bool) -> bool:
        """Whether one more answer of a kind is to be read."""
        self._left[is_address] -= 1
        return self._left[is_address] >= 0

    def _skip_name(self) -> int:
        """Pass over a name without following its pointer; returns where it begins."""
        cursor = self._cursor
        start = cursor.position
        while (length := cursor.u8()) != 0:
            if length >= _POINTER:
                cursor.u8()
                break
            if length > _MAX_LABEL:
                raise _ImpossibleError(cursor.position - 1, f"a label of type {length >> 6}")
            cursor.take(length)
            if cursor.position - start >= _MAX_NAME:
                raise _ImpossibleError(start, f"a name longer than {_MAX_NAME} bytes")
        return start

    def _name(self, offset: int) -> str:
        try:
            name, _ = dns.name.from_wire(self._wire, offset)
        except dns.exception.DNSException as error:
            raise _ImpossibleError(offset, f"a name that cannot be read: {error}") from error
        return name.to_text(omit_final_dot=True).lower()

    def _value(self, name: str, kind: int, record_class: int, data: Cursor) -> str:
        if name not in _DECODED:
            return f"\\# {data.left} {data.take(min(data.left, MAX_VALUE)).hex()}".rstrip()
        start, length = data.position, data.left
        try:
            rdata = dns.rdata.from_wire(
                dns.rdataclass.RdataClass.make(record_class),
                dns.rdatatype.RdataType.make(kind),
                self._wire,
                start,
                length,
            )
        except dns.exception.DNSException as error:
            raise _ImpossibleError(start, f"{name} data that cannot be read: {error}") from error
        text = rdata.to_text()
        return text.removesuffix(".").lower() if name in _NAME_VALUES else text


def _type(number: int) -> dns.rdatatype.RdataType:
    return dns.rdatatype.RdataType.make(number)
