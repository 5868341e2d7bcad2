"""What a phone's configuration says."""

from __future__ import annotations

from typing import NamedTuple


class CapfServer(NamedTuple):
    """An entry of ``capfList``."""

    host: str
    """``processNodeName``: a name or an address."""
    port: int | None
    """``phonePort``; without one a phone takes 3804."""


class TvsServer(NamedTuple):
    """A member of ``TVS``, to be tried in the order of ``priority``, lowest first."""

    host: str
    port: int | None
    priority: int | None


class CallManager(NamedTuple):
    """A member of ``callManagerGroup``, to be tried in the order of ``priority``."""

    name: str
    host: str
    """``processNodeName``: a name or an address."""
    sccp_port: int | None
    """``ethernetPhonePort``."""
    sip_port: int | None
    secured_sip_port: int | None
    priority: int | None


class PhoneConfiguration(NamedTuple):
    """What a configuration says; ``None`` where it says nothing, or no number where one belongs."""

    full_config: bool | None
    """False in the short file that a phone without a certificate gets before the encrypted one."""
    encr_config: bool | None
    capf_auth_mode: int | None
    """0 none pending, 1 by string, 2 by null string, 3 by LSC first, 4 by MIC first."""
    capf_servers: tuple[CapfServer, ...]
    cert_hash: str | None
    """MD5 of the phone's certificate in hexadecimal; empty without an LSC."""
    device_security_mode: int | None
    """1 non-secure, 2 authenticated, 3 encrypted."""
    transport_layer_protocol: int | None
    """1 TCP, 2 UDP, 3 TLS."""
    ip_address_mode: int | None
    """0 IPv4, 1 IPv6, 2 both."""
    eap_authentication: int | None
    disable_tls_ciphers: str | None
    device_protocol: str | None
    load_information: str | None
    load_server: str | None
    version_stamp: str | None
    tvs_servers: tuple[TvsServer, ...]
    call_managers: tuple[CallManager, ...]
