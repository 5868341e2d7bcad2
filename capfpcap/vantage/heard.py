"""What the client of a flow heard, where another place shows answers that never came to it."""

from __future__ import annotations

from capfpcap.vantage.fate import Fate
from capfpcap.vantage.flow import Flow, Sighting
from capfpcap.vantage.verdicts import read_legs


def as_heard(flow: Flow) -> Sighting:
    """The best sighting; the one nearest the client where all answers are proven to be lost."""
    best = flow.best
    if best is flow.first or not flow.differs:
        return best
    lost = (
        not leg.to_server and leg.blocked and bool(leg.of(Fate.LOST)) for leg in read_legs(flow)
    )
    return flow.first if any(lost) else best
