"""The TLS of one EAP-TLS exchange, put together of its fragments (RFC 5216, section 2.1.5).

EAP takes turns: a request, its response with the same identifier, the next request. A side sends a
message in fragments, all but the last with the flag for more, and the other side answers each with
an empty packet. So what one side says is a row of messages, and a fragment that was not captured
shows in the length that a message's first fragment announces, or in a turn that is missing.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from msgspec import Struct, field

from capf_dissectors.eap import Code, EapPacket, Fragment, Method, dissect_tls
from capf_dissectors.streams import Piece

MAX_MESSAGE = 1 << 17
"""Bytes of one side's message; RFC 5216, section 2.1.5, names 64 KiB as what a server allows."""
MAX_SIDE = 1 << 18
"""Bytes of one side of an exchange; what a handshake needs, four times over."""
MAX_FRAGMENTS = 4096
"""Fragments of one side; even of 64 bytes each they hold :data:`MAX_SIDE`."""


class Tagged(NamedTuple):
    """Where bytes of a side's stream came from."""

    end: int
    """The stream offset behind them."""
    tag: int
    """What the caller said of the packet with which their message was whole."""


class Follows(Enum):
    """Whether a packet is the next one of its side."""

    YES = auto()
    MAYBE = auto()
    NO = auto()


class Side(Struct):
    """What one side said."""

    pieces: list[Piece] = field(default_factory=list)
    """Ascending; a hole lies where a fragment was not captured."""
    tags: list[Tagged] = field(default_factory=list)
    limited: bool = False
    """Whether there was more than is put together."""
    _message: int = 0
    """The stream offset at which the present message begins."""
    _first: int = 0
    """The place in :attr:`pieces` of its first fragment."""
    _announced: int | None = None
    _broken: bool = False
    """Whether the present message lacks a fragment, so that it goes nowhere."""
    _open: bool = False
    """Whether another fragment is to come."""
    _waiting: list[tuple[bytes, int]] = field(default_factory=list)
    """Fragments whose place the length of their message is to prove."""

    @property
    def _end(self) -> int:
        return self.pieces[-1].end if self.pieces else 0

    def add(self, fragment: Fragment, tag: int, follows: Follows) -> None:
        """Take a fragment; one without data acknowledges, and stands within no message."""
        if not fragment.data:
            if self._open:
                self._break(keep=1)
                self._open = False
            return
        another = fragment.length is not None and fragment.length != self._announced
        if not self._open or another or (fragment.length is not None and follows is Follows.NO):
            self._begin(fragment, follows)
            follows = Follows.YES
        self._open = fragment.more
        if follows is Follows.NO:
            self._break(keep=1)
        elif (follows is Follows.MAYBE or self._waiting) and not self._broken:
            self._wait(fragment.data, tag)
        if not self._broken and not self._waiting:
            self._append(fragment.data, tag)
        if not fragment.more:
            self._close()

    def _wait(self, data: bytes, tag: int) -> None:
        if len(self._waiting) >= MAX_FRAGMENTS:
            self.limited = True
            self._break(keep=1)
            return
        self._waiting.append((data, tag))

    def _append(self, data: bytes, tag: int) -> None:
        if self._broken:
            return
        at = max(self._end, self._message)
        end = at + len(data)
        too_much = end - self._message > MAX_MESSAGE or end > MAX_SIDE
        if too_much or len(self.pieces) >= MAX_FRAGMENTS:
            self.limited = self._broken = True
            return
        self.pieces.append(Piece(at, data))
        self.tags.append(Tagged(end, tag))

    def _begin(self, fragment: Fragment, follows: Follows) -> None:
        """Begin a message, behind the hole that a broken one before it, or a missed one, leaves.

        The first of several fragments tells their length; one that does not may be another.
        """
        if self._open:
            self._break(keep=1)
        self._message = self._end
        if self._broken or (follows is Follows.NO and self.pieces):
            self._message = min(max(self._end, self._hole_ends()), MAX_SIDE)
        self._first, self._announced, self._broken = len(self.pieces), fragment.length, False
        if fragment.more and fragment.length is None and follows is not Follows.YES:
            self._break(keep=0)

    def _hole_ends(self) -> int:
        """Where a broken message ends; one of unknown length leaves a hole of a byte."""
        begun = self.pieces[self._first].offset if self._first < len(self.pieces) else self._end
        return max(begun + min(self._announced or 0, MAX_MESSAGE), self._end + 1)

    def _break(self, *, keep: int) -> None:
        """Keep of the present message no more than the first fragment, whose place is known."""
        self._broken = True
        self._waiting.clear()
        del self.pieces[self._first + keep :], self.tags[self._first + keep :]

    def _close(self) -> None:
        """End a message: it came with its last fragment, if its fragments are its length."""
        if self._broken:
            return
        waiting = sum(len(data) for data, _ in self._waiting)
        length = self._end - self._message + waiting
        several = len(self.pieces) - self._first + len(self._waiting) > 1
        if several and self._announced is not None and length != self._announced:
            self._break(keep=1)
            return
        for data, tag in self._waiting:
            self._append(data, tag)
        self._waiting.clear()
        tag = self.tags[-1].tag
        self.tags[self._first :] = [one._replace(tag=tag) for one in self.tags[self._first :]]

    def tag_at(self, end: int) -> int | None:
        """The tag of the packet with which the message was whole that ends at or behind ``end``."""
        return next((one.tag for one in self.tags if one.end >= end), None)


