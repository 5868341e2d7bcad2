"""What the phone's trust list says of a server's certificate, in words."""

from __future__ import annotations

from typing import NamedTuple

from capf_dissectors.tls import Alert, AlertDescription
from capf_dissectors.trust_list import TrustFunction, TrustList, record_matches

from capfpcap.enrolment.loaded import compare
from capfpcap.rules.model.advice import AFTER_CAPF_CERTIFICATE, ERASE_ITL, RESET
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.presented import presented_in
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.questions.wording import listed
from capfpcap.services import Service
from capfpcap.trust.validity import day

_NOT_CAPTURED = (
    "The captures do not show which trust list the phone holds; one that begins before the phone "
    "loads it would tell."
)


def compared_in_words(case: Case, progress: Progress) -> str:
    """What is known of the trust list that the phone compared the certificate with."""
    trusted = case.phone.trusted_at(progress.flow.started)
    if not trusted:
        return _given_in_words(case, progress) or _NOT_CAPTURED
    names = ", ".join(item.transfer.name for item in trusted)
    if progress.flow.service is Service.TVS:
        return _of_tvs(case, progress, names)
    if progress.flow.service is Service.CAPF:
        return _of_capf(case, progress) or f"The phone had loaded {names}."
    return f"Whether the phone trusts it, {names} and TVS decide."


def _given_in_words(case: Case, progress: Progress) -> str:
    """What the lists say that were given beside the captures; empty where they say nothing."""
    names = _given_that_agree(case, progress)
    if not names:
        return ""
    return (
        f"A CAPF record of {listed(names)}, which was given, stands for it; the captures do not "
        "show which trust list the phone holds."
    )


def _given_that_agree(case: Case, progress: Progress) -> list[str]:
    """The lists given beside the captures that stand for CAPF's certificate, by name."""
    evidence, leaf = case.judgement.evidence, progress.session.server_leaf
    if evidence is None or leaf is None or progress.flow.service is not Service.CAPF:
        return []
    return [
        given.name
        for given in evidence.lists
        if any(record_matches(one.record, leaf).matches for one in given.capf)
    ]


class _Lists(NamedTuple):
    """Lists that the phone had loaded, by what their CAPF records stand for; their names."""

    agreeing: list[str]
    differing: list[str]


def _lists(case: Case, progress: Progress) -> _Lists:
    leaf = progress.session.server_leaf
    found = _Lists([], [])
    if leaf is None or progress.flow.service is not Service.CAPF:
        return found
    for item in case.phone.trusted_at(progress.flow.started):
        matches = [match.matches for _, match in compare(item.read, leaf)]
        if any(matches):
            found.agreeing.append(item.transfer.name)
        elif matches and all(one is False for one in matches):
            found.differing.append(item.transfer.name)
    return found


def _of_capf(case: Case, progress: Progress) -> str:
    """Which lists stand for the certificate that the phone refuses; empty where none does."""
    lists = _lists(case, progress)
    if not lists.agreeing:
        return ""
    words = f"A CAPF record of {listed(lists.agreeing)}, which the phone had loaded, stands for it"
    if lists.differing:
        words += f"; {listed(lists.differing)} has another certificate for CAPF"
    if _is_called_expired(progress):
        item = presented_in(progress.flow, progress.sighting, progress.session)
        if item is not None and not item.expired and not item.early:
            words += f"; it is valid until {day(item.facts.not_after)} by the capture's clock"
    return f"{words}."


def _is_called_expired(progress: Progress) -> bool:
    said = progress.session.fatal_alert
    return (
        said is not None
        and isinstance(said.message, Alert)
        and said.message.description == AlertDescription.CERTIFICATE_EXPIRED
    )


def remedy_of_refusal(case: Case, progress: Progress) -> str | None:
    """What to do where a list stands for the certificate all the same; None where none does."""
    lists = _lists(case, progress)
    trusted = case.phone.trusted_at(progress.flow.started)
    if not lists.agreeing and (trusted or not _given_that_agree(case, progress)):
        return None
    if lists.differing:
        return f"Make the lists agree: {AFTER_CAPF_CERTIFICATE}. {RESET} the phone."
    if _is_called_expired(progress):
        return _CLOCK
    return _OTHERWISE


_CLOCK = (
    "Compare the phone's clock with the certificate's dates: Phone NTP Reference and Date/Time "
    "Group in CUCM Administration, and whether NTP (UDP 123) passes from the phone's network."
)
_OTHERWISE = (
    "The certificate is in the list that was served, so the phone may still hold another: compare "
    f"'show itl' with what the phone holds, and erase its ITL if they differ ({ERASE_ITL}). "
    "Otherwise look at the phone's clock, at the certificate's key and (14SU2 and later) its "
    "CA:TRUE and keyCertSign."
)


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
