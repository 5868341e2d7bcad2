"""What the phone's trust list says of a server's certificate, in words."""

from __future__ import annotations

from capf_dissectors.trust_list import TrustFunction, TrustList, record_matches

from capfpcap.flows.service import Service
from capfpcap.rules.case import Case
from capfpcap.rules.progress import Progress

_NOT_CAPTURED = (
    "The captures do not show which trust list the phone holds; one that begins before the phone "
    "loads it would tell."
)


def compared_in_words(case: Case, progress: Progress) -> str:
    """What is known of the trust list that the phone compared the certificate with."""
    trusted = case.phone.trusted_at(progress.flow.started)
    if not trusted:
        return _NOT_CAPTURED
    names = ", ".join(item.transfer.name for item in trusted)
    if progress.flow.service is Service.TVS:
        return _of_tvs(case, progress, names)
    if progress.flow.service is Service.CAPF:
        return f"The phone had loaded {names}."
    return f"Whether the phone trusts it, {names} and TVS decide."


def _of_tvs(case: Case, progress: Progress, names: str) -> str:
    """Whether a TVS record of the lists stands for the certificate: nobody else vouches for TVS."""
    leaf = progress.session.server_leaf
    records = [
        record
        for item in case.phone.trusted_at(progress.flow.started)
        if isinstance(item.read.parsed, TrustList)
        for record in item.read.parsed.with_function(TrustFunction.TVS)
    ]
    if leaf is None or not records:
        return f"The phone had loaded {names}."
    if any(record_matches(record, leaf).matches is not False for record in records):
        return f"A TVS record of {names} stands for it: look at its dates and the phone's clock."
    return (
        f"None of the {len(records)} TVS records of {names}, which the phone had loaded, stands "
        "for it: the certificate was regenerated, or another server answers."
    )
