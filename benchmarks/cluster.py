"""The cluster that the phones belong to: hosts, certificates, trust lists and configurations."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import Enum

from benchmarks.keys import Identity, make_identity
from benchmarks.packets import Host
from benchmarks.templates import Quantity, Template, hole
from benchmarks.trust_files import SignedConfiguration, record, trust_list
from captures.lab.trust_rows import Function

PUBLISHER_NAME = "cucm-pub.example.com"
MISSPELT_NAME = "cucm-pbu.example.com"
"""What the configuration of the phones says whose CAPF name does not exist."""
PUBLISHER = "10.122.138.102"
SUBSCRIBER = "10.122.138.103"
NAME_SERVER = "10.122.138.53"
ROUTER_MAC = bytes.fromhex("001b54aa1001")
SERVERS_ROUTER_MAC = bytes.fromhex("001b54aa2001")
SERVER_MAC = bytes.fromhex("005056b71102")
HOPS = 3
"""Routers between the phones' network and the servers'."""
LINUX_TTL = 64
LIST_TIME = 1_767_225_600
"""When trust list and configurations were signed: 2026-01-01 00:00 UTC."""
CAPTURE_BEGINS = 1_772_434_800
"""When the captures begin: 2026-03-02 07:00 UTC."""

CONFIGURATION = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<device xsi:type="axl:XIPPhone" ctiid="112">\n'
    "<fullConfig>true</fullConfig>\n<deviceProtocol>SIP</deviceProtocol>\n"
    "<ipAddressMode>0</ipAddressMode>\n<devicePool>\n<name>DP-UTRECHT</name>\n"
    "<dateTimeSetting><dateTemplate>D-M-YA</dateTemplate>"
    "<timeZone>W. Europe Standard/Daylight Time</timeZone></dateTimeSetting>\n"
    "<callManagerGroup><members>"
    '<member priority="0"><callManager><ports><ethernetPhonePort>2000</ethernetPhonePort>'
    "<sipPort>5060</sipPort><securedSipPort>5061</securedSipPort></ports>"
    "<processNodeName>10.122.138.102</processNodeName></callManager></member>"
    "</members></callManagerGroup>\n</devicePool>\n"
    '<TVS><members><member priority="0"><port>2445</port><address>10.122.138.102</address>'
    "</member></members></TVS>\n"
    "<sipProfile><phoneLabel>SEP{device}</phoneLabel></sipProfile>\n"
    "<loadInformation>sip88xx.14-2-1-0004-14</loadInformation>\n"
    "<deviceSecurityMode>1</deviceSecurityMode>\n"
    "<transportLayerProtocol>2</transportLayerProtocol>\n"
    "<capfAuthMode>2</capfAuthMode>\n<capfList><capf><phonePort>3804</phonePort>"
    "<processNodeName>{capf}</processNodeName></capf></capfList>\n"
    "<certHash></certHash>\n<encrConfig>false</encrConfig>\n</device>\n"
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The identities of one cluster, the same for the same seed."""

    call_manager: Identity
    recovery: Identity
    capf: Identity
    former_capf: Identity
    """CAPF's certificate before it was regenerated."""
    tvs: Identity

    def trust_list(self, capf: Identity) -> bytes:
        """The list that names ``capf``'s certificate, in the manner of release 11.5."""
        host = PUBLISHER_NAME
        return trust_list(
            [
                record(Function.SAST, self.recovery, host, whole=True),
                record(Function.CCM_TFTP, self.call_manager, host, whole=True),
                record(Function.CAPF, capf, host, whole=False),
                record(Function.TVS, self.tvs, host, whole=False),
            ],
            self.call_manager,
            LIST_TIME,
        )

    def configuration(self, capf_host: str) -> SignedConfiguration:
        """Every phone's configuration; it names ``capf_host`` as the host of CAPF."""
        before, after = CONFIGURATION.replace("{capf}", capf_host).split("{device}")
        xml = before.encode() + hole(Quantity.DEVICE, 12) + after.encode()
        return SignedConfiguration(xml, self.call_manager, LIST_TIME)


@functools.cache
def make_cluster(seed: int) -> Cluster:
    """The cluster of a seed; its five keys take a second or two."""
    return Cluster(
        call_manager=make_identity("cucm-pub", seed),
        recovery=make_identity("ITLRECOVERY_cucm-pub", seed),
        capf=make_identity("CAPF-7d1a02c4", seed),
        former_capf=make_identity("CAPF-33e9b850", seed),
        tvs=make_identity("TVS-cucm-pub", seed),
    )


class Vantage(Enum):
    """Where a capture is made: on the phones' network, or at the publisher's port."""

    PHONES = "phone"
    PUBLISHER = "publisher"


def server(address: str, vantage: Vantage = Vantage.PHONES) -> Host:
    """A server as it is seen from ``vantage``."""
    near = vantage is Vantage.PUBLISHER
    return Host(
        mac=Template(SERVER_MAC if near else ROUTER_MAC),
        address=Template(packed(address)),
        ttl=LINUX_TTL - (0 if near else HOPS),
        identification=Quantity.SERVER_IDENTIFICATION,
    )


def phone(vantage: Vantage = Vantage.PHONES) -> Host:
    """The phone (or other client) as it is seen from ``vantage``."""
    near = vantage is Vantage.PHONES
    return Host(
        mac=hole(Quantity.MAC, 6) if near else Template(SERVERS_ROUTER_MAC),
        address=hole(Quantity.ADDRESS, 4),
        ttl=LINUX_TTL - (0 if near else HOPS),
        identification=Quantity.CLIENT_IDENTIFICATION,
    )


def packed(address: str) -> bytes:
    """The four octets of an IPv4 address."""
    return bytes(int(part) for part in address.split("."))
