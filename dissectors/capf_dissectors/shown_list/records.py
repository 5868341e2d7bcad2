"""Records as the command line prints them, in the form in which records of bytes are read."""

from __future__ import annotations

from collections.abc import Callable

from capf_dissectors.shown_list.model import Row, ShownRecord
from capf_dissectors.shown_list.values import NAMES, octets_of
from capf_dissectors.signed_header import serial_text
from capf_dissectors.trust_list import Record, RecordTag, TrustFunction

_SPELT = {
    "systemadministratorsecuritytoken": TrustFunction.SAST,
    "ccm+tftp": TrustFunction.CCM_TFTP,
    "app-server": TrustFunction.APP_SERVER,
    "appserver": TrustFunction.APP_SERVER,
    "sast": TrustFunction.SAST,
    "tftp": TrustFunction.TFTP,
    "capf": TrustFunction.CAPF,
    "ccm": TrustFunction.CCM,
    "tvs": TrustFunction.TVS,
}
"""Functions as the command line spells them, without blanks; those that begin others come last."""
_SHA1_BYTES = 20
_ALWAYS_UNTOLD = frozenset({"certificate", "public_key", "signature", "hash_algorithm"})
"""Fields of a record that the command line prints no bytes of."""


def as_record(shown: ShownRecord) -> Record:
    """What a record says; its certificate stands there as a hash, its key as a length alone."""

    def value(tag: RecordTag) -> str:
        row = shown.row(tag.name)
        return row.value if row is not None else ""

    return Record(
        offset=0,
        length=stated_length(shown) or 0,
        function=_function(value(RecordTag.FUNCTION)),
        dns_name=value(RecordTag.DNSNAME),
        subject=value(RecordTag.SUBJECTNAME).strip('"'),
        issuer=value(RecordTag.ISSUERNAME).strip('"'),
        serial=serial_text(octets_of(value(RecordTag.SERIALNUMBER))),
        public_key=b"",
        certificate=None,
        ip_address=_address(value(RecordTag.IPADDRESS)),
        certificate_hash=_hash(shown),
        hash_algorithm=None,
        signature=b"",
        unknown=(),
    )


def stated_length(shown: ShownRecord) -> int | None:
    """What RECORDLENGTH says, which is printed as its value."""
    row = shown.row(RecordTag.RECORDLENGTH.name)
    words = row.value.split() if row is not None else []
    return int(words[0]) if words and words[0].isdecimal() and len(words[0]) <= 5 else None


def untold(shown: ShownRecord) -> frozenset[str]:
    """The fields of :class:`Record` of which the text does not say whether they are there."""
    absent = {name for name, told in _TOLD.items() if not told(shown)}
    return _ALWAYS_UNTOLD | absent


def name_is_whole(shown: ShownRecord, tag: RecordTag) -> bool:
    """Whether a row is there with all of its value."""
    row = shown.row(tag.name)
    return row is not None and not row.cut and (bool(row.value) or tag.name not in NAMES)


def _hash(shown: ShownRecord) -> bytes:
    for tag in (RecordTag.CERTIFICATE, RecordTag.CERTHASH):
        row = shown.row(tag.name)
        octets = octets_of(row.value) if row is not None else b""
        if len(octets) == _SHA1_BYTES or (octets and row is not None and len(octets) == row.length):
            return octets
    return b""


def _address(value: str) -> str:
    words = value.split()
    return words[0] if words else ""


def _function(value: str) -> TrustFunction | int | None:
    spelt = "".join(value.lower().split())
    for name, function in _SPELT.items():
        if spelt.startswith(name):
            return function
    number = value.partition(" ")[0]
    return int(number) if number.isdecimal() and len(number) <= 5 else None


def _row_is_whole(tag: RecordTag) -> Callable[[ShownRecord], bool]:
    def told(shown: ShownRecord) -> bool:
        row = shown.row(tag.name)
        return row is not None and not row.cut

    return told


_TOLD: dict[str, Callable[[ShownRecord], bool]] = {
    "function": _row_is_whole(RecordTag.FUNCTION),
    "dns_name": _row_is_whole(RecordTag.DNSNAME),
    "subject": lambda shown: name_is_whole(shown, RecordTag.SUBJECTNAME),
    "issuer": lambda shown: name_is_whole(shown, RecordTag.ISSUERNAME),
    "serial": _row_is_whole(RecordTag.SERIALNUMBER),
    "ip_address": lambda shown: bool(_address_row(shown)),
    "certificate_hash": lambda shown: bool(_hash(shown)),
}


def _address_row(shown: ShownRecord) -> str:
    row: Row | None = shown.row(RecordTag.IPADDRESS.name)
    return row.value if row is not None else ""
