"""What a reader says of a capture, in a form in which two readers can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

Facts = Counter[tuple[object, ...]]
"""Each fact with how often it was told; frames are Wireshark's, senders are ``address:port``."""


@dataclass(frozen=True)
class Account:
    """All that is compared; both readers fill in every field."""

    packets: int = 0
    tcp_flows: Facts = field(default_factory=Counter)
    """Both ends and the frames, ascending, of each connection on a service's port."""
    dns_flows: Facts = field(default_factory=Counter)
    """Both ends and the frames of each pair of UDP ports with DNS."""
    dns_messages: Facts = field(default_factory=Counter)
    """Frame, id, response or not, RCODE, question's name and type, addresses answered."""
    tftp_packets: Facts = field(default_factory=Counter)
    """Frame and opcode."""
    tftp_requests: Facts = field(default_factory=Counter)
    """Frame and file name of each read request."""
    tftp_files: Facts = field(default_factory=Counter)
    """Length and SHA-256 of each file that came whole."""
    http_requests: Facts = field(default_factory=Counter)
    """Frame, method and target."""
    http_statuses: Facts = field(default_factory=Counter)
    """Sender and status code."""
    http_bodies: Facts = field(default_factory=Counter)
    """Length and SHA-256 of each response's body that came whole and is not empty."""
    tls_messages: Facts = field(default_factory=Counter)
    """Frame, sender and type of each handshake message in the clear."""
    client_hellos: Facts = field(default_factory=Counter)
    """Frame, version, versions offered, cipher suites, server name."""
    server_hellos: Facts = field(default_factory=Counter)
    """Frame, version negotiated, cipher suite."""
    certificates: Facts = field(default_factory=Counter)
    """Frame, place in the frame, SHA-1 of the DER."""
    alerts: Facts = field(default_factory=Counter)
    """Frame, sender, level and description of each alert in the clear."""


_WITHOUT_FRAMES = frozenset({"tftp_files", "http_statuses", "http_bodies"})
_FLOWS = frozenset({"tcp_flows", "dns_flows"})


def renumbered(account: Account, copies: Mapping[int, int]) -> Account:
    """The same with the frame that a copy repeats in place of the copy's."""

    def original(frame: object) -> object:
        return copies.get(frame, frame) if isinstance(frame, int) else frame

    changed: dict[str, Facts] = {}
    for aspect in fields(account):
        facts = getattr(account, aspect.name)
        if aspect.name in _FLOWS:
            changed[aspect.name] = Counter()
            for (one, other, *frames), count in facts.items():
                changed[aspect.name][one, other, *sorted(map(original, frames))] += count
        elif aspect.name != "packets" and aspect.name not in _WITHOUT_FRAMES:
            changed[aspect.name] = Counter()
            for (frame, *rest), count in facts.items():
                changed[aspect.name][original(frame), *rest] += count
    return replace(account, **changed)


def difference(one: Facts, other: Facts) -> list[tuple[object, ...]]:
    """What ``one`` tells and ``other`` does not, sorted by their text."""
    return sorted((one - other).elements(), key=repr)
