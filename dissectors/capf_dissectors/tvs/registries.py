"""Commands, elements and values of TVS by name, and the words for those without one."""

from __future__ import annotations

from enum import IntEnum


class Command(IntEnum):
    """What a message asks or answers."""

    NONE = 0
    VERIFY_REQUEST = 1
    """May a certificate that the phone has be trusted?"""
    VERIFY_RESPONSE = 2
    QUERY_REQUEST = 3
    """What is known of the certificate of this issuer and serial number?"""
    QUERY_RESPONSE = 4


class Tag(IntEnum):
    """What an element is; 6 is not known."""

    DEVICE_NAME = 1
    CERTIFICATE = 2
    SUBJECT = 3
    ISSUER = 4
    SERIAL = 5
    STATUS = 7
    ROLES = 8
    TTL = 9


class Status(IntEnum):
    """STATUS: whether the certificate may be trusted."""

    VALID = 0
    INVALID = 1


COMMAND_NAMES = {int(command): command.name for command in Command}
ELEMENT_NAMES = {int(tag): tag.name.lower() for tag in Tag}
"""The names of elements in reports, and behind ``tvs.`` in display filters of the plugin."""


def command_name(number: int) -> str:
    """``QUERY_REQUEST``, or ``COMMAND_99``."""
    return COMMAND_NAMES.get(number) or f"COMMAND_{number}"


def element_name(number: int) -> str:
    """``device_name``, or ``element_77``."""
    return ELEMENT_NAMES.get(number) or f"element_{number}"
