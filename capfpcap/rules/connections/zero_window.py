"""A server whose host is up and whose service does not read what comes."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.rules.connections.session import SERVER_SILENT, sessions_by_service
from capfpcap.rules.connections.shut_window import is_full, shut_rows
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.model.timeouts import SECOND
from capfpcap.rules.questions.wording import restart_remedy, server_of


@SERVER_SILENT.by_phone
def server_takes_nothing(case: Case) -> Iterator[Draft]:
    """The server's host keeps its window shut until the phone gives up."""
    full = sessions_by_service(case, lambda progress: is_full(progress) and not progress.silent)
    for service, found in full.items():
        last = found[-1]
        shut = {item.flow.id: shut_rows(item, from_client=False) for item in found}
        waited = last.waited(shut[last.flow.id][0])[0]
        times = f"; so in {len(found)} connections" if len(found) > 1 else ""
        yield Draft(
            SERVER_SILENT,
            title=f"{server_of(case, last.flow)} accepts the connection and takes no more data",
            detail=f"For {waited / SECOND:.1f} s the server announced a receive window of zero"
            f"{times}: its host is up and its service does not read what came.",
            proofs=tuple(
                proof(item.sighting, row, "the server's window is zero")
                for item in found
                for row in shut[item.flow.id]
            )[:MAX_EVIDENCE],
            service=service,
            flow=last.flow,
            remedy=restart_remedy(service),
        )
