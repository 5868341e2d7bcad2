"""What a report says of keys: what they open, and why anything stays closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from capfpcap.rules.model.case import Scene
from capfpcap.vantage.flow import Flow, VantagePoint


class DecryptionTally(Struct, frozen=True):
    """How many TLS sessions were opened."""

    sessions: int = 0
    opened: int = 0
    """Wholly or in part."""
    without: int = 0
    """Those for which there is no secret."""
    in_part: dict[str, int] = field(default_factory=dict)
    """Those of which something stays closed, by the reason."""
    closed: dict[str, int] = field(default_factory=dict)
    """Those of which nothing could be read though there was a key to try."""


def has_keys(points: Sequence[VantagePoint]) -> bool:
    """Whether there is anything to decrypt with."""
    return bool(points) and points[0].table.keys is not None


def decryption_of(flows: Iterable[Flow]) -> DecryptionTally:
    """What keys make of the sessions of some flows; nothing where there are no keys."""
    sessions = opened = without = 0
    in_part: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    for flow in flows:
        session = flow.best.conversation.session
        decrypted = None if session is None else session.decrypted
        if decrypted is None:
            continue
        sessions += 1
        opened += decrypted.readable
        without += not decrypted.has_secret
        if decrypted.reason is not None and decrypted.has_secret:
            (in_part if decrypted.readable else closed)[decrypted.reason] += 1
    return DecryptionTally(sessions, opened, without, dict(in_part), dict(closed))


def remarks_on_keys(points: Sequence[VantagePoint]) -> Sequence[str]:
    """What of the files with keys could not be used."""
    keys = points[0].table.keys if points else None
    return () if keys is None else keys.remarks


def remarks_on_secrets(scene: Scene) -> Iterator[str]:
    """All that is to be said of keys, for those who are shown no report."""
    if has_keys(scene.points):
        yield from remarks_on_keys(scene.points)
        yield from remarks_on_decryption([decryption_of(scene.shown_flows)])


def remarks_on_decryption(tallies: Iterable[DecryptionTally]) -> Iterator[str]:
    """What was decrypted of all sessions, and why others were not.

    That there is no secret for a session is no news where there is one for another: a key log is
    of one phone, or of one server.
    """
    parts = list(tallies)
    sessions, opened = sum(part.sessions for part in parts), sum(part.opened for part in parts)
    without = sum(part.without for part in parts)
    if opened and without:
        yield f"TLS sessions decrypted: {opened:,} of {sessions:,}; there are no secrets for others"
    elif without:
        yield f"TLS sessions not decrypted: {without:,}, since no secret given is for any of them"
    for reason, count in _added(part.closed for part in parts):
        yield f"TLS sessions not decrypted: {count:,}, since {reason}"
    for reason, count in _added(part.in_part for part in parts):
        yield f"TLS sessions decrypted in part: {count:,}, since {reason}"


def _added(counts: Iterable[dict[str, int]]) -> list[tuple[str, int]]:
    """The sums, the most frequent first; the same whatever the parts are."""
    added: Counter[str] = Counter()
    for each in counts:
        added.update(each)
    return sorted(added.items(), key=lambda item: (-item[1], item[0]))
