"""From the captures that were handed in to what they show as a whole, unjudged."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import can_be_read_again
from capfpcap.capture.reading import Progress
from capfpcap.enrolment.identify import identify_phones
from capfpcap.flows.icmp import read_icmp_errors
from capfpcap.inputs import CaptureInput, grouped, take_keys, vantage_points
from capfpcap.options import Options
from capfpcap.rules.model.case import Scene, unreachable_in
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.match import match_flows

_Seen = TypeVar("_Seen")


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Nothing made on the way is garbage; looking for some again and again costs a third."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def read_only(inputs: Sequence[CaptureInput], options: Options) -> list[VantagePoint]:
    """The captures as :func:`capfpcap.analysis.analyze` reads them, of which nothing is judged.

    Raises:
        CaptureError: none of the captures can be read.
    """

    def look(points: list[VantagePoint]) -> tuple[None, frozenset[int]]:
        return None, scene_of(points, options).configured_ports

    with without_garbage_collection():
        return learning_ports(inputs, options, None, look)[1]


def learning_ports(
    inputs: Sequence[CaptureInput],
    options: Options,
    progress: Progress | None,
    look: Callable[[list[VantagePoint]], tuple[_Seen, frozenset[int]]],
) -> tuple[_Seen, list[VantagePoint], list[str]]:
    """Read, look, and read again if what was seen names CAPF ports that were not read.

    Returns what ``look`` saw, the captures, and the remarks on reading them.
    """
    groups = grouped(inputs)
    ports = PortSelection(other=options.other_ports).with_capf(options.capf_ports)
    points, notes = vantage_points(groups, ports, progress, options.workers)
    take_keys(points, options.secrets, show_secrets=options.show_secrets)
    seen, configured = look(points)
    learned = ports.with_capf(configured)
    if learned == ports:
        return seen, points, notes
    if not all(can_be_read_again(group.paths) for group in groups):
        missed = ", ".join(str(port) for port in sorted(learned.capf - ports.capf))
        remark = f"a configuration names CAPF port {missed}, and a pipe cannot be read again: "
        return seen, points, [*notes, f"{remark}give --capf-port {missed}"]
    points, notes = vantage_points(groups, learned, progress, options.workers)
    take_keys(points, options.secrets, show_secrets=options.show_secrets)
    return look(points)[0], points, notes


def scene_of(points: list[VantagePoint], options: Options) -> Scene:
    """Put the flows and phones of all captures together."""
    addresses = points[0].table.capture.addresses if points else AddressTable()
    flows = match_flows(points)
    judgement = options.judgement(points)
    unreachable = unreachable_in(flows, [(at, read_icmp_errors(at.table)) for at in points])
    left_out: list[str] = []
    phones, period = identify_phones(flows, addresses, unreachable, left_out), judgement.period
    scene = Scene(
        points,
        period.flows(flows),
        period.phones(phones),
        addresses,
        judgement,
        unreachable,
        identified=[phone.name for phone in phones if not phone.is_several],
        left_out=left_out,
    )
    for point in points:
        point.until = period.end
    return scene
