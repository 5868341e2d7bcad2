"""What phones behind one address have done together, where no packet tells whose a connection is.

Which of them enrolled is not known then, but how many did: a phone installs its certificate once.
"""

from __future__ import annotations

from capf_dissectors.capf_shape import Operation

from capfpcap.enrolment.phone import Phone
from capfpcap.enrolment.shared import Sharing
from capfpcap.rules.model.case import Case, Scene
from capfpcap.rules.model.progress import is_complete
from capfpcap.rules.questions.wording import first_ones

_NOTHING = Sharing([], all_enrolled=False)


def sharing(case: Case) -> Sharing:
    """What the phones did that may have made a phone's connections; of these phones' likewise."""
    name = case.phone.name if case.phone.is_several else case.phone.shared_with
    shared = None if name is None else case.scene.phones_by_name.get(name)
    if name is None or shared is None:
        return _NOTHING
    known = case.scene.sharing
    if name not in known:
        known[name] = _between(shared, case.scene)
    return known[name]


def _between(shared: Phone, scene: Scene) -> Sharing:
    phones = (scene.phones_by_name.get(name) for name in shared.stands_for)
    open_ = sum(not _enrolments(phone) for phone in phones if phone is not None)
    enrolments = _enrolments(shared)
    return Sharing(enrolments, all_enrolled=bool(enrolments) and len(enrolments) >= open_)


def _enrolments(phone: Phone) -> list[tuple[int, Operation]]:
    return [
        (flow.started, session.shape.operation)
        for flow in phone.attempts
        if (session := flow.best.conversation.session) is not None and is_complete(session)
    ]


def neighbours_in_words(case: Case) -> str:
    """The phones for which an address stands, and how many of them enrolled."""
    address = case.phone
    enrolled = len(sharing(case).enrolments)
    times = "once" if enrolled == 1 else f"{enrolled} times"
    done = f", and an operation was completed {times}" if enrolled else ""
    return f"{first_ones(address.stands_for)} share the address {address.addresses[0]}{done}"
