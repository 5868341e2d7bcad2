"""A frame opened: its headers, and where what it carries stands."""

from __future__ import annotations

from typing import NamedTuple

from capf_dissectors.outline import Node, plural

from capfpcap.capture.files.frames import Frame
from capfpcap.capture.headers import linktypes
from capfpcap.inspection.headers import outline_headers
from capfpcap.inspection.tcp_header import Beginnings
from capfpcap.inspection.views import Place, Views

TRAILER = "Trailer"
"""What stands behind the packet: it fills a short frame up, or belongs to the link."""


class Opened(NamedTuple):
    """The fields up to the transport header, and the payload."""

    nodes: list[Node]
    payload: Place


def open_frame(
    frame: Frame | None, number: int, stored: bytes, beginnings: Beginnings, views: Views
) -> Opened:
    """Open a frame whose payload, as the analysis has it, is ``stored``.

    A datagram that came in fragments is not in the frame, and without a frame nothing is: then the
    payload is a view of its own.
    """
    if frame is None:
        return Opened([], views.add(f"Payload of frame {number}", stored))
    whole = views.add(f"Frame {number}", frame.data)
    headers = outline_headers(frame.data, frame.link_type, beginnings)
    nodes = [_summary(frame), *headers.nodes]
    at = headers.payload_at
    if at is None or frame.data[at : at + len(stored)] != stored:
        return Opened(
            nodes, views.add("Reassembled datagram", stored) if stored else whole.within(0, 0)
        )
    payload = whole.within(at, at + len(stored))
    behind = len(frame.data) - payload.end
    if behind:
        nodes.append(Node(TRAILER, plural(behind, "byte"), payload.end, len(frame.data)))
    return Opened(nodes, payload)


def _summary(frame: Frame) -> Node:
    size = plural(frame.wire_length, "byte")
    if len(frame.data) < frame.wire_length:
        size += f", {len(frame.data)} of them captured"
    name = linktypes.name(frame.link_type)
    return Node(f"Frame {frame.number}", f"{size}, link type {name}", 0, len(frame.data))
