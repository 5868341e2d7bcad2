"""What a phone's screen says of a failed operation (Settings > Status > Status Messages)."""

from __future__ import annotations

from enum import Enum

from capfpcap.services import Purpose, Service


class Screen(Enum):
    """The status messages; the value is the message to the letter."""

    NO_VALID_SERVER = "No valid CAPF server"
    CONNECTION_FAILED = "LSC: Connection Failed"
    TOO_LATE = "LSC: Failed (User Initiated Request Late/Timeout)"
    PENDING = "Operation Pending"


class NameOf(Enum):
    """Whose name a phone asks DNS for; the value is the word for it."""

    CAPF = "CAPF"
    TVS = "TVS"
    CUCM = "CUCM"
    UNKNOWN = "a server"
    """No configuration in the captures says what the name is for."""


class ScreenRule(Enum):
    """A message that depends on what the finding is about."""

    BY_SERVICE = "by service"
    """On the service whose connection fails."""
    BY_NAME = "by name"
    """On whose name it is that leads nowhere."""


ScreenDecision = Screen | ScreenRule | None
"""What a code decides; None: nothing that the screen would tell."""

_BY_PURPOSE = {Purpose.ENROLMENT: Screen.CONNECTION_FAILED, Purpose.TRUST: Screen.PENDING}
_BY_NAME = {
    NameOf.CAPF: Screen.NO_VALID_SERVER,
    NameOf.TVS: Screen.PENDING,
    NameOf.CUCM: Screen.PENDING,
    NameOf.UNKNOWN: Screen.PENDING,
}


def screen_of(
    decision: ScreenDecision, service: Service | None, name_of: NameOf | None
) -> Screen | None:
    """The message for one finding, from what its code declares."""
    match decision:
        case ScreenRule.BY_SERVICE:
            return None if service is None else _BY_PURPOSE.get(service.facts.purpose)
        case ScreenRule.BY_NAME:
            return _BY_NAME[name_of or NameOf.UNKNOWN]
        case _:
            return decision
