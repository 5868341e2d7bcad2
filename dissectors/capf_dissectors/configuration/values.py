"""The values of a configuration as they stand in it, and what they mean."""

from __future__ import annotations

from typing import NamedTuple

from capf_dissectors.configuration.model import (
    CallManager,
    CapfServer,
    PhoneConfiguration,
    TvsServer,
)

MAX_VALUE = 1024
"""Characters kept of one value."""
MAX_CAPF_SERVERS = 5
"""Phones accept no more entries (usecallmanager.nz documentation of ``capfList``)."""
MAX_MEMBERS = 16
"""Entries kept of a list of servers; a group has at most 3 and a survivable gateway."""
_MAX_PORT = 65535
SCALARS = frozenset(
    {
        "fullConfig",
        "encrConfig",
        "capfAuthMode",
        "certHash",
        "deviceSecurityMode",
        "transportLayerProtocol",
        "ipAddressMode",
        "eapAuthentication",
        "disableTLSCiphers",
        "deviceProtocol",
        "loadInformation",
        "loadServer",
        "versionStamp",
    }
)
"""Elements read wherever they stand outside the lists; their first value counts."""


class ListLayout(NamedTuple):
    """How a list of servers is built."""

    entry: str
    """The element of an entry."""
    depth: int
    """The depth of that element, the list's own being 1."""
    most: int
    """How many entries are kept."""


LISTS = {
    "capfList": ListLayout("capf", 2, MAX_CAPF_SERVERS),
    "TVS": ListLayout("member", 3, MAX_MEMBERS),
    "callManagerGroup": ListLayout("member", 3, MAX_MEMBERS),
}
"""Lists of servers."""


class Entry(NamedTuple):
    """An entry of a list of servers."""

    priority: str
    """The attribute; empty where there is none."""
    fields: dict[str, str]
    """The first value of each element."""


class Values(NamedTuple):
    """The text of each element of interest, as long as it is, without blanks around it."""

    scalars: dict[str, str]
    lists: dict[str, list[Entry]]


class Servers(NamedTuple):
    """The lists of servers of one configuration."""

    capf: tuple[CapfServer, ...]
    tvs: tuple[TvsServer, ...]
    call_managers: tuple[CallManager, ...]


def servers(lists: dict[str, list[Entry]]) -> Servers:
    """The servers that the lists name."""
    kept = {name: lists[name][: layout.most] for name, layout in LISTS.items()}
    return Servers(
        tuple(_capf_server(entry.fields) for entry in kept["capfList"]),
        tuple(_tvs_server(entry) for entry in kept["TVS"]),
        tuple(_call_manager(entry) for entry in kept["callManagerGroup"]),
    )


def configuration(scalars: dict[str, str], lists: Servers) -> PhoneConfiguration:
    """The configuration with these values."""
    return PhoneConfiguration(
        full_config=_truth(scalars.get("fullConfig")),
        encr_config=_truth(scalars.get("encrConfig")),
        capf_auth_mode=_number(scalars.get("capfAuthMode")),
        capf_servers=lists.capf,
        cert_hash=_text(scalars.get("certHash")),
        device_security_mode=_number(scalars.get("deviceSecurityMode")),
        transport_layer_protocol=_number(scalars.get("transportLayerProtocol")),
        ip_address_mode=_number(scalars.get("ipAddressMode")),
        eap_authentication=_number(scalars.get("eapAuthentication")),
        disable_tls_ciphers=_text(scalars.get("disableTLSCiphers")),
        device_protocol=_text(scalars.get("deviceProtocol")),
        load_information=_text(scalars.get("loadInformation")),
        load_server=_text(scalars.get("loadServer")),
        version_stamp=_text(scalars.get("versionStamp")),
        tvs_servers=lists.tvs,
        call_managers=lists.call_managers,
    )


def _capf_server(fields: dict[str, str]) -> CapfServer:
    return CapfServer(fields.get("processNodeName", "")[:MAX_VALUE], _port(fields.get("phonePort")))


def _tvs_server(entry: Entry) -> TvsServer:
    fields = entry.fields
    return TvsServer(
        fields.get("address", "")[:MAX_VALUE], _port(fields.get("port")), _number(entry.priority)
    )


def _call_manager(entry: Entry) -> CallManager:
    fields = entry.fields
    return CallManager(
        name=fields.get("name", "")[:MAX_VALUE],
        host=fields.get("processNodeName", "")[:MAX_VALUE],
        sccp_port=_port(fields.get("ethernetPhonePort")),
        sip_port=_port(fields.get("sipPort")),
        secured_sip_port=_port(fields.get("securedSipPort")),
        priority=_number(entry.priority),
    )


def _text(text: str | None) -> str | None:
    return text and text[:MAX_VALUE]


def _number(text: str | None) -> int | None:
    """A number as the schema writes one: ASCII digits, few enough to be one of its values."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return int(text)


def _port(text: str | None) -> int | None:
    number = _number(text)
    return number if number is not None and 0 < number <= _MAX_PORT else None


_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def _truth(text: str | None) -> bool | None:
    return _TRUTHS.get((text or "").lower())
