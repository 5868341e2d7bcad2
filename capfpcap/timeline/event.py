"""One thing that happened in a flow: what it is, and how a person reads of it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from capf_dissectors.capf_shape import Certainty


class EventKind(Enum):
    """Which protocol an event is of."""

    DNS = "dns"
    FILE = "file"
    TCP = "tcp"
    TLS = "tls"
    DATA = "data"


class What(Enum):
    """What an event is, whatever became of its packet."""

    QUERY = "query"
    """A DNS question."""
    ANSWER = "answer"
    """A DNS answer, errors included."""
    REQUEST = "request"
    """For a file."""
    FILE = "file"
    """The end of a transfer: the last packet of a whole file, or of one that stops."""
    FILE_ERROR = "file-error"
    SYN = "syn"
    SYN_ACK = "syn-ack"
    ESTABLISHED = "established"
    """The packet that completes the three-way handshake of TCP."""
    SEGMENT = "segment"
    """A packet that is told for what became of it: retransmitted, lost, never sent."""
    FIN = "fin"
    RESET = "reset"
    HANDSHAKE = "handshake"
    """A handshake message of TLS, encrypted or not."""
    ALERT = "alert"
    APPLICATION_DATA = "application-data"
    ICMP_ERROR = "icmp-error"
    REMARK = "remark"
    """No message: where reading stopped, and why."""


class Event(NamedTuple):
    """One thing that happened in a flow. Its texts may hold text of packets, not yet harmless."""

    row: int
    """Row of the flow table."""
    from_client: bool
    kind: EventKind
    what: What
    label: str
    """What it is, in as few words as tell it."""
    text: str
    """The same in one line, with everything that is worth knowing."""
    repetition: int = 0
    """0 for the first time that it is sent, 1 for the first retransmission, and so on."""
    certainty: Certainty | None = None
    """How sure the label is where sizes alone tell; None for what is plain to see."""
    size: int | None = None
    """Bytes of a file as far as it came; of other events the packet's payload is as good."""
    span: tuple[int, int] | None = None
    """The stream offsets of its first byte and behind its last one, where it is said in a stream;
    :attr:`row` brought the last."""
