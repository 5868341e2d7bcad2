"""What the user asked for, whatever the command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from capfpcap.enrolment.choice import PhoneChoice
from capfpcap.enrolment.period import Span
from capfpcap.rules.model.case import Judgement
from capfpcap.vantage.flow import VantagePoint

if TYPE_CHECKING:
    from capfpcap.evidence import Evidence
    from capfpcap.flows.keys import Keys


class Options(Struct, frozen=True):
    """What the user asked for."""

    expiry_days: int = 30
    capf_ports: frozenset[int] = frozenset()
    """Read besides 3804 and those that configurations name."""
    ignore: frozenset[str] = frozenset()
    """Codes that are not reported."""
    other_ports: frozenset[int] = frozenset()
    """TCP ports of further protocols, which dissectors of other distributions read."""
    workers: int = 1
    """Processes that judge the phones of one large capture, this one included."""
    only: tuple[str, ...] = ()
    """Phones to judge, by name, MAC address or address; none: all."""
    span: Span = Span()
    """The time that counts: what phones did before and behind it is not judged."""
    secrets: Keys | None = None
    """What decrypts TLS sessions, besides the secrets that captures hold."""
    show_secrets: bool = False
    """Whether passwords in decrypted messages are shown."""
    evidence: Evidence | None = None
    """What is known from elsewhere than the captures: trust lists at hand, logs of phones."""

    def judgement(self, points: Sequence[VantagePoint]) -> Judgement:
        """What the rules are to consider in these captures."""
        firsts = [point.watched_from for point in points if point.watched_from is not None]
        lasts = [point.watched_until for point in points if point.watched_until is not None]
        period = self.span.of(min(firsts, default=0), max(lasts, default=0))
        return Judgement(self.expiry_days, PhoneChoice(self.only), period, self.evidence)
