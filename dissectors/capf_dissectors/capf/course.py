"""A decrypted session, followed message by message along the order of CAPF.

What is unexpected is noted and no error: the session goes on from where that message leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from capf_dissectors.capf.registries import Reason, Tag
from capf_dissectors.capf_order import ORDER, TAKE_TIME, Command, Operation, Place, Step
from capf_dissectors.framed import Message

_AT_ANY_TIME = frozenset(
    {
        Command.STATUS_REQUEST,
        Command.STATUS_RESPONSE,
        Command.ABORT_REQUEST,
        Command.ABORT_RESPONSE,
    }
)
"""Said by either side wherever the session stands, which they do not change."""
_EITHER_SIDE = frozenset({Command.ENCRYPT_REQUEST, Command.ENCRYPT_RESPONSE})
"""Who asks and who answers differs between servers."""
_STEPS = tuple(dict.fromkeys(chain.from_iterable(ORDER.values())))
_OPERATION_OF = {
    Command.FETCH_REQUEST: Operation.FETCH,
    Command.FETCH_RESPONSE: Operation.FETCH,
    Command.DELETE_REQUEST: Operation.DELETE,
    Command.DELETE_RESPONSE: Operation.DELETE,
} | dict.fromkeys(
    (
        Command.KEYGEN_REQUEST,
        Command.KEYGEN_RESPONSE,
        Command.ENCRYPT_REQUEST,
        Command.ENCRYPT_RESPONSE,
        Command.STORE_CERT_REQUEST,
        Command.STORE_CERT_RESPONSE,
    ),
    Operation.INSTALL,
)
"""What the session is at, also where the message that began it is missing."""
_GOOD = (Reason.NONE, Reason.OK, None)


class Course:
    """Where a session stands after the messages so far."""

    def __init__(self, *, may_lack: bool = False) -> None:
        self._may_lack = may_lack
        """Whether any message may be missing: then one that is unexpected follows a missing one."""
        self.place: Place | None = Place.BEGUN
        """None behind missing bytes."""
        self.left: Place | None = Place.BEGUN
        """Where it stood before the last message that led elsewhere."""
        self.operation = Operation.UNKNOWN
        """The last that was begun."""
        self.done: tuple[Operation, ...] = ()
        """The operations whose last message was said and gives no reason against it, in order."""
        self.failed = False
        """Whether a message of the last operation, or END_SESSION, gives such a reason."""
        self.last: Command | None = None
        """The last message of a known command."""

    def lose(self) -> None:
        """Messages may be missing here."""
        self.place = None

    def take(self, from_client: bool, message: Message) -> bool:
        """Go on with a message; returns whether the order has it here.

        Behind missing bytes everything is expected.
        """
        try:
            command = Command(message.command)
        except ValueError:
            return False
        self.last = command
        if command in _AT_ANY_TIME:
            return True
        if command is Command.REQUEST_IN_PROGRESS:
            return self._may_lack or self.place is None or self.place in TAKE_TIME
        here = None if self.place is None else _step(ORDER[self.place], from_client, message)
        if here is None and self._may_lack:
            self.lose()
        step = here or _step(_STEPS, from_client, message)
        is_expected = self.place is None or here is not None
        if step is not None:
            self._go(step, message)
        return is_expected

    def _go(self, step: Step, message: Message) -> None:
        """Note where a message leads. A phone without a certificate to fetch fails nothing."""
        self.left, self.place = self.place, step.to
        if step.operation is not None:
            self.failed = False
        self.operation = _OPERATION_OF.get(step.command, self.operation)
        has_nothing = step.command is Command.FETCH_RESPONSE
        is_bad = not has_nothing and message.number(Tag.REASON) not in _GOOD
        self.failed = self.failed or is_bad or step.to is Place.KEY_DENIED
        if step.to is Place.DONE and not is_bad:
            self.done = (*self.done, self.operation)


def _step(steps: Iterable[Step], from_client: bool, message: Message) -> Step | None:
    """The step that a message is."""
    return next(_fitting(steps, from_client, message), None)


def _fitting(steps: Iterable[Step], from_client: bool, message: Message) -> Iterator[Step]:
    has_key = message.value(Tag.PUBLIC_KEY) is not None
    for step in steps:
        if step.command != message.command:
            continue
        if step.from_client != from_client and step.command not in _EITHER_SIDE:
            continue
        if step.command is Command.KEYGEN_RESPONSE and (step.to is Place.KEY_MADE) != has_key:
            continue
        yield step
