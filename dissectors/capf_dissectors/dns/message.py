"""What a DNS message says; names are in lower case, without the last dot."""

from __future__ import annotations

from typing import NamedTuple

from capf_dissectors.results import Malformed, NeedMore

MAX_ADDRESSES = 64
"""Addresses that are read of one message, in the order of its answers; a host has a few."""
MAX_OTHERS = 16
"""Answers of other types that are read: resolvers follow no longer chain of aliases."""


class Question(NamedTuple):
    """What is asked."""

    name: str
    type: str
    """A mnemonic such as ``A``, or ``TYPE`` and the number (RFC 3597)."""


class Answer(NamedTuple):
    """A resource record of the answer section."""

    name: str
    type: str
    ttl: int
    """Seconds."""
    value: str
    """As in a zone file; unknown types as RFC 3597 writes them."""


class DnsMessage(NamedTuple):
    """A message; of opcodes other than QUERY only the header."""

    id: int
    is_response: bool
    opcode: str
    """``QUERY``, ``NOTIFY``, ``UPDATE``… (IANA DNS OpCodes), or the number."""
    rcode: str
    """``NOERROR``, ``NXDOMAIN``… (IANA DNS RCODEs), with the upper bits that EDNS adds."""
    authoritative: bool
    truncated: bool
    """TC: the answer did not fit; the client asks again over TCP."""
    recursion_available: bool
    questions: tuple[Question, ...]
    answers: tuple[Answer, ...]
    complete: bool = True
    """False for a message that the capture cut: sections may lack their end."""


class StreamMessage(NamedTuple):
    """A message of a TCP stream; offsets are the stream's, the length field included."""

    offset: int
    end: int
    result: DnsMessage | NeedMore | Malformed
