"""What packets do not keep on their way from one capture to the next, in words and cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from capfpcap.formats.harmless import harmless
from capfpcap.formats.steps import host_and_port
from capfpcap.report import Endpoint, Flow, PathSegment, Translation

EachWay = tuple[int | None, int | None]
"""A number of the packets to the server, and one of those to the client."""

NOTHING: EachWay = (None, None)


class Changed(NamedTuple):
    """A flow's packets as one capture has them."""

    client: Endpoint | None
    """None where it is the same as at the capture before."""
    server: Endpoint | None
    ttl: EachWay
    mss: EachWay


def change_at(flow: Flow, capture: str) -> Changed:
    """What ``capture`` has other than the capture before it on the way."""
    for segment in flow.path_segments:
        if segment.far == capture:
            return Changed(
                _far(segment.client), _far(segment.server), _ttl(segment, 1), _mss(segment, 1)
            )
    for segment in flow.path_segments:
        if segment.near == capture:
            return Changed(None, None, _ttl(segment, 0), _mss(segment, 0))
    return Changed(None, None, NOTHING, NOTHING)


def _far(translation: Translation | None) -> Endpoint | None:
    return None if translation is None else translation.far


def _ttl(segment: PathSegment, end: int) -> EachWay:
    return segment.ttl_to_server[end], segment.ttl_to_client[end]


def _mss(segment: PathSegment, end: int) -> EachWay:
    return segment.mss_to_server[end], segment.mss_to_client[end]


def path_segment_words(path_segments: Iterable[PathSegment], *, to_server: bool) -> Iterator[str]:
    """What changes on the way of one direction; translated ends are told with the first."""
    for segment in path_segments:
        for name, translation in (("client", segment.client), ("server", segment.server)):
            if to_server and translation is not None:
                there = host_and_port(translation.far.address, translation.far.port)
                yield f"{name} is {there} at {harmless(segment.far)}"
        mss = segment.mss_to_server if to_server else segment.mss_to_client[::-1]
        ttl = segment.ttl_to_server if to_server else segment.ttl_to_client[::-1]
        goal = harmless(segment.far if to_server else segment.near)
        for name, (sent, arrived) in (("MSS", mss), ("TTL", ttl)):
            if sent is not None and arrived is not None and sent != arrived:
                yield f"{name} {sent} is {arrived} at {goal}"
