"""Times and certificates as the report writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from capfpcap.report import Certificate, CertificateKind
from capfpcap.trust.certificate import NANOSECONDS, UnreadableCertificate, read_certificate
from capfpcap.trust.issuers import CertificateOwner

_EPOCH = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)
_KINDS = {owner: CertificateKind(owner.value) for owner in CertificateOwner}


@lru_cache(4096)
def _second(seconds: int) -> str:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return (datetime.min if seconds < 0 else datetime.max).isoformat(timespec="seconds")


def timestamp(time: int) -> str:
    """Nanoseconds since 1970 UTC as ISO 8601 with nine decimals."""
    seconds, nanoseconds = divmod(time, NANOSECONDS)
    return "%s.%09dZ" % (_second(seconds), nanoseconds)  # noqa: UP031 - a third faster


@lru_cache(65_536)
def describe_certificate(der: bytes | None) -> Certificate | None:
    """A certificate for the report; None for one that is not there."""
    if der is None:
        return None
    facts = read_certificate(der)
    if isinstance(facts, UnreadableCertificate):
        return _unreadable(facts)
    return Certificate(
        subject=facts.subject,
        issuer=facts.issuer,
        serial=facts.serial,
        sha1=facts.sha1,
        sha256=facts.sha256,
        not_before=timestamp(facts.not_before),
        not_after=timestamp(facts.not_after),
        key=facts.key,
        signature_hash=facts.signature_hash,
        kind=_KINDS[facts.owner],
        problem=None,
    )


def _unreadable(found: UnreadableCertificate) -> Certificate:
    return Certificate(
        subject=None,
        issuer=None,
        serial=None,
        sha1=found.sha1,
        sha256=found.sha256,
        not_before=None,
        not_after=None,
        key=None,
        signature_hash=None,
        kind=CertificateKind.OTHER,
        problem=found.reason,
    )
