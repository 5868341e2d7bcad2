"""A web service of the TFTP server that accepts requests for files and answers none."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.enrolment.phone import Asked
from capfpcap.report import Certainty
from capfpcap.rules.connections.session import SERVER_SILENT
from capfpcap.rules.files.unanswered_files import is_delivered
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.model.timeouts import CLIENT_GAVE_UP, FILE_ANSWER, SECOND
from capfpcap.rules.questions.after_load import weight_of_a_file
from capfpcap.rules.questions.wording import restart_remedy, server_of
from capfpcap.services import Service
from capfpcap.timeline.files import TransferState
from capfpcap.vantage.role import SERVERS_OWN

_ANSWERED = (TransferState.COMPLETE, TransferState.NOT_FOUND, TransferState.FAILED)


@SERVER_SILENT.by_phone
def requests_unanswered(case: Case) -> Iterator[Draft]:
    """Requests for files over HTTP that were acknowledged and not answered, and no other answer."""
    answered = {item.transfer.name for item in case.phone.files if item.transfer.state in _ANSWERED}
    silent = [
        item
        for item in case.phone.files
        if _is_unanswered(item) and item.transfer.name not in answered
    ]
    if not silent or _is_served_later(case, silent[0]):
        return
    last = silent[-1]
    longest = max(map(_waited, silent)) / SECOND
    many = f"{len(silent)} requests" if len(silent) > 1 else "1 request"
    yield Draft(
        SERVER_SILENT,
        title=f"{server_of(case, last.flow)} accepts the connection and sends nothing",
        detail=f"{many} for files ({last.transfer.name} was the last): the server acknowledged and "
        f"sent no answer for up to {longest:.1f} s.",
        proofs=tuple(
            proof(item.sighting, item.transfer.first_row, f"request for {item.transfer.name}")
            for item in silent[-MAX_EVIDENCE:]
        ),
        service=Service.HTTP,
        flow=last.flow,
        certainty=Certainty.PROVEN if last.sighting.at.role in SERVERS_OWN else Certainty.LIKELY,
        severity=weight_of_a_file(case, last.transfer.ended),
        remedy=restart_remedy(Service.HTTP),
    )


def _is_served_later(case: Case, silent: Asked) -> bool:
    return is_delivered(
        item for item in case.phone.files if item.transfer.started > silent.transfer.started
    )


def _is_unanswered(item: Asked) -> bool:
    """Whether a server owed an answer to a request that it had received, for long enough."""
    connection = item.sighting.conversation.connection
    if item.transfer.via is not Service.HTTP or item.transfer.state is not TransferState.NO_ANSWER:
        return False
    if connection is None or connection.established_row is None or connection.server.segments:
        return False
    if connection.client.unacknowledged or connection.closed_first_by_server:
        return False
    gave_up = connection.closing_row is not None
    return _waited(item) >= (CLIENT_GAVE_UP if gave_up else FILE_ANSWER)


def _waited(item: Asked) -> int:
    """Nanoseconds from the request until the phone closed, or else the capture ended."""
    connection = item.sighting.conversation.connection
    closing = None if connection is None else connection.closing_row
    end = item.sighting.watched_until if closing is None else item.transfer.time(closing)
    return end - item.transfer.started
