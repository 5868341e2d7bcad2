"""The ladder: lanes, and the messages, gaps and groups between them.

It is made of an :class:`~capfpcap.analysis.Analysis` by :func:`capfpcap.ladder.build.ladder_of`.
Whoever draws it computes nothing: every place, time and word stands here. Text may hold text of
packets, **not yet made harmless**: renderings do that (:mod:`capfpcap.formats.harmless`).

A *row* is a line of the drawing, from top to bottom in order of time. A *lane* is a column, from
left to right: the phone; with several captures of these flows a lane for each vantage point along
the way; then the servers. Arrows start and end at lane numbers; half a number is the middle between
two lanes.
"""

from __future__ import annotations

import msgspec

from capfpcap.ladder.words import Delivery, GapKind, GroupKind, Kind, LaneKind, Layer
from capfpcap.report import Capture, Certainty, Endpoint, Finding, Flow, Phone, Role

__all__ = [
    "SCHEMA_VERSION",
    "Delivery",
    "Gap",
    "GapKind",
    "Group",
    "GroupKind",
    "Kind",
    "Ladder",
    "Lane",
    "LaneKind",
    "Layer",
    "Message",
    "Moment",
    "Point",
    "Row",
    "Seen",
]

SCHEMA_VERSION = 1


class Moment(int):
    """Nanoseconds since 1970 UTC, by the common clock; in JSON text as in the report."""

    __slots__ = ()


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A vantage point; :attr:`Ladder.points` has them in the order of ``analysis.scene.points``."""

    name: str
    """The report's name: the id of its first capture file."""
    role: Role
    captures: tuple[str, ...]
    """:attr:`Capture.id` of its files."""
    lane: int | None
    """Number of its lane; null where it shows none of the flows, or alone shows them."""
    clock_error_ns: int | None
    """By how much its times may be wrong against the others'; null where nothing compares them."""


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the drawing."""

    kind: LaneKind
    title: str
    """The phone's name, a service (``CAPF``), or a capture's id."""
    addresses: tuple[str, ...]
    """Of the host or hosts that it stands for; none for a vantage point."""
    port: int | None
    """Of a server, where all flows to it have the same."""
    point: int | None
    """For a vantage point its index in :attr:`Ladder.points`."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A message at one vantage point.

    ``point``, ``row`` and ``among_others`` find the packet again:
    ``table = analysis.scene.points[point].table``, then row ``row`` of ``table.columns``, or of
    ``table.others`` for ICMP.
    """

    point: int
    """Index in :attr:`Ladder.points`."""
    row: int
    among_others: bool
    capture: str
    """:attr:`Capture.id` of the file."""
    frame: int
    """From 1, in that file, as Wireshark counts."""
    time: Moment
    delay_ns: int
    """Since the message was seen first; no better than the clocks compare, so it may be below 0."""


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="row", tag="message"):
    """An arrow from one lane to another."""

    time: Moment
    """At the vantage point that saw it first."""
    delta_ns: int | None
    """Since the message before, whatever flow that is of; null for the first one."""
    flow: str
    """:attr:`Flow.id` of one of :attr:`Ladder.flows`."""
    layer: Layer
    kind: Kind
    label: str
    """What it is, in as few words as tell it: ``SYN``, ``ClientHello``, ``KEYGEN_REQUEST``."""
    text: str
    """The same with everything that fits a line."""
    from_client: bool
    sender: int
    """Lane that the message is from; of an injected one that of its supposed sender."""
    receiver: int
    """Lane that it is for, whether or not it came there."""
    tail: float
    """Where its arrow starts: a lane's number, or half-way between two of one that was injected."""
    head: float
    """Where its arrow ends: a lane's number, or half-way between two of one that was lost."""
    source: Endpoint
    """Address and port as the first vantage point shows them."""
    destination: Endpoint
    seen: tuple[Seen, ...]
    """Where it was seen, in the order in which it passed; never empty."""
    delivery: Delivery
    between: tuple[int, int] | None
    """Indexes in :attr:`Ladder.points` of the two points between which it was lost or injected, or
    of which one missed it, in the message's direction; null where it simply arrived."""
    delivery_text: str | None
    """The same in a few words: ``lost between publisher and phone``."""
    in_part: bool
    """Whether that befell other packets of the message, while the one with its end arrived."""
    repetition: int
    """0 for the first time that it is sent, 1 for the first retransmission, and so on."""
    size: int | None
    """Bytes: of a file its content as far as it came, of other messages the packet's payload."""
    certainty: Certainty | None
    """Null for what was seen. A CAPF message inside encrypted records is ``likely`` or ``possible``
    by its size, ``proven`` where it was decrypted."""
    item: int
    """Which of the messages of its packet and layer it is, from 0."""
    flight: int | None
    """Index in :attr:`Ladder.groups` of the flight that it is part of, where that has several."""
    findings: tuple[int, ...]
    """Indexes in :attr:`Ladder.findings` of those that name one of its frames as evidence."""


class Gap(msgspec.Struct, frozen=True, kw_only=True, tag_field="row", tag="gap"):
    """A time in which nothing happens, as a row of its own."""

    kind: GapKind
    begins: Moment
    ends: Moment
    text: str
    """``key generation, 41 s``, ``no traffic, 30 s``."""
    flow: str | None
    """The flow that waits; null where the ladder is about several and none of them has traffic."""
    certainty: Certainty | None
    """How sure its kind is; null for what is plain to see."""


Row = Message | Gap


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that belong together; flights lie within flows."""

    kind: GroupKind
    first: int
    """Index in :attr:`Ladder.rows`."""
    stop: int
    """Index behind the last row."""
    flow: str
    text: str
    """``f5 CAPF, attempt 2 of 3``, ``4 messages in 1 packet``."""


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """What happened between a phone and its servers, or in one flow, ready to be drawn."""

    schema_version: int
    title: str
    """Whom it is about: a phone's name, or a flow's id and service."""
    begins: Moment | None
    """Time of the first row; null where there is none."""
    ends: Moment | None
    """Time of the last row."""
    phone: Phone | None
    """The phone whose flows these are; null for a flow of no known phone."""
    points: tuple[Point, ...]
    captures: tuple[Capture, ...]
    lanes: tuple[Lane, ...]
    flows: tuple[Flow, ...]
    """In the order of their first packets."""
    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    """In the order of their first rows, a flow before the flights in it."""
    findings: tuple[Finding, ...]
    """Those of the phone or of the flow, in the report's order: causes before symptoms."""
    left_out: int
    """Messages of these flows beyond what one ladder holds: the middle of a flow that has
    thousands, and the end of a ladder that has tens of thousands."""
    flows_left_out: int
    """Further flows of the phone, beyond what one ladder holds."""
