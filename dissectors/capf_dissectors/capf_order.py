"""Who may say what when in a CAPF session: places, and the messages that lead from one to the next.

The server speaks first. It asks for authentication, has the phone do an operation or several, and
ends. Decrypted messages are followed along this table, and encrypted ones are told by it and their
sizes (:mod:`capf_dissectors.capf_shape`). What is said elsewhere is unexpected, and no error.
"""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum

from msgspec import Struct


class Command(IntEnum):
    """What a message asks or answers."""

    AUTH_REQUEST = 1
    AUTH_RESPONSE = 2
    KEYGEN_REQUEST = 3
    KEYGEN_RESPONSE = 4
    ENCRYPT_REQUEST = 5
    ENCRYPT_RESPONSE = 6
    DECRYPT_REQUEST = 7
    DECRYPT_RESPONSE = 8
    STORE_CERT_REQUEST = 9
    STORE_CERT_RESPONSE = 10
    FETCH_REQUEST = 11
    FETCH_RESPONSE = 12
    DELETE_REQUEST = 13
    DELETE_RESPONSE = 14
    END_SESSION = 15
    RETRY_LATER = 16
    REQUEST_IN_PROGRESS = 17
    STATUS_REQUEST = 18
    STATUS_RESPONSE = 19
    ABORT_REQUEST = 20
    ABORT_RESPONSE = 21
    SIGN_CERT_REQUEST = 22
    SIGN_CERT_RESPONSE = 23


COMMAND_NAMES = {int(command): command.name for command in Command}


def command_name(number: int) -> str:
    """``AUTH_REQUEST``, or ``COMMAND_99``."""
    return COMMAND_NAMES.get(number) or f"COMMAND_{number}"


class Operation(StrEnum):
    """What the server has the phone do with its certificate."""

    INSTALL = "install"
    """Install or upgrade: a new key pair and a new certificate."""
    FETCH = "fetch"
    """Troubleshoot: the server reads the phone's certificate."""
    DELETE = "delete"
    UNKNOWN = "unknown"


class Place(Enum):
    """Where a session stands."""

    BEGUN = 1
    AUTHENTICATION_ASKED = 2
    AUTHENTICATED = 3
    KEY_ASKED = 4
    KEY_MADE = 5
    KEY_DENIED = 6
    ENCRYPTION_ASKED = 7
    ENCRYPTED = 8
    STORING_ASKED = 9
    FETCH_ASKED = 10
    DELETION_ASKED = 11
    DONE = 12
    """An operation is done; the server may begin the next one."""
    ENDED = 13


class Step(Struct, frozen=True, cache_hash=True):
    """One message, and where it leads."""

    command: Command
    to: Place
    operation: Operation | None = None
    """What the message begins."""

    @property
    def from_client(self) -> bool:
        """Whether the phone says it."""
        return self.command.name.endswith("_RESPONSE")


_C, _P = Command, Place
_BEGIN = (
    Step(_C.KEYGEN_REQUEST, _P.KEY_ASKED, Operation.INSTALL),
    Step(_C.FETCH_REQUEST, _P.FETCH_ASKED, Operation.FETCH),
    Step(_C.DELETE_REQUEST, _P.DELETION_ASKED, Operation.DELETE),
)
_STORE, _END = Step(_C.STORE_CERT_REQUEST, _P.STORING_ASKED), Step(_C.END_SESSION, _P.ENDED)

ORDER: dict[Place, tuple[Step, ...]] = {
    _P.BEGUN: (Step(_C.AUTH_REQUEST, _P.AUTHENTICATION_ASKED),),
    _P.AUTHENTICATION_ASKED: (Step(_C.AUTH_RESPONSE, _P.AUTHENTICATED),),
    _P.AUTHENTICATED: (*_BEGIN, _END, Step(_C.RETRY_LATER, _P.ENDED)),
    _P.KEY_ASKED: (
        Step(_C.KEYGEN_RESPONSE, _P.KEY_MADE),
        Step(_C.KEYGEN_RESPONSE, _P.KEY_DENIED),
    ),
    _P.KEY_MADE: (_STORE, Step(_C.ENCRYPT_REQUEST, _P.ENCRYPTION_ASKED), _END),
    _P.KEY_DENIED: (_END,),
    _P.ENCRYPTION_ASKED: (Step(_C.ENCRYPT_RESPONSE, _P.ENCRYPTED),),
    _P.ENCRYPTED: (_STORE, _END),
    _P.STORING_ASKED: (Step(_C.STORE_CERT_RESPONSE, _P.DONE),),
    _P.FETCH_ASKED: (Step(_C.FETCH_RESPONSE, _P.DONE),),
    _P.DELETION_ASKED: (Step(_C.DELETE_RESPONSE, _P.DONE),),
    _P.DONE: (*_BEGIN, _END),
    _P.ENDED: (),
}
"""Who may say what where, the usual message first.

Only Cisco Unified CME has the ENCRYPT exchange. A phone that cannot make a key answers with a
reason and no key, and one that has no certificate to show likewise.
"""

CLIENTS_TURN = frozenset(place for place, steps in ORDER.items() if steps and steps[0].from_client)
"""Places at which the phone is to speak."""

TAKE_TIME = frozenset(
    {
        _P.KEY_ASKED,
        _P.KEY_MADE,
        _P.ENCRYPTION_ASKED,
        _P.ENCRYPTED,
        _P.STORING_ASKED,
        _P.FETCH_ASKED,
        _P.DELETION_ASKED,
    }
)
"""Places at which who is to speak may first say REQUEST_IN_PROGRESS, once or more often."""

AWAITED: dict[Place, Command | None] = {
    place: steps[0].command if steps else None for place, steps in ORDER.items()
} | {
    _P.AUTHENTICATED: None,
    _P.KEY_DENIED: _C.STORE_CERT_REQUEST,
    _P.DONE: _C.END_SESSION,
}
"""What has to come next; None where that depends on the operation, or nothing has to."""
