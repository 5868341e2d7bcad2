"""Connections that something on the way accepts in a server's name and cannot hand on."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Certainty
from capfpcap.rules.connections.session import SERVER_SILENT
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.timeouts import LAST_REPETITION
from capfpcap.rules.questions.wording import in_its_place, server_of

_FEWEST_PROBES = 2
"""Bare packets of the phone behind the end of the handshake: it asks for leave to send."""
_REMEDY = (
    "Look for a firewall between phone and server that answers connection requests itself (SYN "
    "proxy, SYN flood protection), and for what stops its own requests to the server; check on the "
    "server that the service runs. A capture at the server shows what arrives."
)


@SERVER_SILENT.by_phone
def window_never_opens(case: Case) -> Iterator[Draft]:
    """A SYN-ACK with a window of 0, and nothing after it.

    A SYN proxy answers so until the server behind it has answered.
    """
    shut = [progress for progress in case.progresses if _is_shut(progress)]
    if not shut:
        return
    last = shut[-1]
    proofs = []
    for progress in shut:
        connection = progress.session.connection
        answer, probe = connection.server.syns[0], connection.client.last_row
        proofs.append(proof(progress.sighting, answer, "SYN-ACK with a window of 0"))
        if probe is not None:
            proofs.append(proof(progress.sighting, probe, "the window is still closed"))
    tries = f"; so in {len(shut)} connections" if len(shut) > 1 else ""
    yield Draft(
        SERVER_SILENT,
        title=f"{server_of(case, last.flow)} accepts the connection and keeps its window closed",
        detail="The SYN-ACK announces a window of 0 bytes, and no packet follows it that opens "
        "the window. A firewall that answers in the server's place does so while the "
        f"server itself does not answer{tries}{in_its_place(last.flow) or '.'}",
        proofs=tuple(proofs[-MAX_EVIDENCE:]),
        service=last.flow.service,
        flow=last.flow,
        certainty=Certainty.LIKELY,
        remedy=_REMEDY,
    )


def _is_shut(progress: Progress) -> bool:
    """Whether the phone asked long enough for leave to send, and never got it."""
    connection = progress.session.connection
    if connection.established_row is None or not connection.never_opened:
        return False
    client = connection.client
    asked = client.packets - len(client.syns) - 1
    waited = progress.sighting.watched_until - progress.time(connection.established_row)
    return asked >= _FEWEST_PROBES and waited >= LAST_REPETITION
