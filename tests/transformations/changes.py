"""The changes of a verdict that are right, each with its reason."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import NamedTuple

from tests.transformations.facts import Fact, Facts, Kind

CODE, CAUSE, OUTCOME, NOTE, STATUS = Kind


class Change(NamedTuple):
    """Facts that may come or go where a relation holds, and why; a code stands for causes too."""

    relation: str
    kind: Kind
    gone: str
    """Empty: nothing goes; what comes stands beside."""
    came: str
    """Empty: nothing comes. Where both are told, one comes only in the other's place."""
    why: str
    subjects: tuple[str, ...] = ("*",)
    """Patterns of the names of those in which it is right."""

    def allows_to_come(self, fact: Fact, expected: Facts) -> bool:
        """Whether a fact may be there."""
        return self._is_about(fact, self.came) and self._is_among(self.gone, expected)

    def allows_to_go(self, fact: Fact, found: Facts) -> bool:
        """Whether a fact may be missing."""
        return self._is_about(fact, self.gone) and self._is_among(self.came, found)

    def fits(self, relation: str, names: Collection[str]) -> bool:
        """Whether it is about a transformation of some subjects."""
        return relation == self.relation and any(
            fnmatchcase(name, pattern) for name in names for pattern in self.subjects
        )

    def _is_about(self, fact: Fact, value: str) -> bool:
        kind = CODE if fact.kind is CAUSE and self.kind is CODE else fact.kind
        return (kind, fact.value) == (self.kind, value)

    def _is_among(self, value: str, facts: Facts) -> bool:
        """Whether a report says something, of anybody."""
        return not value or any((one.kind, one.value) == (self.kind, value) for one in facts)


_COPIES = "each packet is there twice, and that is said"
_PLACES = "a file that several clocks stamped is said to be one"
_NOWHERE = "no capture is known to lie beside a host then, behind which nothing can be lost"
_CAPF_IS_HERE = "the other capture shows that CAPF answers here: a connection would have been seen"
CAPF_UNKNOWN = tuple(
    f"{name}-publisher"
    for name in (
        "dns-no-address",
        "dns-nxdomain",
        "dns-refused",
        "dns-silent",
        "dns-truncated",
        "name-leads-to-subscriber",
        "name-resolved-then-not",
        "tvs-says-no",
    )
)
"""Whose capture tells nothing of the address that the name of CAPF's server has."""
_ENDS_OPEN = "the end of the file does not say how long the phone's place went on by its own clock"
_ONE_DEVICE = "two places so near in time are one router's sides, and none of them is a server's"
_HALVES = "each capture holds another direction of the session, and the file holds both"
_CLOCK = "what is told of the clocks is that they differ, and by how much"

