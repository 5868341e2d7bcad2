"""What changes on the way between two captures, for the report."""

from __future__ import annotations

from capfpcap import report
from capfpcap.capture.columns import AddressTable
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.stretch import End, Stretch, read_stretches


def describe_stretches(flow: Flow, addresses: AddressTable) -> tuple[report.Stretch, ...]:
    """Each stretch of the way that two captures of a flow bound."""
    if len(flow.sightings) == 1:
        return ()
    return tuple([_describe(stretch, addresses) for stretch in read_stretches(flow)])


def _describe(stretch: Stretch, addresses: AddressTable) -> report.Stretch:
    up, up_there = stretch.marks(to_server=True)
    down, down_there = stretch.marks(to_server=False)
    return report.Stretch(
        near=stretch.near.at.name,
        far=stretch.far.at.name,
        client=_translation(*stretch.clients, addresses),
        server=_translation(*stretch.servers, addresses),
        ttl_to_server=(up.ttl, up_there.ttl),
        ttl_to_client=(down.ttl, down_there.ttl),
        mss_to_server=(up.mss, up_there.mss),
        mss_to_client=(down.mss, down_there.mss),
    )


def _translation(near: End, far: End, addresses: AddressTable) -> report.Translation | None:
    if near == far:
        return None
    return report.Translation(near=endpoint(near, addresses), far=endpoint(far, addresses))


def endpoint(end: End, addresses: AddressTable) -> report.Endpoint:
    """One end of a flow as the report names it."""
    return report.Endpoint(address=addresses.text(end.address), port=end.port)
