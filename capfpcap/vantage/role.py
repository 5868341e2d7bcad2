"""Where a capture was taken."""

from __future__ import annotations

from enum import Enum


class Role(Enum):
    """The host beside which, or on which, a capture was taken."""

    PHONE = "phone"
    PUBLISHER = "publisher"
    SUBSCRIBER = "subscriber"
    DNS = "dns"
    OTHER = "other"


ALONG_THE_WAY = (Role.PHONE, Role.OTHER, Role.DNS, Role.SUBSCRIBER, Role.PUBLISHER)
"""From the client's end of the path to the server's."""

SERVERS_OWN = frozenset({Role.PUBLISHER, Role.SUBSCRIBER, Role.DNS})
"""Places where what a server sends is captured before anything can befall it."""
