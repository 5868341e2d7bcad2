"""Every difference between the two readers, with its reason.

Captures of others never change: what differs there is written down fact by fact. Captures that
ship with the project may be recorded again: of these only captures are named in which frames come
out of order, and the difference itself is derived.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .account import Facts


@dataclass(frozen=True)
class Explained:
    """A difference in one aspect of one capture; both sides are exact."""

    capture: str
    aspect: str
    reason: str
    own: Facts = field(default_factory=Counter)
    """What only this project tells."""
    tshark: Facts = field(default_factory=Counter)
    """What only tshark tells."""


def _facts(*facts: tuple[object, ...]) -> Facts:
    return Counter(facts)


_SURICATA = "OISF+suricata-verify/tests"
_ZEEK = "zeek+zeek/testing/btest/Traces"
_TCPDUMP = "the-tcpdump-group+tcpdump/tests"
_RFC1350 = "39c9534e5fa6fecd3ac083ffd6256c2cc9a58f9f1058cb2e472d1782040231f9"

DELIVERED_LATER = {
    "reordered/phone.pcap": "segments of the server's flight arrive out of order: tshark credits "
    "a message to the segment that closes the hole before it, not to the one that brought it",
    "reordered/publisher.pcap": "as at the phone",
    "gaps-filled/phone.pcap": "the first segment of the server's flight was lost and comes last",
    "held-too-long/phone.pcap": "as there, held back and not lost",
    f"{_ZEEK}/tls/missing-intermediate.pcap": "one record holds the whole flight over two "
    "segments: tshark reads none of its messages before the record is whole",
}
"""Captures in which tshark credits TLS messages to later frames than those that brought them."""

BEHIND_A_HOLE = {
    "large-packets-vanish/phone.pcap": "the first segment of the server's flight never came: "
    "tshark reads no TLS behind the hole, here the messages of the segment that did come are read",
    "field/13-merged-captures/large-packets-vanish.pcap": "as there, at the phone's end",
}
"""Captures of which tshark does not read TLS messages that follow a lost segment."""

TAKEN_APART = {
    "merged-service-stopped/merged.pcap": "two captures in one file, where tshark sees one",
    "merged-success/merged.pcapng": "as there",
    "routed-seen-twice/router.pcap": "each packet before and behind a router: of two one is left, "
    "always that before the phone",
}
"""Captures that are compared place by place (see test_taken_apart.py)."""

OTHER_ADDRESS = {
    "tftp-answers-from-other-address/phone.pcap": "the server answers from another of its "
    "addresses: tshark takes what follows for no TFTP",
    "tftp-other-address-accepted/phone.pcap": "as there",
    "built/answers-before-request/phone.pcap.gz": "answers stand before the request that tells "
    "tshark their port",
}
"""Captures of which tshark does not read TFTP behind the requests."""

SCANNED = {
    "built/port-scan/publisher.pcap.gz": "of more than a thousand addresses that send one SYN and "
    "nothing else, the rest is left out, and told in a finding",
}
"""Captures of which connections of a single SYN are left out here."""

MIRRORED = {
    "mirrored-twice/mirror.pcap": "a mirror port recorded every packet on its way in and on its "
    "way out: the second copy is left out here, where tshark shows it as a retransmission",
    "field/15-routed-packets-seen-twice/burst.pcap": "the same, before and behind routing",
    "field/08-moved-between-clusters/asks-old-tvs.pcap": "the phone's second start repeats packets "
    "of both sides to the IP identification, a minute later: they are copies, not sent again",
}
"""Captures whose packets are there twice."""

MERGED = {
    f"field/13-merged-captures/{name}.pcap": "the captures of both ends in one file: each is read "
    "by itself here, where tshark takes the second copy of each packet for a retransmission"
    for name in ("large-packets-vanish", "service-stopped", "success")
}
"""Captures that several recorders made and somebody merged; tshark is given each link alone."""

EXPLAINED = [
    Explained(
        f"{_SURICATA}/bug-1450-04/tls_DER-incomplete-header.pcap",
        "certificates",
        "tshark ends the certificate where its broken ASN.1 header does, not where TLS says",
        own=_facts((6, 0, "88b5a112dfe8f4c1c48e8507eb182f397dfbb85b")),
        tshark=_facts((6, 0, "fdb439f46f91946af38bb5cf624dc0cd40ad4b2d")),
    ),
    Explained(
        f"{_SURICATA}/dns-tcp-ts-gap/input.pcap",
        "dns_messages",
        "a segment is missing for good: tshark, told to wait for late ones, reads nothing behind",
        own=_facts((10, 2, False, 0, "www.google.com", 1)),
    ),
    Explained(
        f"{_SURICATA}/output-eve-tftp-01/input.pcap",
        "tftp_files",
        "the content of files that are neither trust list nor configuration is not kept",
        own=_facts((24599, "not kept")),
        tshark=_facts((24599, _RFC1350)),
    ),
    Explained(
        f"{_TCPDUMP}/tftp.pcap",
        "tftp_files",
        "the content of files that are neither trust list nor configuration is not kept",
        own=_facts((1129, "not kept")),
        tshark=_facts(
            (1129, "1b281ae0e0ff9a4934645cc97f2b04b02df893d9e2d119d17619ab7992fad7d2")
        ),
    ),
    Explained(
        f"{_SURICATA}/tftp-tx-handling-wrq/input.pcap",
        "tftp_files",
        "no phone writes files: transfers that begin with a write request are passed over",
        tshark=_facts((24599, _RFC1350)),
    ),
    Explained(
        f"{_TCPDUMP}/tftp-heapoverflow.pcap",
        "tftp_packets",
        "a datagram whose UDP length cannot be, from port 69 and asked for by nobody",
        tshark=_facts((1, 1)),
    ),
    Explained(
        f"{_TCPDUMP}/dns_fwdptr.pcap",
        "dns_messages",
        "the question's name is a chain of forward pointers, which RFC 1035 (4.1.4) forbids",
        own=_facts((1, 51584, True, 15, "<root>", 0)),
        tshark=_facts((1, 51584, True, 15, "<name too long>", 507)),
    ),
    Explained(
        f"{_ZEEK}/mixed-vlan-mpls.pcap",
        "http_requests",
        "a request of HTTP/0.9, which names no version; phones speak HTTP/1.1",
        tshark=_facts((37, "GET", "/")),
    ),
    Explained(
        f"{_ZEEK}/mixed-vlan-mpls.pcap",
        "http_bodies",
        "tshark exports each segment of the answer to the HTTP/0.9 request as an object",
        tshark=_facts(
            (1428, "63a362dfcbc4acce7cedebe942901f83eea524eb7792117f02c0242cb6fdd8f9"),
            (1428, "dfdf3bb2aa9f4e323d1fb1382e069f707a45bbb42bae8998ec8bbd6edb294b82"),
            (573, "551d481dcab5c9c5a54fd0862be8359f8b46ffc550030863aec214f83483b543"),
        ),
    ),
    Explained(
        "field/08-moved-between-clusters/asks-old-tvs.pcap",
        "tftp_files",
        "as above: the files that the copied packets bring are exported once more",
        tshark=_facts(
            (4618, "daa1be54d459550c9784ab830bcdf6774f5a239eb7fdd3af4247e0000c4fc7e9"),
            (7945, "d5e7fd11e6967f8d6d0788270992e366d2e94449ed748cfc31b9c777925f9d48"),
        ),
    ),
    Explained(
        "field/11-tftp-answers-from-another-address/phone-says-port-unreachable.pcap",
        "tftp_packets",
        "first blocks from another address than the one that was asked, which is what is wrong "
        "with them: tshark takes them for no TFTP",
        own=_facts(*((frame, 3) for frame in range(2, 81, 3))),
    ),
    Explained(
        f"{_ZEEK}/tls/https-to-http.pcap",
        "http_bodies",
        "tshark exports the whole answer, status line included, because its request is no HTTP",
        tshark=_facts(
            (468, "47ed9c5fdee2d517652437fab1afcfcdb4fc2f4ce669fe12e9cab74d2c87b94d"),
        ),
    ),
]  # fmt: skip


def explained(capture: str, aspect: str) -> Explained:
    """What may differ in one aspect of a capture: as a rule nothing."""
    for entry in EXPLAINED:
        if (entry.capture, entry.aspect) == (capture, aspect):
            return entry
    return Explained(capture, aspect, "nothing differs")
