"""EAP over LAN frames, each behind its length in two bytes, as one exchange."""

from __future__ import annotations

from itertools import pairwise

from capf_dissectors.eap import EapPacket, dissect
from capf_dissectors.eap_tls import MAX_SIDE, Exchange

from capfpcap.capture.eapol import read_eapol
from fuzz.answers import check_answer
from fuzz.harness import ROOT, Harness

_RECORDED = ROOT / "captures" / "authenticates-with-mic" / "phone.pcap"


def judge(data: bytes) -> None:
    """Pieces ascend, each from one packet, and there are no more than the limit."""
    exchange, at = Exchange(), 0
    while at + 2 <= len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        frame, at = data[at + 2 : end], end
        packet = dissect(frame)
        check_answer(packet, len(frame))
        if isinstance(packet, EapPacket):
            exchange.add(packet, at)
    for side in (exchange.peer, exchange.server):
        assert all(one.end <= other.offset for one, other in pairwise(side.pieces))
        assert [one.end for one in side.tags] == [piece.end for piece in side.pieces]
        assert not side.pieces or side.pieces[-1].end <= MAX_SIDE


def seeds() -> list[bytes]:
    """A whole exchange, and each of its frames."""
    frames = [frame.data for frame in read_eapol(str(_RECORDED)).frames]
    framed = [len(frame).to_bytes(2, "big") + frame for frame in frames]
    return [b"".join(framed), *framed]


HARNESS = Harness(judge, seeds, longest=1 << 14)
