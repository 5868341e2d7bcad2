"""Documents that say what codes rest on: public ones, by the number that they have."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """One document; the value is what a page shows of it."""

    SECURITY_BY_DEFAULT = "Cisco document 116232: Security By Default and ITL"
    ITL_RESET = "Cisco document 117598: ITL enhancements, bulk ITL reset"
    CTL = "Cisco document 118893: CTL, tokenless CTL"
    TVS = "Cisco document 118699: corporate directory and TVS"
    MIC_AND_LSC = "Cisco document 200860: LSC and MIC, questions and answers"
    INSTALL_LSC = "Cisco document 213295: install an LSC on a phone"
    MIGRATE = "Cisco document 213407: migrate phones between secure clusters"
    REGENERATE = "Cisco document 214231: certificate regeneration in CUCM"
    SECURITY_GUIDE = "Security Guide for CUCM, chapter Certificate Authority Proxy Function"
    TROUBLESHOOTING = "Troubleshooting Guide for CUCM, trace codes of CAPF"
    PORTS = "Port usage of CUCM (System Configuration Guide)"
    FROZEN_CAPF = "Cisco bug CSCub62243"
    DNS = "RFC 1035: domain names"
    NEGATIVE_ANSWERS = "RFC 2308: negative answers of DNS"
    TFTP = "RFC 1350: TFTP"
    HTTP = "RFC 9110: HTTP"
    TCP = "RFC 9293: TCP"
    RETRANSMISSION = "RFC 6298: the retransmission timer of TCP"
    ICMP = "RFC 792: ICMP"
    ICMP_V6 = "RFC 4443: ICMP for IPv6"
    IP = "RFC 791: IP"
    PATH_MTU = "RFC 2923: TCP problems with path MTU discovery"
    TLS_1_2 = "RFC 5246: TLS 1.2"
    TLS_1_3 = "RFC 8446: TLS 1.3"
    OLD_TLS = "RFC 8996: deprecating TLS 1.0 and 1.1"
    CERTIFICATES = "RFC 5280: X.509 certificates"
    TCPDUMP = "Manual of tcpdump(1)"
    EDITCAP = "Manuals of Wireshark's editcap(1), mergecap(1) and reordercap(1)"
    ETHTOOL = "Manual of ethtool(8)"
    NTP = "RFC 5905: NTP version 4"