CHANGES: tuple[Change, ...] = (
    Change("doubled-near", CODE, "", "capture-duplicates", _COPIES),
    Change("doubled-interleaved", CODE, "", "capture-duplicates", _COPIES),
    Change("doubled-far", CODE, "", "capture-duplicates", _COPIES),
    Change("doubled-far", CODE, "", "captures-merged", _PLACES),
    Change(
        "doubled-far",
        CODE,
        "server-silent",
        "rst-injected",
        "SYN-ACKs without a number that a host sends twice at a time are no more than copies",
        ("accept-queue-full-*",),
    ),
    Change("merged", CODE, "", "capture-duplicates", _COPIES),
    Change("merged", CODE, "", "captures-merged", _PLACES),
    Change("merged", CODE, "", "capture-clock-offset", _CLOCK),
    Change("merged", CODE, "capture-clock-offset", "", _CLOCK),
    Change("clocks", CODE, "", "capture-clock-offset", _CLOCK),
    Change("clocks", CODE, "capture-clock-offset", "", _CLOCK),
    Change("merged", CODE, "tvs-not-trusted", "", _ENDS_OPEN, ("tvs-says-no-phone+publisher",)),
    Change("merged", OUTCOME, "failed", "unknown", _ENDS_OPEN, ("tvs-says-no-phone+publisher",)),
    Change("merged", STATUS, "2", "3", _ENDS_OPEN, ("tvs-says-no-phone+publisher",)),
    Change("merged", CODE, "", "capf-not-attempted", _ENDS_OPEN, ("tvs-says-no-phone+publisher",)),
    Change(
        "merged",
        OUTCOME,
        "failed",
        "not-attempted",
        "of a place that watched for long enough",
        ("tvs-says-no-phone+publisher",),
    ),
    Change(
        "merged",
        STATUS,
        "2",
        "1",
        "of a place that watched for long enough",
        ("tvs-says-no-phone+publisher",),
    ),
    Change("merged", CODE, "one-way-traffic", "connection-no-answer", _ONE_DEVICE),
    Change(
        "merged",
        CODE,
        "itl-capf-mismatch",
        "capf-certificate-replaced",
        _ONE_DEVICE,
        ("capf-certificate-from-ca-phone+publisher",),
    ),
    *(
        Change("merged", kind, gone, came, _HALVES, ("asymmetric-capture-phone+publisher",))
        for kind, gone, came in (
            (CODE, "capture-one-sided", "capf-session-complete"),
            (OUTCOME, "unknown", "succeeded"),
            (STATUS, "3", "0"),
        )
    ),
    Change("cut", CODE, "", "capture-mid-session", "a session began before the capture does"),
    Change("cut", CODE, "", "capture-one-sided", "packets of one side alone are left"),
    Change(
        "cut",
        CODE,
        "",
        "capf-not-attempted",
        "the list that keeps the phone from it is cut off, or the connection that comes late",
        ("itl-*", "name-resolves-later-publisher"),
    ),
    Change(
        "cut",
        CODE,
        "",
        "capf-certificate-expiring",
        "that the certificate is a stranger's, of which no date matters, is cut off",
        ("intercepted-*",),
    ),
    Change(
        "cut",
        CODE,
        "",
        "capf-session-aborted",
        "the list that a client trusts is cut off, or how regularly a probe comes",
        ("refused-behind-handshake-*", "monitored-capf-*publisher"),
    ),
    Change(
        "cut",
        CODE,
        "",
        "connection-lost",
        "it ends before a server that lets connections wait answers what was sent again and again",
        ("accept-queue-full-*",),
    ),
    Change(
        "cut",
        CODE,
        "rst-injected",
        "connection-refused",
        "the packets by whose TTL another than the server is told to reset are cut off",
        ("refused-on-the-way-*",),
    ),
    Change("ttl", CODE, "one-way-traffic", "connection-no-answer", _NOWHERE),
    Change(
        "ttl",
        CODE,
        "path-mtu-blackhole",
        "tls-handshake-incomplete",
        "what a place beside no host does not show may have passed it elsewhere",
        ("large-packets-vanish-phone",),
    ),
    Change(
        "ttl",
        CODE,
        "path-mtu-blackhole",
        "connection-lost",
        "for the same reason",
        ("large-packets-vanish-publisher",),
    ),
    Change("ttl", STATUS, "2", "3", "for the same reason", ("large-packets-vanish-phone",)),
    Change(
        "ttl", OUTCOME, "failed", "unknown", "for the same reason", ("large-packets-vanish-phone",)
    ),
    Change(
        "ttl",
        CODE,
        "itl-capf-mismatch",
        "capf-certificate-replaced",
        "only a capture at the publisher shows that the certificate leaves it",
        ("capf-certificate-from-ca-*publisher",),
    ),
    Change(
        "beside",
        OUTCOME,
        "unknown",
        "not-attempted",
        _CAPF_IS_HERE,
        CAPF_UNKNOWN,
    ),
    Change("beside", CAUSE, "", "capf-not-attempted", _CAPF_IS_HERE, CAPF_UNKNOWN),
    Change(
        "beside",
        CODE,
        "capf-certificate-not-yet-valid",
        "",
        "it is handed in with the dates of the other capture, and the certificate is valid then",
        ("certificate-not-yet-valid-*",),
    ),
    Change(
        "beside",
        CAUSE,
        "",
        "tls-certificate-rejected",
        "for the same reason",
        ("certificate-not-yet-valid-*",),
    ),
)
