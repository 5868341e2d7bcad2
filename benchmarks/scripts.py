"""What one phone, call or client does on the wire, frame after frame, as a script for many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from benchmarks.packets import Frame, Host, Route, Segment, tcp_frame, udp_frame
from benchmarks.templates import Quantity, Template, Values, number
from benchmarks.tls_sessions import Opaque, Side

MILLISECOND = 1_000_000
SECOND = 1_000 * MILLISECOND
SEGMENT_SIZE = 1460
WINDOW = 64_240
SYN_OPTIONS = bytes.fromhex("020405b4 01010402")
"""MSS 1460, two NOPs, SACK permitted (RFC 9293, section 3.2; RFC 2018)."""
CONNECTION_STRIDE = 0x0400_0000
"""How far apart the initial sequence numbers of one phone's connections are."""
NO_DATA = Template(b"")
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10


@dataclass(frozen=True, slots=True)
class Gap:
    """Time since the frame before: a median in nanoseconds and the sigma of a log-normal."""

    median: int
    sigma: float = 0.3


PATH = Gap(5 * MILLISECOND)
"""There and back between phone and server."""
AT_ONCE = Gap(MILLISECOND // 4)


@dataclass(frozen=True, slots=True)
class Step:
    """One frame of a script."""

    frame: Frame
    gap: Gap
    sender: Side
    repeated_when_lost: bool
    server: Host
    filtered: bool = False
    """Whether something on the path drops it."""


@dataclass(slots=True)
class Script:
    """The frames of one subject in their order, and how to complete its values."""

    client: Host
    server: Host
    vlan: int | None = None
    steps: list[Step] = field(default_factory=list)
    opaque: Opaque = field(default_factory=Opaque)
    prepare: Callable[[Values], None] | None = None
    """Adds to a group's values what follows from them."""

    @property
    def octets(self) -> int:
        """The length of all frames together."""
        return sum(len(step.frame.template) for step in self.steps)

    def udp(
        self, sender: Side, ports: tuple[Template, Template], payload: Template, gap: Gap
    ) -> None:
        """Add a datagram; ``ports`` are the client's and the server's."""
        frame = udp_frame(self.route(sender, ports), payload)
        self.steps.append(Step(frame, gap, sender, True, self.server))

    def route(self, sender: Side, ports: tuple[Template, Template]) -> Route:
        """The way of the next frame, which ``sender`` sends."""
        count = len(self.steps)
        if sender is Side.CLIENT:
            return Route(self.client, self.server, ports, count, self.vlan)
        return Route(self.server, self.client, (ports[1], ports[0]), count, self.vlan)


class TcpConnection:
    """One TCP connection in a script, with the state of both its ends."""

    def __init__(self, script: Script, server_port: int, count: int = 0) -> None:
        self._script = script
        self._ports = (number(Quantity.CLIENT_PORT, 2, count), port(server_port))
        self._first = count * CONNECTION_STRIDE
        self._sent = {Side.CLIENT: 0, Side.SERVER: 0}

    def open(self, gap: Gap = AT_ONCE) -> None:
        """Add the three frames of the handshake."""
        self.syn(gap)
        self._sent[Side.CLIENT] = 1
        self._add(Side.SERVER, SYN | ACK, PATH, options=SYN_OPTIONS)
        self._sent[Side.SERVER] = 1
        self.acknowledge(Side.CLIENT)

    def syn(self, gap: Gap, *, filtered: bool = False) -> None:
        """Add a SYN; one that is filtered never reaches the server."""
        self._add(Side.CLIENT, SYN, gap, options=SYN_OPTIONS)
        if filtered:
            self._script.steps[-1] = replace(self._script.steps[-1], filtered=True)

    def refuse(self) -> None:
        """Add the server's answer to a SYN for a port on which nobody listens."""
        self._sent[Side.CLIENT] = 1
        self._add(Side.SERVER, RST | ACK, PATH, window=0)

    def send(self, sender: Side, data: Template, gap: Gap, acknowledged: int = 0) -> None:
        """Add ``data`` in segments; each acknowledges all that the other side has sent.

        Every ``acknowledged`` segments the other side acknowledges in a segment of its own.
        """
        for count, piece in enumerate(data.pieces(SEGMENT_SIZE), start=1):
            last = len(piece) < SEGMENT_SIZE
            self._add(sender, ACK | (PSH if last else 0), gap, data=piece)
            self._sent[sender] += len(piece)
            if acknowledged and count % acknowledged == 0:
                self.acknowledge(Side.SERVER if sender is Side.CLIENT else Side.CLIENT)
            gap = AT_ONCE

    def acknowledge(self, sender: Side) -> None:
        """Add a segment without data."""
        self._add(sender, ACK, AT_ONCE)

    def finish(self, sender: Side, gap: Gap = AT_ONCE) -> None:
        """Add a FIN."""
        self._add(sender, FIN | ACK, gap)
        self._sent[sender] += 1

    def reset(self, sender: Side, gap: Gap = PATH) -> None:
        """Add a RST as an end sends it that has closed already: no acknowledgement number."""
        self._add(sender, RST, gap, window=0)

    def _add(
        self,
        sender: Side,
        flags: int,
        gap: Gap,
        *,
        data: Template = NO_DATA,
        options: bytes = b"",
        window: int = WINDOW,
    ) -> None:
        script = self._script
        numbers = self._numbers(sender, bool(flags & ACK))
        segment = Segment(numbers, flags, window, options, data)
        frame = tcp_frame(script.route(sender, self._ports), segment)
        carries = bool(len(data)) or bool(flags & (SYN | FIN))
        script.steps.append(Step(frame, gap, sender, carries, script.server))

    def _numbers(self, sender: Side, acknowledges: bool) -> Template:
        mine, theirs = Quantity.CLIENT_SEQUENCE, Quantity.SERVER_SEQUENCE
        other = Side.SERVER
        if sender is Side.SERVER:
            mine, theirs, other = theirs, mine, Side.CLIENT
        sequence = number(mine, 4, self._first + self._sent[sender])
        if not acknowledges:
            return sequence + bytes(4)
        return sequence + number(theirs, 4, self._first + self._sent[other])


def port(value: int) -> Template:
    """A port number that is everyone's."""
    return Template(value.to_bytes(2, "big"))
