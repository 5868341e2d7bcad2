"""The certificate that CAPF presented to a phone, and whether anything about it is odd."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from capf_dissectors.distinguished_name import common_names
from capf_dissectors.trust_list import Record, TrustList
from msgspec import Struct

from capfpcap.enrolment.loaded import compare
from capfpcap.rules.model.progress import Progress
from capfpcap.services import Service
from capfpcap.timeline.session import Session
from capfpcap.timeline.session_end import left_without_a_word
from capfpcap.trust.certificate import NANOSECONDS, CertificateFacts, read_certificate
from capfpcap.trust.issuers import is_capf_name
from capfpcap.trust.validity import days_between, is_dated
from capfpcap.vantage.flow import Flow, Sighting
from capfpcap.vantage.infer import INITIAL_TTLS
from capfpcap.vantage.role import Role

if TYPE_CHECKING:
    from capfpcap.rules.model.case import Case

_DAY = 86_400 * NANOSECONDS
_SMALLEST_RSA_KEY = 2048
"""Bits; NIST SP 800-131A disallows less."""
_WEAK_HASHES = frozenset({"md5", "sha1"})


def has_short_key(facts: CertificateFacts) -> bool:
    """Whether the key is RSA with too few bits."""
    return facts.rsa_bits is not None and facts.rsa_bits < _SMALLEST_RSA_KEY


def has_old_signature(facts: CertificateFacts) -> bool:
    """Whether the signature uses a hash that is no longer trusted."""
    return facts.signature_hash in _WEAK_HASHES


class Presented(Struct, frozen=True, eq=False):
    """A certificate that CAPF presented to a phone."""

    flow: Flow
    sighting: Sighting
    session: Session
    facts: CertificateFacts
    row: int

    @property
    def time(self) -> int:
        """When it was presented, nanoseconds since 1970 UTC."""
        return int(self.session.view.table.columns.time[self.row])

    @property
    def days_left(self) -> int:
        """Whole days until it expires; negative after."""
        return days_between(self.time, self.facts.not_after)

    @property
    def expired(self) -> bool:
        """Whether its time was over."""
        return self.facts.not_after < self.time

    def expires_within(self, days: int) -> bool:
        """Whether it expires in that many days or fewer."""
        return self.facts.not_after - self.time <= days * _DAY

    @property
    def refused(self) -> bool:
        """Whether the phone answered it with a fatal alert."""
        said = self.session.fatal_alert
        return said is not None and said.from_client and said.row >= self.row

    @property
    def accepted(self) -> bool:
        """Whether the phone finished the handshake and did not turn away then."""
        session = self.session
        return session.handshake_complete and not self.refused and not left_without_a_word(session)

    @property
    def early(self) -> bool:
        """Whether its time had not begun."""
        return is_dated(self.time) and self.facts.not_before > self.time


def presented_in(flow: Flow, sighting: Sighting, session: Session) -> Presented | None:
    """The certificate of one session; None where it shows none that can be read."""
    said, leaf = session.server_certificate, session.server_leaf
    facts = read_certificate(leaf) if leaf is not None else None
    if said is None or not isinstance(facts, CertificateFacts):
        return None
    return Presented(flow, sighting, session, facts, said.row)


def presented_to(case: Case) -> list[Presented]:
    """The certificates of the phone's CAPF sessions that count: the last one that it was shown.

    Behind it, where the phone did not accept another one before, that too.
    """
    shown = (presented_in(*session) for session in reversed(case.capf_sessions))
    items = [item for item in shown if item is not None]
    others = (item for item in items if not item.accepted and item.facts.der != items[0].facts.der)
    return [*items[:1], *islice(others, 1)]


def is_odd(case: Case, progress: Progress) -> bool:
    """Whether a rule on certificates may have something to say of a session."""
    if progress.flow.service is not Service.CAPF:
        return False
    item = presented_in(progress.flow, progress.sighting, progress.session)
    if item is None:
        return progress.session.server_leaf is not None
    facts = item.facts
    return (
        item.early
        or item.expires_within(case.judgement.expiry_days)
        or has_short_key(facts)
        or has_old_signature(facts)
        or item.refused
        or not is_listed(case, item)
    )


def is_listed(case: Case, item: Presented) -> bool:
    """Whether the lists that the phone trusted then stand for this certificate."""
    return any(
        match.matches
        for loaded in case.phone.trusted_at(item.flow.started)
        for _, match in compare(loaded.read, item.facts.der)
    )


def is_foreign(case: Case, item: Presented) -> bool:
    """Whether neither a CAPF nor anybody in the phone's trust list issued a certificate.

    False where no list is known to compare with, and where CAPF is seen to present it itself.
    """
    facts = item.facts
    records = [
        record
        for loaded in case.phone.trusted_at(item.flow.started)
        if loaded.read.capf_records and isinstance(loaded.read.parsed, TrustList)
        for record in loaded.read.parsed.records
    ] or _given_records(case)
    if not records or is_capf_name(facts.issuer_common_name) or is_listed(case, item):
        return False
    issuer = facts.issuer_common_name.casefold()
    if any(
        issuer in common_names(record.subject) or issuer in common_names(record.issuer)
        for record in records
    ):
        return False
    return not (may_be_signed_by_ca(facts) and is_seen_to_be_capfs(case, item))


def _given_records(case: Case) -> list[Record]:
    """The records of the lists given beside the captures, where these show no list of the phone."""
    evidence = case.judgement.evidence
    if evidence is None or case.phone.trust_lists:
        return []
    whole = (given for given in evidence.lists if given.capf and given.whole)
    return [one.record for given in whole for one in given.records]


def may_be_signed_by_ca(facts: CertificateFacts) -> bool:
    """Whether a certificate is named as CAPF's are, and an authority issued it.

    CUCM lets an authority sign CAPF's certificate; a box in the middle that copies names makes one
    like it.
    """
    named = is_capf_name(facts.common_name)
    return named and not is_capf_name(facts.issuer_common_name)


def is_seen_to_be_capfs(case: Case, item: Presented) -> bool:
    """Whether a certificate leaves the publisher itself, or another phone enrolled with it."""
    if row_at_publisher(item) is not None:
        return True
    return item.facts.der in case.scene.around.enrolled_with


def row_at_publisher(item: Presented) -> tuple[Sighting, int] | None:
    """Where the publisher's own capture shows that the certificate leaves it.

    The packet has there the TTL with which hosts send: no router was behind it.
    """
    for sighting in item.flow.sightings:
        session = sighting.conversation.session
        said = session.server_certificate if session is not None else None
        if session is None or said is None or sighting.at.role is not Role.PUBLISHER:
            continue
        ttl = int(sighting.at.table.columns.ttl[said.row])
        if session.server_leaf == item.facts.der and ttl in INITIAL_TTLS:
            return sighting, said.row
    return None
