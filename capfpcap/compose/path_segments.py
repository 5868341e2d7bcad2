"""What changes on the way between two captures, for the report."""

from __future__ import annotations

from capfpcap import report
from capfpcap.capture.addresses import AddressTable
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.path_segment import End, PathSegment, read_path_segments


def describe_path_segments(flow: Flow, addresses: AddressTable) -> tuple[report.PathSegment, ...]:
    """Each path segment, between two neighbouring captures of a flow."""
    if len(flow.sightings) == 1:
        return ()
    return tuple([_describe(segment, addresses) for segment in read_path_segments(flow)])


def _describe(segment: PathSegment, addresses: AddressTable) -> report.PathSegment:
    up, up_there = segment.marks(to_server=True)
    down, down_there = segment.marks(to_server=False)
    return report.PathSegment(
        near=segment.near.at.name,
        far=segment.far.at.name,
        client=_translation(*segment.clients, addresses),
        server=_translation(*segment.servers, addresses),
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
