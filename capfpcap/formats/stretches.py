"""What packets do not keep on their way from one capture to the next, in words and cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from capfpcap.formats.harmless import harmless
from capfpcap.formats.steps import host_and_port
from capfpcap.report import Endpoint, Flow, Stretch, Translation

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
    for stretch in flow.stretches:
        if stretch.far == capture:
            return Changed(
                _far(stretch.client), _far(stretch.server), _ttl(stretch, 1), _mss(stretch, 1)
            )
    for stretch in flow.stretches:
        if stretch.near == capture:
            return Changed(None, None, _ttl(stretch, 0), _mss(stretch, 0))
    return Changed(None, None, NOTHING, NOTHING)


def _far(translation: Translation | None) -> Endpoint | None:
    return None if translation is None else translation.far


def _ttl(stretch: Stretch, end: int) -> EachWay:
    return stretch.ttl_to_server[end], stretch.ttl_to_client[end]


def _mss(stretch: Stretch, end: int) -> EachWay:
    return stretch.mss_to_server[end], stretch.mss_to_client[end]


def stretch_words(stretches: Iterable[Stretch], *, to_server: bool) -> Iterator[str]:
    """What changes on the way of one direction; translated ends are told with the first."""
    for stretch in stretches:
        for name, translation in (("client", stretch.client), ("server", stretch.server)):
            if to_server and translation is not None:
                there = host_and_port(translation.far.address, translation.far.port)
                yield f"{name} is {there} at {harmless(stretch.far)}"
        mss = stretch.mss_to_server if to_server else stretch.mss_to_client[::-1]
        ttl = stretch.ttl_to_server if to_server else stretch.ttl_to_client[::-1]
        goal = harmless(stretch.far if to_server else stretch.near)
        for name, (sent, arrived) in (("MSS", mss), ("TTL", ttl)):
            if sent is not None and arrived is not None and sent != arrived:
                yield f"{name} {sent} is {arrived} at {goal}"
