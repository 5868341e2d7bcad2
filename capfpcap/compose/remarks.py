"""What a report remarks beside its findings: no fault of an enrolment, and worth telling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capfpcap.report import Phone
from capfpcap.rules.captures import scan_of
from capfpcap.rules.case import Judgement
from capfpcap.rules.not_genuine import FILE_NOT_GENUINE
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.infer import is_at_other_end

MAX_NAMED = 3
"""Files that a remark names; the others are counted."""


def remarks_on(phones: Sequence[Phone]) -> Iterator[str]:
    """Remarks on ``phones`` and what they loaded; they leave the verdict as it is."""
    yield from _on_unread(phones)


def remarks_on_roles(points: Sequence[VantagePoint]) -> Iterator[str]:
    """That captures were handed in as recorded where their TTLs say they were not."""
    wrong = [point for point in points if is_at_other_end(point)]
    if not wrong:
        return
    named = "; ".join(
        f"{point.table.capture.files[0].path} was given as recorded at the {point.role.value}"
        for point in wrong[:MAX_NAMED]
    )
    more = f"; and {len(wrong) - MAX_NAMED} more" if len(wrong) > MAX_NAMED else ""
    yield (
        f"{named}{more}: the TTLs are those of the other end, where that end's packets have passed "
        "no router. If the options for the captures changed places, hand them in the other way "
        "round, or without roles"
    )


def remarks_on_left_out(points: Sequence[VantagePoint]) -> Iterator[str]:
    """What of captures is not shown, for those who are shown no findings."""
    for point in points:
        if point.table.left_out is not None:
            yield f"{point.name}: {scan_of(point.table.left_out)}; they are left out"


def remark_on_address(address: str, names: Sequence[str]) -> str:
    """What is not known of connections of an address behind which several phones stand."""
    shown = ", ".join(names[:MAX_NAMED])
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return (
        f"{shown}{more} share the address {address}: some connections from there may be any of "
        "these phones', and no packet tells whose. A capture on the phones' side of the NAT does"
    )


def _on_unread(phones: Sequence[Phone]) -> Iterator[str]:
    """Configurations that nothing can be made of."""
    unread = [
        (phone.configuration.file, phone.configuration.problem)
        for phone in phones
        if phone.configuration is not None
        and phone.configuration.problem is not None
        and phone.root_cause != FILE_NOT_GENUINE.code  # which says it better
    ]
    if not unread:
        return
    named = "; ".join(f"{file} ({problem})" for file, problem in unread[:MAX_NAMED])
    more = f"; and {len(unread) - MAX_NAMED} more" if len(unread) > MAX_NAMED else ""
    yield (
        "Configurations that arrived whole and cannot be read, so that the CAPF server and the "
        f"operation that they name are not known: {named}{more}"
    )


def remarks_on_judgement(judgement: Judgement) -> list[str]:
    """What of the captures is judged, where that is not all."""
    if not judgement.period:
        return []
    return [f"What phones did {judgement.period.words} is judged, and nothing else"]
