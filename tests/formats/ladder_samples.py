"""A ladder written by hand: every kind of arrow that a drawing knows."""

from __future__ import annotations

from typing import Any

import msgspec

from capfpcap.ladder.model import (
    SCHEMA_VERSION,
    Delivery,
    Gap,
    GapKind,
    Group,
    GroupKind,
    Kind,
    Ladder,
    Lane,
    LaneKind,
    Layer,
    Message,
    Moment,
    Point,
    Seen,
)
from capfpcap.report import Certainty, Endpoint, Role

from . import samples

NOON = 1_795_435_200_000_000_000
"""2026-11-23 12:00 UTC."""
MILLISECOND = 1_000_000
CLIENT = Endpoint(address="10.20.50.60", port=43829)
SERVER = Endpoint(address="10.122.138.102", port=3804)
PHONE, NEAR, FAR, CAPF = range(4)
"""Lanes."""


def seen(point: int, frame: int, time: int, delay: int = 0) -> Seen:
    return Seen(
        point=point,
        row=frame - 1,
        among_others=False,
        capture=("phone", "publisher")[point],
        frame=frame,
        time=Moment(time + delay),
        delay_ns=delay,
    )


def message(at: int, label: str, *, up: bool = True, **changes: Any) -> Message:
    """A message that both captures show, ``at`` milliseconds behind noon."""
    time = NOON + at * MILLISECOND
    points = (0, 1) if up else (1, 0)
    base = Message(
        time=Moment(time),
        delta_ns=None if at == 0 else MILLISECOND,
        flow="f5",
        layer=Layer.TCP,
        kind=Kind.SEGMENT,
        label=label,
        text=label,
        from_client=up,
        sender=PHONE if up else CAPF,
        receiver=CAPF if up else PHONE,
        tail=PHONE if up else CAPF,
        head=CAPF if up else PHONE,
        source=CLIENT if up else SERVER,
        destination=SERVER if up else CLIENT,
        seen=(seen(points[0], at + 1, time), seen(points[1], at + 1, time, 2 * MILLISECOND)),
        delivery=Delivery.ARRIVED,
        between=None,
        delivery_text=None,
        in_part=False,
        repetition=0,
        size=0,
        certainty=None,
        item=0,
        flight=None,
        findings=(),
    )
    return msgspec.structs.replace(base, **changes)


def only(point: int, at: int) -> tuple[Seen, ...]:
    return (seen(point, at + 1, NOON + at * MILLISECOND),)


def rows() -> tuple[Message | Gap, ...]:
    guess = {"layer": Layer.CAPF, "kind": Kind.APPLICATION_DATA}
    return (
        message(0, "SYN", kind=Kind.SYN),
        message(1, "SYN-ACK", up=False, kind=Kind.SYN_ACK, seen=only(1, 1), head=1.5,
                delivery=Delivery.LOST, between=(1, 0),
                delivery_text="lost between publisher and phone", findings=(0,)),
        message(2, "SYN", kind=Kind.SYN, repetition=1),
        message(3, "SYN-ACK", up=False, kind=Kind.SYN_ACK, repetition=1, seen=only(1, 3),
                delivery=Delivery.MISSED, between=(1, 0)),
        message(4, "ClientHello", layer=Layer.TLS, kind=Kind.HANDSHAKE, seen=only(1, 4),
                delivery=Delivery.UNSEEN, between=(0, 1)),
        message(5, "ServerHello, TLS 1.2", up=False, layer=Layer.TLS, kind=Kind.HANDSHAKE),
        message(5, "Certificate of CAPF-1", up=False, layer=Layer.TLS, kind=Kind.HANDSHAKE,
                delta_ns=0, item=1),
        message(6, "KEYGEN_REQUEST", up=False, certainty=Certainty.LIKELY, **guess),
        Gap(kind=GapKind.KEY_GENERATION, begins=Moment(NOON + 6 * MILLISECOND),
            ends=Moment(NOON + 8 * MILLISECOND), text="key generation, 41 s", flow="f5",
            certainty=Certainty.LIKELY),
        message(8, "KEYGEN_RESPONSE", certainty=Certainty.PROVEN, **guess),
        Gap(kind=GapKind.SILENCE, begins=Moment(NOON + 8 * MILLISECOND),
            ends=Moment(NOON + 9 * MILLISECOND), text="no traffic, 30 s", flow=None,
            certainty=None),
        message(9, "RST", up=False, kind=Kind.RESET, seen=only(0, 9), tail=1.5,
                delivery=Delivery.INJECTED, between=(1, 0), findings=(0,),
                delivery_text="never sent by publisher"),
        message(10, "FIN", kind=Kind.FIN, seen=only(0, 10), head=1.5,
                delivery=Delivery.UNWATCHED, between=(0, 1),
                delivery_text="not seen at publisher, whose capture may have ended"),
    )  # fmt: skip


def ladder(**changes: Any) -> Ladder:
    shown = rows()
    lanes = (
        Lane(kind=LaneKind.PHONE, title=samples.PHONE, addresses=("10.20.50.60",), port=None,
             point=None),
        Lane(kind=LaneKind.POINT, title="phone", addresses=(), port=None, point=0),
        Lane(kind=LaneKind.POINT, title="publisher", addresses=(), port=None, point=1),
        Lane(kind=LaneKind.CAPF, title="CAPF", addresses=("10.122.138.102",), port=3804,
             point=None),
    )  # fmt: skip
    base = Ladder(
        schema_version=SCHEMA_VERSION,
        title=samples.PHONE,
        begins=Moment(NOON),
        ends=Moment(NOON + 10 * MILLISECOND),
        phone=samples.phone(),
        points=(
            Point(name="phone", role=Role.PHONE, captures=("phone",), lane=1, clock_error_ns=0),
            Point(name="publisher", role=Role.PUBLISHER, captures=("publisher",), lane=2,
                  clock_error_ns=4_000),
        ),
        captures=(
            samples.capture(),
            samples.capture(id="publisher", path="publisher.pcap", role=Role.PUBLISHER),
        ),
        lanes=lanes,
        flows=(samples.flow(id="f5"),),
        rows=shown,
        groups=(
            Group(kind=GroupKind.FLOW, first=0, stop=len(shown), flow="f5",
                  text="f5 capf 10.20.50.60:43829 → 10.122.138.102:3804, attempt 1 of 1"),
        ),
        findings=(samples.finding(),),
        left_out=3,
        flows_left_out=2,
    )  # fmt: skip
    return msgspec.structs.replace(base, **changes)
