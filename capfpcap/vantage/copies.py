"""What selective acknowledgements tell of a segment that was sent more than once.

A cumulative acknowledgement does not say which copy brought the octets. A block beyond them says
that they were missing when it was sent, and one that names them again says that two copies came
(RFC 2883).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from functools import cached_property

from capfpcap.flows.covered import Covered
from capfpcap.flows.selective import Block
from capfpcap.vantage.fate import Leg
from capfpcap.vantage.packets import Packet, Pairing

_ENOUGH = 64
"""Blocks that are looked at between a segment and its next copy: the last ones before that."""


class CopiesOf:
    """The segments of one direction of a leg, copies together."""

    def __init__(self, leg: Leg, pairing: Pairing, arrived: list[Packet]) -> None:
        self._leg = leg
        sent = [one for one, _ in pairing.pairs] + pairing.only_sent
        self._rows: dict[tuple[int, int], list[int]] = defaultdict(list)
        for row, octets in sorted((one.row, (one.offset, one.octets)) for one in sent):
            self._rows[octets].append(row)
        self._unpaired = Counter((one.offset, one.octets) for one in pairing.only_sent)
        self._arrived = Counter((one.offset, one.octets) for one in arrived)

    def all_came(self, packet: Packet) -> bool:
        """Whether as many copies of a segment came as the capture at the goal lacks."""
        key = packet.offset, packet.octets
        arrived = self._arrived[key]
        if not arrived:
            return False
        again = max((one.times(*key) for one in self._told_again), default=0)
        return again + 1 - arrived >= self._unpaired[key]

    @cached_property
    def _told_again(self) -> list[_Again]:
        """What each of both captures shows to have come once more."""
        found = []
        for sighting in (self._leg.sent, self._leg.arrived):
            connection = sighting and sighting.conversation.connection
            if connection:
                found.append(_Again(connection.selected(self._leg.to_server).again))
        return found

    def was_lacked(self, packet: Packet) -> bool:
        """Whether its receiver lacked a segment until the sender sent it again.

        The order of the sender's own capture tells; a block that came before the segment was sent
        tells nothing of it.
        """
        connection = self._leg.sent and self._leg.sent.conversation.connection
        rows = self._rows[packet.offset, packet.octets]
        place = bisect_right(rows, packet.row)
        if not connection or place == len(rows):
            return False
        blocks = connection.selected(self._leg.to_server).between(packet.row, rows[place])
        return any(_lacks(block, packet) for block in blocks[-_ENOUGH:])


class _Again:
    """How often octets came once more, at the least.

    One block may name several segments that did (Linux joins them).
    """

    def __init__(self, blocks: tuple[Block, ...]) -> None:
        self._exactly = Counter((block.start, block.end - block.start) for block in blocks)
        self._covered = Covered((block.start, block.end, block.row) for block in blocks)

    def times(self, offset: int, octets: int) -> int:
        """How often a segment did."""
        whole = self._covered.covered(offset, offset + octets) == octets
        return max(self._exactly[offset, octets], int(whole))


def _lacks(block: Block, packet: Packet) -> bool:
    """Whether who sends a block lacks a segment before it."""
    return block.through <= packet.offset and packet.offset + packet.octets <= block.start
