"""The inventory: every phone with the certificates that it showed.

Its JSON rendering is a contract like the report's: keys are always present, what is not known is
null, and a field is never given another meaning.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from capfpcap.report import Capture, Certificate, Endpoint, Tool

SCHEMA_VERSION = 1


class Shown(Enum):
    """Where a certificate was seen."""

    SIP_TLS = "sip-tls"
    SCCP_TLS = "sccp-tls"
    TVS = "tvs"
    CAPF = "capf"
    """A connection to CAPF: the phone's own certificate in TLS, or inside with keys."""
    EAP_TLS = "eap-tls"
    """IEEE 802.1X, to the switch."""


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A frame."""

    capture: str
    """:attr:`Capture.id`."""
    frame: int
    """From 1, in that capture, as Wireshark counts."""
    time: str


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One place at which a phone showed a certificate."""

    service: Shown
    server: Endpoint | None
    """Null for ``eap-tls``."""
    authenticator: str | None
    """The MAC address of the switch, for ``eap-tls``."""
    message: str | None
    """The CAPF message that holds it, where it was inside CAPF."""
    times: int
    """How often it was shown there."""
    first: Spot
    last: Spot


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that a phone showed."""

    certificate: Certificate
    """Its ``kind`` tells by the issuer whether it is an LSC, a MIC or another one."""
    days_left: int | None
    """Whole days from :attr:`Inventory.at` until it expires, negative after; null where unknown."""
    uses: tuple[Use, ...]
    """In the order in which they were seen first."""


class InventoryPhone(msgspec.Struct, frozen=True, kw_only=True):
    """A phone."""

    name: str
    """Device name, or an address or a MAC address where nothing tells the name."""
    mac: str | None
    addresses: tuple[str, ...]
    certificates: tuple[Held, ...]
    """The last shown first; none where none was seen."""
    hidden: int
    """Sessions in which a certificate may have been shown that TLS 1.3 encrypts."""


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that ``capfpcap inventory`` has to say."""

    schema_version: int
    tool: Tool
    at: str | None
    """The moment from which days are counted: the captures' last packet, or as asked for."""
    captures: tuple[Capture, ...]
    phones: tuple[InventoryPhone, ...]
    notes: tuple[str, ...]
