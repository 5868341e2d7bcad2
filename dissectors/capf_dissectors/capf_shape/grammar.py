"""The order and the sizes of CAPF messages.

A message is a header of 8 octets and elements with 3 octets of header each. What is typical was
measured on sessions with 15-character device names and keys of RSA 512 to 4096 bits and P-256 to
P-521; servers differ in the elements they send, and so what is allowed is wider.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class CapfMessage(StrEnum):
    """CAPF commands that an operation consists of."""

    AUTH_REQUEST = "AUTH_REQUEST"
    AUTH_RESPONSE = "AUTH_RESPONSE"
    KEYGEN_REQUEST = "KEYGEN_REQUEST"
    KEYGEN_RESPONSE = "KEYGEN_RESPONSE"
    ENCRYPT_REQUEST = "ENCRYPT_REQUEST"
    ENCRYPT_RESPONSE = "ENCRYPT_RESPONSE"
    STORE_CERT_REQUEST = "STORE_CERT_REQUEST"
    STORE_CERT_RESPONSE = "STORE_CERT_RESPONSE"
    FETCH_REQUEST = "FETCH_REQUEST"
    FETCH_RESPONSE = "FETCH_RESPONSE"
    DELETE_REQUEST = "DELETE_REQUEST"
    DELETE_RESPONSE = "DELETE_RESPONSE"
    REQUEST_IN_PROGRESS = "REQUEST_IN_PROGRESS"
    END_SESSION = "END_SESSION"


class Operation(StrEnum):
    """What the server has the phone do with its certificate."""

    INSTALL = "install"
    """Install or upgrade: a new key pair and a new certificate."""
    FETCH = "fetch"
    """Troubleshoot: the server reads the phone's certificate."""
    DELETE = "delete"
    UNKNOWN = "unknown"


class Sizes(NamedTuple):
    """Inclusive ranges of octets."""

    ranges: tuple[tuple[int, int], ...]

    def meet(self, smallest: int, largest: int) -> bool:
        """Whether a size between ``smallest`` and ``largest`` may be one of these."""
        return any(low <= largest and smallest <= high for low, high in self.ranges)


class Step(NamedTuple):
    """One message of an operation."""

    message: CapfMessage
    from_client: bool
    typical: Sizes
    allowed: Sizes
    after_progress: bool = False
    """Whether the sender may first say REQUEST_IN_PROGRESS, once or more often."""


IN_PROGRESS_LENGTH = 8
"""Octets of REQUEST_IN_PROGRESS, a header without elements."""


def _step(
    message: CapfMessage,
    typical: tuple[tuple[int, int], ...],
    allowed: tuple[tuple[int, int], ...],
    *,
    after_progress: bool = False,
) -> Step:
    from_client = message.name.endswith("_RESPONSE")
    return Step(message, from_client, Sizes(typical), Sizes(allowed), after_progress)


END = _step(CapfMessage.END_SESSION, ((12, 12),), ((8, 32),))
_AUTHENTICATION = (
    _step(CapfMessage.AUTH_REQUEST, ((12, 16),), ((8, 48),)),
    _step(CapfMessage.AUTH_RESPONSE, ((28, 64), (900, 5000)), ((20, 220), (500, 9000))),
)
"""The long response carries the certificates that the phone authenticates itself with."""
_KEY_GENERATION = (
    _step(CapfMessage.KEYGEN_REQUEST, ((13, 17),), ((12, 40),)),
    _step(CapfMessage.KEYGEN_RESPONSE, ((100, 570),), ((80, 660),), after_progress=True),
)
_ENCRYPTION = (
    _step(CapfMessage.ENCRYPT_REQUEST, (), ((24, 700),), after_progress=True),
    _step(CapfMessage.ENCRYPT_RESPONSE, (), ((12, 700),), after_progress=True),
)
"""Only Cisco Unified CME has this exchange; its sizes are not documented."""
_STORING = (
    _step(CapfMessage.STORE_CERT_REQUEST, ((420, 2500),), ((300, 8000),), after_progress=True),
    _step(CapfMessage.STORE_CERT_RESPONSE, ((12, 12),), ((8, 32),), after_progress=True),
)
_FETCHING = (
    _step(CapfMessage.FETCH_REQUEST, ((8, 8),), ((8, 20),)),
    _step(CapfMessage.FETCH_RESPONSE, ((420, 2500),), ((300, 8000),), after_progress=True),
)
_DELETION = (
    _step(CapfMessage.DELETE_REQUEST, ((8, 8),), ((8, 20),)),
    _step(CapfMessage.DELETE_RESPONSE, ((12, 12),), ((8, 32),), after_progress=True),
)

_REFUSED_KEY_GENERATION = (
    _KEY_GENERATION[0],
    _step(CapfMessage.KEYGEN_RESPONSE, ((12, 12),), ((8, 32),), after_progress=True),
)
"""A phone that cannot make such a key answers with a reason and no key."""

AUTHENTICATION_STEPS = len(_AUTHENTICATION)
"""How many steps all courses have in common."""


class Course(NamedTuple):
    """The messages of an operation from the first to END_SESSION."""

    operation: Operation
    steps: tuple[Step, ...]
    missing: CapfMessage | None = None
    """What the server would have sent but for END_SESSION; None where the operation is whole."""


def _course(operation: Operation, *steps: Step, missing: CapfMessage | None = None) -> Course:
    return Course(operation, (*_AUTHENTICATION, *steps, END), missing)


COURSES = (
    _course(Operation.INSTALL, *_KEY_GENERATION, *_STORING),
    _course(Operation.INSTALL, *_KEY_GENERATION, *_ENCRYPTION, *_STORING),
    _course(Operation.INSTALL, *_REFUSED_KEY_GENERATION, missing=CapfMessage.STORE_CERT_REQUEST),
    _course(Operation.FETCH, *_FETCHING),
    _course(Operation.DELETE, *_DELETION),
)
"""Every course, the usual one of each operation first."""