class _Turn(Struct):
    """Which packet of a side was the last, and what the other side said since."""

    last: tuple[int, bytes] | None = None
    others: int = 0

    def is_again(self, said: tuple[int, bytes]) -> bool:
        return said == self.last

    def follows(self, said: tuple[int, bytes], *, begun: bool) -> Follows:
        """Whether nothing was missed since the last packet: there was one answer between.

        Both an answer and what it answers may be missed, which the identifier shows where they
        count up; no standard says that they do. Where the other side was not captured at all, it
        alone tells.
        """
        if self.last is None:
            return Follows.YES if begun else Follows.MAYBE
        is_next = said[0] == (self.last[0] + 1) % 256
        if self.others > 1 or not (self.others or is_next):
            return Follows.NO
        return Follows.YES if is_next else Follows.MAYBE

    def take(self, said: tuple[int, bytes]) -> None:
        self.last, self.others = said, 0


class Exchange(Struct):
    """One EAP-TLS exchange of a supplicant with an authenticator, from a start to its end."""

    peer: Side = field(default_factory=Side)
    """What the supplicant said: the phone."""
    server: Side = field(default_factory=Side)
    from_start: bool = False
    """Whether its beginning was captured."""
    ended: bool | None = None
    """Whether it ended well; None as long as it has not ended."""
    _requests: _Turn = field(default_factory=_Turn)
    _responses: _Turn = field(default_factory=_Turn)

    def add(self, packet: EapPacket, tag: int = 0) -> None:
        """Take the next packet of the exchange; what was sent again is passed over."""
        if packet.code in (Code.SUCCESS, Code.FAILURE):
            self.ended = packet.code is Code.SUCCESS
            return
        fragment = dissect_tls(packet.data) if packet.method == Method.TLS else None
        if not isinstance(fragment, Fragment):
            return
        asked = packet.code is Code.REQUEST
        own, other = self._requests, self._responses
        side = self.server
        if not asked:
            own, other, side = other, own, self.peer
        said = packet.identifier, packet.data
        if own.is_again(said):
            return
        begun = self.from_start and own.others == 1
        self.from_start |= asked and fragment.start
        side.add(fragment, tag, own.follows(said, begun=begun))
        own.take(said)
        other.others += 1


def begins(packet: EapPacket) -> bool:
    """Whether a packet begins an exchange: a request for the identity, or EAP-TLS's start."""
    if packet.code is not Code.REQUEST:
        return False
    if packet.method == Method.IDENTITY:
        return True
    fragment = dissect_tls(packet.data) if packet.method == Method.TLS else None
    return isinstance(fragment, Fragment) and fragment.start
