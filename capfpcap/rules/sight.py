"""What a phone shows at a glance, so that only the rules that may find something are run.

In a storm of twenty thousand phones nearly all are healthy. A look at each phone's conversations
costs a fraction of asking every rule; a rule whose code looks for something that is not in sight
would find nothing.
"""

from __future__ import annotations

from enum import Flag, auto
from typing import TYPE_CHECKING

from capfpcap.enrolment.loaded import is_sound
from capfpcap.rules.presented import is_odd
from capfpcap.timeline.files import TransferState

if TYPE_CHECKING:
    from capfpcap.rules.case import Case
    from capfpcap.timeline.conversation import Conversation

_ENDED = (TransferState.COMPLETE, TransferState.NOT_FOUND)


class Sight(Flag):
    """Things that a rule may look for."""

    NOTHING = 0
    FAILED_LOOKUP = auto()
    """A question for an address without an address in answer."""
    NO_TRUST_LIST = auto()
    """No trust list arrived whole, or none was asked for."""
    BAD_TRUST_LIST = auto()
    """A trust list that does not parse or verify, or names no CAPF server."""
    NO_CONFIGURATION = auto()
    UNFINISHED_FILE = auto()
    """A transfer that ended neither well nor with file-not-found."""
    UNANSWERED = auto()
    """A TCP connection that did not come about, or one without packets of one side."""
    UNREACHABLE = auto()
    """An ICMP error about one of the phone's packets."""
    UNDONE = auto()
    """A connection that did not reach what it was for."""
    ALERT = auto()
    """A readable fatal alert."""
    TLS13 = auto()
    ODD_CERTIFICATE = auto()
    """A CAPF certificate out of its time, near its end, weak, or not the trust list's."""
    CLIENT_CERTIFICATE = auto()
    DIFFERENCE = auto()
    """A flow that two captures show differently."""
    REPETITION = auto()
    """Data, questions or requests that were sent again."""
    NO_ATTEMPT = auto()
    """No connection to CAPF."""


def look(case: Case) -> Sight:
    """What one phone shows."""
    return _of_files(case) | _of_connections(case) | _of_sessions(case)


def _of_files(case: Case) -> Sight:
    phone, sight = case.phone, Sight.NOTHING
    if any(not item.lookup.addresses for item in phone.lookups):
        sight |= Sight.FAILED_LOOKUP
    if not phone.trust_lists:
        sight |= Sight.NO_TRUST_LIST
    if not phone.configurations:
        sight |= Sight.NO_CONFIGURATION
    if not phone.attempts:
        sight |= Sight.NO_ATTEMPT
    if not all(is_sound(item.read) for item in phone.trust_lists):
        sight |= Sight.BAD_TRUST_LIST
    if any(item.transfer.state not in _ENDED for item in phone.files):
        sight |= Sight.UNFINISHED_FILE
    return sight


def _of_connections(case: Case) -> Sight:
    sight = Sight.NOTHING
    unreachable = case.scene.unreachable
    for flow in case.phone.flows:
        if unreachable and flow.id in unreachable:
            sight |= Sight.UNREACHABLE
        if flow.differs:
            sight |= Sight.DIFFERENCE
        if _repeats(flow.first.conversation):
            sight |= Sight.REPETITION
        connection = flow.first.conversation.connection
        if connection is not None and connection.established_row is None:
            sight |= Sight.UNANSWERED
    return sight


def _repeats(conversation: Conversation) -> bool:
    connection = conversation.connection
    if connection is not None:
        return connection.repeats
    for transfer in conversation.transfers:
        if transfer.repeated_rows or len(transfer.request_rows) > 1:
            return True
    return any(len(lookup.query_rows) > 1 for lookup in conversation.lookups)


def _of_sessions(case: Case) -> Sight:
    sight = Sight.NOTHING
    for progress in case.progresses:
        session = progress.session
        if not progress.work_done:
            sight |= Sight.UNDONE
        if session.fatal_alert is not None:
            sight |= Sight.ALERT
        if session.tls13:
            sight |= Sight.TLS13
        if session.client_leaf is not None:
            sight |= Sight.CLIENT_CERTIFICATE
        if is_odd(case, progress):
            sight |= Sight.ODD_CERTIFICATE
    return sight
