"""What a packet's next header is, as one number, and the limits of unwrapping."""

from __future__ import annotations

from enum import IntEnum


class Layer(IntEnum):
    """The header that stands at a packet's current place.

    Three number spaces share 16 bits and never meet: IP protocol numbers (IANA) up to 255,
    EtherTypes (IEEE 802) from 0x0600, and between them what has no number of its own.
    """

    HOP_BY_HOP = 0
    ICMP = 1
    IPV4_IN_IP = 4
    TCP = 6
    UDP = 17
    IPV6_IN_IP = 41
    ROUTING = 43
    IPV6_FRAGMENT = 44
    GRE = 47
    ESP = 50
    AUTHENTICATION = 51
    ICMPV6 = 58
    DESTINATION_OPTIONS = 60
    ETHERNET_IN_IP = 97
    L2TP_IN_IP = 115
    MOBILITY = 135
    ETHERNET_BEHIND_IP = 143

    ETHERNET = 0x100
    LINUX_SLL = 0x101
    LINUX_SLL2 = 0x102
    RAW_IP = 0x103
    NULL = 0x104
    LLC = 0x105
    PPP = 0x106
    CISCO_HDLC = 0x107
    VXLAN = 0x108
    GENEVE = 0x109
    OPENBSD_ENC = 0x10A
    TZSP = 0x10B
    GTP_U = 0x10C
    L2TP = 0x10D
    VXLAN_GPE = 0x10E
    CAPWAP = 0x10F
    """Frames of wireless stations, which are not decoded."""
    PEEKREMOTE = 0x110
    """As these, from an access point that records for others."""
    ESP_IN_UDP = 0x111
    UNSUPPORTED = 0x1F0
    """A link type that is not decoded."""
    FRAGMENT = 0x1F1
    """A fragment of an IP datagram that was split."""
    TRUNCATED = 0x1F2
    """The header is not wholly in the packet."""
    MALFORMED = 0x1F3
    """The header contradicts itself."""
    OTHER = 0x1F4
    """A header that leads to no IP packet."""

    IPV4 = 0x0800
    TRANSPARENT_ETHERNET = 0x6558
    VLAN = 0x8100
    PPP_IN_GRE = 0x880B
    IPV6 = 0x86DD
    MPLS = 0x8847
    MPLS_UPSTREAM = 0x8848
    PPPOE = 0x8864
    SERVICE_VLAN = 0x88A8
    BACKBONE_SERVICE = 0x88E7
    ERSPAN = 0x88BE
    """GRE protocol of ERSPAN types I and II."""
    ERSPAN_III = 0x22EB
    CISCO_METADATA = 0x8909
    """Cisco TrustSec security group tag in the frame."""
    VN_TAG = 0x8926
    """Cisco VN-Tag (IEEE 802.1BR's forerunner)."""
    LEGACY_VLAN = 0x9100


MAX_LAYERS = 24
"""Headers that are unwrapped in one packet, tags and IPv6 extension headers counted; what is
nested deeper is passed over."""

VLAN_TAGS = (Layer.VLAN, Layer.SERVICE_VLAN, Layer.LEGACY_VLAN)
"""EtherTypes behind which a tag control information field stands (IEEE 802.1Q, 802.1ad)."""
