"""EAP over LAN: one frame's content in, one EAP packet out, as IEEE 802.1X supplicants send it.

IEEE 802.1X-2020, clause 11 (EAPOL); RFC 3748 (EAP); RFC 5216, section 3 (EAP-TLS).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from capf_dissectors.results import Malformed, NeedMore

_EAPOL_HEADER = 4
_EAP_HEADER = 4
_EAP_PACKET = 0
"""The EAPOL packet type that carries EAP."""
_EAPOL_TYPES = 9
"""Types 0 to 8 are assigned (IEEE 802.1X-2020, table 11-3)."""

_LENGTH_INCLUDED = 0x80
_MORE_FRAGMENTS = 0x40
_START = 0x20


class Code(IntEnum):
    """RFC 3748, section 4."""

    REQUEST = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4


class Method(IntEnum):
    """EAP types that matter here (IANA EAP registry)."""

    IDENTITY = 1
    NOTIFICATION = 2
    NAK = 3
    TLS = 13


class EapPacket(NamedTuple):
    """One EAP packet."""

    code: Code
    identifier: int
    """The same in a request and in its response."""
    method: int | None
    """The type of a request or response; None for success and failure."""
    data: bytes
    """What stands behind the type."""


class OtherFrame(NamedTuple):
    """An EAPOL frame that carries no EAP packet: a start, a logoff, a key, an announcement."""

    type: int


class Fragment(NamedTuple):
    """The data of an EAP-TLS request or response."""

    start: bool
    """The server's first request, without TLS."""
    more: bool
    """Another fragment of the same message follows."""
    length: int | None
    """Bytes of the whole message, where this fragment tells."""
    data: bytes


def dissect(eapol: bytes) -> EapPacket | OtherFrame | NeedMore | Malformed:
    """The EAP packet in what an EAPOL frame carries behind its EtherType.

    What stands behind the length that EAPOL states is padding.
    """
    if len(eapol) < _EAPOL_HEADER:
        return NeedMore(_EAPOL_HEADER - len(eapol))
    kind, length = eapol[1], int.from_bytes(eapol[2:4], "big")
    if kind >= _EAPOL_TYPES:
        return Malformed(1, f"EAPOL packet type {kind} is not assigned")
    if kind != _EAP_PACKET:
        return OtherFrame(kind)
    if len(eapol) < _EAPOL_HEADER + length:
        return NeedMore(_EAPOL_HEADER + length - len(eapol))
    return _eap(eapol[_EAPOL_HEADER : _EAPOL_HEADER + length])


def _eap(packet: bytes) -> EapPacket | Malformed:
    if len(packet) < _EAP_HEADER:
        return Malformed(2, f"{len(packet)} bytes are no EAP packet")
    code, length = packet[0], int.from_bytes(packet[2:4], "big")
    if not Code.REQUEST <= code <= Code.FAILURE:
        return Malformed(_EAPOL_HEADER, f"EAP code {code} is not assigned")
    if not _EAP_HEADER <= length <= len(packet):
        return Malformed(_EAPOL_HEADER + 2, f"an EAP length of {length} in {len(packet)} bytes")
    if code in (Code.SUCCESS, Code.FAILURE):
        return EapPacket(Code(code), packet[1], None, b"")
    if length == _EAP_HEADER:
        return Malformed(_EAPOL_HEADER + _EAP_HEADER, "an EAP request or response without a type")
    return EapPacket(Code(code), packet[1], packet[4], packet[5:length])


def dissect_tls(data: bytes) -> Fragment | Malformed:
    """The fragment in :attr:`EapPacket.data` of a packet of :attr:`Method.TLS`.

    A fragment without anything acknowledges one of the other side (RFC 5216, section 2.1.5).
    """
    if not data:
        return Malformed(0, "EAP-TLS without flags")
    flags, at, length = data[0], 1, None
    if flags & _LENGTH_INCLUDED:
        if len(data) < 5:
            return Malformed(1, "EAP-TLS lacks the length that its flags announce")
        length, at = int.from_bytes(data[1:5], "big"), 5
    return Fragment(bool(flags & _START), bool(flags & _MORE_FRAGMENTS), length, data[at:])
