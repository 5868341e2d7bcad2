"""CAPF and TVS."""

from __future__ import annotations

from typing import Any

from scapy.fields import (
    ByteEnumField,
    ByteField,
    Field,
    FieldLenField,
    IntField,
    PacketListField,
    ShortField,
    XByteField,
    XStrLenField,
)
from scapy.packet import Packet, Raw

from capf_dissectors import capf, tvs
from capf_dissectors.capf.words import AUTH_TYPES, CERT_TYPES, CURVES, KEY_TYPES, REASONS
from capf_dissectors.scapy_layers.tagged import (
    Part,
    Tagged,
    choice,
    family_of,
    kind_of,
    octets,
    text,
)
from capf_dissectors.tvs.words import STATUSES


class CAPFCertificate(Part):
    """A certificate in DER, in an element of CAPF."""

    name = "CAPFCertificate"
    fields_desc = [  # noqa: RUF012 - as scapy has it
        ByteField("kind", 1),
        FieldLenField("length", None, length_of="certificate", adjust=lambda _, size: size + 2),
        ShortField("number", 1),
        XStrLenField("certificate", b"", length_from=lambda packet: max(packet.length - 2, 0)),
    ]


CAPFElement = family_of("CAPFElement", capf.ELEMENT_NAMES)
_CAPF = {
    capf.Tag.REASON: choice(REASONS),
    capf.Tag.REASON_INFO: text(),
    capf.Tag.CERT_TYPE: choice(CERT_TYPES),
    capf.Tag.CERTIFICATE: PacketListField(
        "value", [], CAPFCertificate, length_from=lambda element: element.length
    ),
    capf.Tag.VERSION: ByteField("value", 3),
    capf.Tag.AUTH_TYPE: choice(AUTH_TYPES),
    capf.Tag.PUBLIC_KEY: octets(),
    capf.Tag.KEY_SIZE: ShortField("value", 2048),
    capf.Tag.PASSWORD: text(),
    capf.Tag.RETRY_DELAY: octets(),
    capf.Tag.DEVICE_NAME: text(),
    capf.Tag.KEY_TYPE: choice(KEY_TYPES),
    capf.Tag.CURVE: choice(CURVES),
}
CAPF_ELEMENTS = {
    tag: kind_of(CAPFElement, tag, capf.ELEMENT_NAMES, value) for tag, value in _CAPF.items()
}
"""The class of each element by its :class:`capf_dissectors.capf.Tag`."""

TVSElement = family_of("TVSElement", tvs.ELEMENT_NAMES)
_TVS = {
    tvs.Tag.DEVICE_NAME: text(),
    tvs.Tag.CERTIFICATE: octets(),
    tvs.Tag.SUBJECT: text(),
    tvs.Tag.ISSUER: text(),
    tvs.Tag.SERIAL: octets(),
    tvs.Tag.STATUS: choice(STATUSES),
    tvs.Tag.ROLES: octets(),
    tvs.Tag.TTL: IntField("value", 86400),
}
TVS_ELEMENTS = {
    tag: kind_of(TVSElement, tag, tvs.ELEMENT_NAMES, value) for tag, value in _TVS.items()
}
"""The class of each element by its :class:`capf_dissectors.tvs.Tag`."""


class _Message(Packet):
    """A message; another one may stand behind it."""

    magic_number = 0

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        return type(self) if payload[:1] == bytes([self.magic_number]) else Raw


def _elements(family: type[Tagged]) -> list[Field[Any, Any]]:
    return [
        FieldLenField("length", None, length_of="elements", fmt="!H"),
        PacketListField("elements", [], family, length_from=lambda message: message.length),
    ]


class CAPF(_Message):
    """A message of CAPF."""

    name = "CAPF"
    magic_number = capf.FRAMING.magic
    fields_desc = [  # noqa: RUF012
        XByteField("magic", capf.FRAMING.magic),
        ByteEnumField("cmd", capf.Command.AUTH_REQUEST, dict(capf.COMMAND_NAMES)),
        IntField("session_id", 1),
        *_elements(CAPFElement),
    ]


class TVS(_Message):
    """A message of TVS."""

    name = "TVS"
    magic_number = tvs.FRAMING.magic
    fields_desc = [  # noqa: RUF012
        XByteField("magic", tvs.FRAMING.magic),
        ByteField("version", 1),
        ByteEnumField("cmd", tvs.Command.QUERY_REQUEST, dict(tvs.COMMAND_NAMES)),
        ByteField("reserved", 0),
        IntField("session_id", 1001),
        *_elements(TVSElement),
    ]
