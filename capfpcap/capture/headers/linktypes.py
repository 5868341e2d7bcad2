"""Link-layer header types: their names, and the layer a packet of each begins with.

Numbers and names are those of https://www.tcpdump.org/linktypes.html, without ``LINKTYPE_``.
"""

from __future__ import annotations

from capfpcap.capture.headers.layers import Layer

ETHERNET = 1
LINUX_SLL = 113
LINUX_SLL2 = 276

UNDESCRIBED = 1 << 16
"""In place of a link type: a pcapng packet whose interface was not described."""
NO_PACKET = UNDESCRIBED + 1
"""In place of a link type: what has a frame number but is no packet."""
COUNT = NO_PACKET + 1

FIRST_LAYERS: dict[int, int] = {
    0: Layer.NULL,
    ETHERNET: Layer.ETHERNET,
    9: Layer.PPP,
    12: Layer.RAW_IP,
    14: Layer.RAW_IP,
    50: Layer.PPP,
    51: Layer.PPPOE,
    100: Layer.LLC,
    101: Layer.RAW_IP,
    104: Layer.CISCO_HDLC,
    108: Layer.NULL,
    109: Layer.OPENBSD_ENC,
    LINUX_SLL: Layer.LINUX_SLL,
    166: Layer.PPP,
    219: Layer.MPLS,
    228: Layer.IPV4,
    229: Layer.IPV6,
    LINUX_SLL2: Layer.LINUX_SLL2,
    NO_PACKET: Layer.OTHER,
}
"""What is decoded. 12 and 14 are the DLT_RAW that some systems write in place of 101."""

NAMES: dict[int, str] = {
    0: "NULL",
    1: "EN10MB",
    6: "IEEE802",
    8: "SLIP",
    9: "PPP",
    10: "FDDI",
    12: "RAW",
    14: "RAW",
    50: "PPP_SERIAL",
    51: "PPP_ETHER",
    100: "ATM_RFC1483",
    101: "RAW",
    104: "C_HDLC",
    105: "IEEE802_11",
    107: "FRELAY",
    108: "LOOP",
    109: "ENC",
    113: "LINUX_SLL",
    117: "PFLOG",
    119: "PRISM_HEADER",
    127: "IEEE802_11_RADIO",
    143: "DOCSIS",
    147: "USER0",
    148: "USER1",
    149: "USER2",
    163: "IEEE802_11_RADIO_AVS",
    166: "PPP_PPPD",
    177: "LINUX_LAPD",
    187: "BLUETOOTH_HCI_H4",
    189: "USB_LINUX",
    192: "PPI",
    195: "IEEE802_15_4_WITHFCS",
    201: "BLUETOOTH_HCI_H4_WITH_PHDR",
    204: "PPP_WITH_DIR",
    219: "MPLS",
    220: "USB_LINUX_MMAPPED",
    228: "IPV4",
    229: "IPV6",
    230: "IEEE802_15_4_NOFCS",
    239: "NFLOG",
    240: "NETANALYZER",
    249: "USBPCAP",
    252: "WIRESHARK_UPPER_PDU",
    253: "NETLINK",
    258: "PKTAP",
    274: "ETHERNET_MPACKET",
    276: "LINUX_SLL2",
    UNDESCRIBED: "unknown (their interface is not described)",
}


def name(link_type: int) -> str:
    """The name that tcpdump -L gives a link type (``DLT_…``), or its number if it is uncommon."""
    return NAMES.get(link_type, str(link_type))
