"""Messages inside TLS, where scapy decrypts it."""

from __future__ import annotations

from scapy.fields import StrField
from scapy.layers.inet import TCP
from scapy.layers.tls.record import TLS, TLSApplicationData
from scapy.packet import Packet, Raw, bind_layers

from capf_dissectors.scapy_layers.messages import CAPF, TVS

_MESSAGES: dict[int, type[Packet]] = {kind.magic_number: kind for kind in (CAPF, TVS)}


class _ApplicationData(StrField):
    """The data of a record, but for what is a message of ours: that is the payload."""

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, bytes]:  # noqa: ARG002 - scapy's
        """All of it, or nothing."""
        return (s, b"") if s and s[0] in _MESSAGES else (b"", s)


def bind(capf_port: int, tvs_port: int) -> None:
    """See :func:`capf_dissectors.scapy_layers.bind_to_tls`."""
    for port in (capf_port, tvs_port):
        bind_layers(TCP, TLS, sport=port)
        bind_layers(TCP, TLS, dport=port)
    TLSApplicationData.fields_desc = [_ApplicationData("data", b"")]
    setattr(TLSApplicationData, "guess_payload_class", _guess)  # noqa: B010 - a method of scapy's
    for remembered in (Packet.class_default_fields, Packet.class_fieldtype):
        remembered.pop(TLSApplicationData, None)


def _guess(_data: Packet, payload: bytes) -> type[Packet]:
    return _MESSAGES.get(payload[0], Raw) if payload else Raw
