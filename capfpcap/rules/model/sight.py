"""What a phone shows at a glance, so that only the rules that may find something are run.

In a storm of twenty thousand phones nearly all are healthy. A look at each phone's conversations
costs a fraction of asking every rule; a rule whose code looks for something that is not in sight
would find nothing.
"""

from __future__ import annotations

from enum import Flag, auto
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from capfpcap.enrolment.loaded import is_sound
from capfpcap.rules.model.presented import is_odd
from capfpcap.rules.model.progress import is_complete
from capfpcap.services import Service
from capfpcap.timeline.files import TransferState

if TYPE_CHECKING:
    from capfpcap.enrolment.phone import Phone
    from capfpcap.rules.model.case import Case
    from capfpcap.timeline.conversation import Conversation

_ENDED = (TransferState.COMPLETE, TransferState.NOT_FOUND)


class Sight(Flag):
    """Things that a rule may look for."""

    __hash__ = object.__hash__
    """By identity: each combination is one object."""

    NOTHING = 0
    FAILED_LOOKUP = auto()
    """A question for an address without an address in answer, or with a truncated one."""
    NO_TRUST_LIST = auto()
    """No trust list arrived whole, or none was asked for."""
    BAD_TRUST_LIST = auto()
    """A trust list that does not parse or verify, or names no CAPF server."""
    NO_CONFIGURATION = auto()
    """No configuration arrived whole, or none since the phone started again."""
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
    SEVERAL_LISTS = auto()
    """More than one ITL."""
    OTHER_ADDRESS = auto()
    """TFTP answers from another address than was asked, none acknowledged."""
    UNREADABLE_CONFIGURATION = auto()
    """A configuration that arrived whole, is not encrypted, and cannot be read."""
    NOT_WHOLE = auto()
    """A CAPF session that is not a whole operation."""
    HELD_LIST = auto()
    """An alarm of the phone about the trust lists that it holds."""
    READ = auto()
    """A session of which keys revealed anything."""


def look(case: Case) -> Sight:
    """What one phone shows."""
    seen: set[Sight] = set()
    _look_at_files(case, seen)
    _look_at_connections(case, seen)
    _look_at_sessions(case, seen)
    if case.scene.held and case.phone.name.upper() in case.scene.held:
        seen.add(Sight.HELD_LIST)
    return reduce(or_, seen, Sight.NOTHING) if seen else Sight.NOTHING


def _look_at_files(case: Case, seen: set[Sight]) -> None:
    phone = case.phone
    for asked in phone.lookups:
        if not asked.lookup.addresses or asked.lookup.truncated:
            seen.add(Sight.FAILED_LOOKUP)
    for item in phone.files:
        if item.transfer.state not in _ENDED:
            seen.add(Sight.UNFINISHED_FILE)
        if item.transfer.ignored_other_address:
            seen.add(Sight.OTHER_ADDRESS)
    for loaded in phone.trust_lists:
        if not is_sound(loaded.read):
            seen.add(Sight.BAD_TRUST_LIST)
    if not phone.trust_lists:
        seen.add(Sight.NO_TRUST_LIST)
    elif len(phone.trust_lists) > 1:
        seen.add(Sight.SEVERAL_LISTS)
    _look_at_configurations(phone, seen)
    if not phone.attempts:
        seen.add(Sight.NO_ATTEMPT)


def _look_at_configurations(phone: Phone, seen: set[Sight]) -> None:
    for configuration in phone.configurations:
        if configuration.configuration is None and not configuration.encrypted:
            seen.add(Sight.UNREADABLE_CONFIGURATION)
    if not phone.configurations or _asks_since(phone, phone.configurations[-1].time):
        seen.add(Sight.NO_CONFIGURATION)


def _asks_since(phone: Phone, time: int) -> bool:
    """Whether all the files that a phone asked for, it asked for after a moment."""
    return bool(phone.files) and phone.files[0].transfer.started > time


def _look_at_connections(case: Case, seen: set[Sight]) -> None:
    unreachable = case.scene.unreachable
    for flow in case.phone.flows:
        if unreachable and flow.id in unreachable:
            seen.add(Sight.UNREACHABLE)
        if flow.differs:
            seen.add(Sight.DIFFERENCE)
        conversation = flow.sightings[0].conversation
        connection = conversation.connection
        if connection is None:
            if _repeats(conversation):
                seen.add(Sight.REPETITION)
            continue
        if connection.repeats:
            seen.add(Sight.REPETITION)
        if connection.established_row is None:
            seen.add(Sight.UNANSWERED)


def _repeats(conversation: Conversation) -> bool:
    for transfer in conversation.transfers:
        if transfer.repeated_rows or len(transfer.request_rows) > 1:
            return True
    return any(len(lookup.query_rows) > 1 for lookup in conversation.lookups)


def _look_at_sessions(case: Case, seen: set[Sight]) -> None:
    for progress in case.progresses:
        session = progress.session
        if not progress.work_done:
            seen.add(Sight.UNDONE)
        if session.fatal_alert is not None:
            seen.add(Sight.ALERT)
        if session.tls13:
            seen.add(Sight.TLS13)
        if session.readable:
            seen.add(Sight.READ)
        if session.client_leaf is not None:
            seen.add(Sight.CLIENT_CERTIFICATE)
        if progress.flow.service is Service.CAPF and not is_complete(session):
            seen.add(Sight.NOT_WHOLE)
        if is_odd(case, progress):
            seen.add(Sight.ODD_CERTIFICATE)
