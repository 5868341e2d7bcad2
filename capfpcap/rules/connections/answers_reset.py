"""A phone in whose name every answer of a server is reset before the connection opens."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Certainty
from capfpcap.rules.connections.session import CONNECTION_RESET
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.questions.reset_origin import came_from_elsewhere
from capfpcap.rules.questions.tcp import Opening, came_about_anywhere, openings
from capfpcap.rules.questions.wording import server_of
from capfpcap.vantage.role import Role

FEWEST = 2
"""Answers that are reset; one may answer a SYN that the phone has forgotten."""


@CONNECTION_RESET.by_phone
def answers_reset(case: Case) -> Iterator[Draft]:
    """SYN, SYN-ACK, RST by the phone: again and again."""
    for (service, _), items in openings(case).items():
        if any(came_about_anywhere(item.flow) for item in items):
            continue
        found = [item for item in items if _resets_answers(case, item)]
        proofs = [one for item in found for one in _proofs(item)]
        if len(proofs) < 2 * FEWEST or not (case.phone.is_named or _asks_again(found)):
            continue
        last = found[-1]
        beside = last.sighting.at.role is Role.PHONE
        yield Draft(
            CONNECTION_RESET,
            title=f"The phone resets the connection to {server_of(case, last.flow)} "
            "before it opens",
            detail=f"The SYN-ACKs of {case.server(last.flow)} are answered by RST in the phone's "
            "name: its host knows nothing of the connection that it asked for. A packet filter at "
            "the phone does so, or another device with the same address, to which the answers go.",
            proofs=tuple(proofs[:MAX_EVIDENCE]),
            service=service,
            flow=last.flow,
            certainty=Certainty.PROVEN if beside else Certainty.LIKELY,
            remedy="Compare the MAC addresses of the SYN and of the RST, and look at the switch's "
            "ARP and MAC tables for a second device with the phone's address; look for a packet "
            "filter beside the phone.",
        )


def _resets_answers(case: Case, item: Opening) -> bool:
    connection = item.connection
    return (
        bool(connection.server.syns and connection.client.syns and connection.client.reset_rows)
        and not connection.client.segments
        and not connection.server.reset_rows
        and not came_from_elsewhere(case, item.flow, item.sighting, connection)
    )


def _asks_again(found: list[Opening]) -> bool:
    """Whether the client sends a SYN again, as nobody does who only looks for open ports."""
    return any(len(item.connection.client.syns) > 1 for item in found)


def _proofs(item: Opening) -> list[Proof]:
    """Each answer with the reset behind it."""
    answers, resets = item.connection.server.syns, item.connection.client.reset_rows
    pairs = zip(answers, resets, strict=False)
    return [
        one
        for answer, reset in pairs
        for one in (
            proof(item.sighting, answer, "SYN-ACK"),
            proof(item.sighting, reset, "RST in the phone's name"),
        )
    ]
