"""Files that a phone requests again and again without an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from capfpcap.enrolment.phone import Asked
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.timeouts import SECOND
from capfpcap.services import Service
from capfpcap.timeline.files import FileKind, TransferState, device_name
from capfpcap.vantage.role import Role

_FEWEST_REQUESTS = 3
"""Requests without an answer before a server that answered earlier, or still does, seems out of
reach."""
_AT_ONCE = SECOND // 2
"""Nanoseconds; who hears nothing waits longer than this, TFTP clients a second at the least."""
_AGAIN = 10 * SECOND
"""Nanoseconds in which a phone asks once more for a file that it heard nothing of."""
_NEEDED = (FileKind.ITL, FileKind.CONFIGURATION)
"""Without a CTL a phone enrols all the same."""


def is_delivered(files: Iterable[Asked]) -> bool:
    """Whether any of some transfers brought its file whole."""
    return any(item.transfer.state is TransferState.COMPLETE for item in files)


def silent_files(case: Case) -> list[Asked]:
    """What TFTP servers did not answer the phone, from when on it got no answer of any of them.

    Nothing where it got files otherwise, and nothing of lists of its own that HTTP has said are not
    there. A phone that acknowledges blocks got answers that the capture lacks.
    """
    dispensable = _own_lists_not_there(case.phone.files)
    files = [
        item
        for item in case.phone.files
        if item.transfer.via is Service.TFTP and item.transfer.name not in dispensable
    ]
    heard = [
        number
        for number, item in enumerate(files)
        if not _is_silent(item) or _goes_on_at_once(item, files[number + 1 :])
    ]
    silent = files[heard[-1] + 1 :] if heard else files
    if not silent or (heard and not _is_lasting(silent)):
        return []
    began = silent[0].transfer.started if heard else 0
    others = (item for item in case.phone.files if item.transfer.ended >= began)
    return [] if is_delivered(others) else silent


def _own_lists_not_there(files: Iterable[Asked]) -> set[str]:
    """Names of lists for one device that HTTP answered with file-not-found, as it usually does."""
    return {
        item.transfer.name
        for item in files
        if item.transfer.via is Service.HTTP
        and item.transfer.state is TransferState.NOT_FOUND
        and item.transfer.kind in (FileKind.CTL, FileKind.ITL)
        and device_name(item.transfer.name) is not None
    }


def _is_silent(item: Asked) -> bool:
    transfer = item.transfer
    return transfer.state is TransferState.NO_ANSWER and transfer.last_new_row is None


def _goes_on_at_once(item: Asked, later: Sequence[Asked]) -> bool:
    """Whether a phone asked once for a file, and for another one sooner than silence lets it."""
    transfer = item.transfer
    if not later or len(transfer.request_rows) > 1:
        return False
    pause = later[0].transfer.started - transfer.started
    return 0 <= pause < _AT_ONCE and not any(
        other.transfer.name == transfer.name
        for other in later
        if other.transfer.started - transfer.started < _AGAIN
    )


def _is_lasting(silent: Sequence[Asked]) -> bool:
    """Whether a phone asked often enough for something that it needs."""
    needed = (item for item in silent if item.transfer.kind in _NEEDED)
    return sum(len(item.transfer.request_rows) for item in needed) >= _FEWEST_REQUESTS


def asked_again_and_again(files: Sequence[Asked]) -> bool:
    """Whether a phone repeats requests that were answered, and acknowledges none of the answers.

    A client chooses a port for each transfer (RFC 1350, section 4): who asks again from the same
    one has heard nothing. Beside the phone itself an answer that is seen has arrived.
    """
    answered = Counter(
        item.flow.id
        for item in files
        if item.sighting.at.role is not Role.PHONE
        and item.transfer.answer_row is not None
        and item.transfer.accepted_row is None
    )
    return max(answered.values(), default=0) >= _FEWEST_REQUESTS
