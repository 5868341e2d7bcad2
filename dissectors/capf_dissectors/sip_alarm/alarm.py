"""The alarms in a SIP message, and which trust lists one of them says that the phone holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate

from defusedxml import DTDForbidden

from capf_dissectors.results import Malformed
from capf_dissectors.sip_alarm.sip import SipMessage

TYPE = "application/x-cisco-alarm+xml"
TRUST_LISTS = "DeviceTLInfo"
"""The alarm that names the phone's trust lists."""
MAX_PARTS = 16
"""Parts of a multipart content."""
MAX_PARAMETERS = 128
"""Parameters of one alarm; that of a phone out of service has some 50."""
MAX_VALUE = 1024
"""Characters of one value."""

_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?', re.IGNORECASE)
_HEX = re.compile(r"(?:[0-9A-F]{2}[ :.-]?)+", re.IGNORECASE)
_SEPARATORS = str.maketrans("", "", " :.-")


class Alarm(NamedTuple):
    """One alarm."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    """Names and values, in their order."""

    def value(self, name: str) -> str | None:
        """The value of a parameter, whatever the case of its name."""
        wanted = name.lower()
        return next((text for known, text in self.parameters if known.lower() == wanted), None)


class TrustListAlarm(NamedTuple):
    """What a phone says of the trust lists that it holds."""

    device: str
    ctl: bytes | None
    """The hash of its CTL; None where it has none, or says something else."""
    itl: bytes | None
    ctl_server: str
    """The TFTP server that it came from."""
    itl_server: str
    status: str
    """Of unknown meaning."""


def alarms_in(message: SipMessage) -> list[Alarm | Malformed]:
    """Every alarm that a message carries, alone or among other parts."""
    kind = message.field("content-type") or ""
    if kind.partition(";")[0].strip().lower() == TYPE:
        return [_read(message.body)]
    boundary = _BOUNDARY.search(kind) if kind.lower().startswith("multipart/") else None
    return [] if boundary is None else [_read(part) for part in _parts(message.body, boundary[1])]


def _parts(body: bytes, boundary: str) -> Iterator[bytes]:
    """The contents of this type between the boundaries (RFC 2046, section 5.1)."""
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    for part in (b"\r\n" + body).split(delimiter, MAX_PARTS)[1:]:
        head, found, content = part.partition(b"\r\n\r\n")
        if found and TYPE.encode() in head.lower():
            yield content


def _read(xml: bytes) -> Alarm | Malformed:
    """The alarm in a document; one with a document type is refused, so no entity is expanded."""
    reader = _Reader()
    try:
        reader.parser.Parse(xml.strip(b"\0 \t\r\n"), True)
    except (ExpatError, DTDForbidden, ValueError, LookupError) as error:
        reason = "a document type" if isinstance(error, DTDForbidden) else str(error)
        return Malformed(max(reader.parser.ErrorByteIndex, 0), f"no alarm: {reason}")
    finally:
        parser = reader.parser
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.CharacterDataHandler = parser.StartDoctypeDeclHandler = None
    if reader.name is None:
        return Malformed(0, "no alarm in the document")
    return Alarm(reader.name, tuple(reader.parameters))


class _Reader:
    """Collects the first alarm's parameters."""

    def __init__(self) -> None:
        self.parser = parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        self.name: str | None = None
        self.parameters: list[tuple[str, str]] = []
        self._parameter: str | None = None
        self._value = ""

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        named = {key.lower(): value for key, value in attributes.items()}
        if element.lower() == "alarm" and self.name is None:
            self.name = named.get("name", "")[:MAX_VALUE]
        elif "name" in named and len(self.parameters) < MAX_PARAMETERS:
            self._parameter, self._value = named["name"][:MAX_VALUE], ""

    def _text(self, text: str) -> None:
        if self._parameter is not None and len(self._value) < MAX_VALUE:
            self._value += text[: MAX_VALUE - len(self._value)]

    def _end(self, _element: str) -> None:
        if self._parameter is not None:
            self.parameters.append((self._parameter, self._value.strip()))
            self._parameter = None

    @staticmethod
    def _refuse(name: str, system_id: str | None, public_id: str | None, _internal: int) -> None:
        raise DTDForbidden(name, system_id, public_id)


def trust_list_alarm(alarm: Alarm) -> TrustListAlarm | None:
    """What an alarm says of trust lists; None for other alarms."""
    if alarm.name.lower() != TRUST_LISTS.lower():
        return None
    return TrustListAlarm(
        device=alarm.value("DeviceName") or "",
        ctl=_hash(alarm.value("CTL_Signature")),
        itl=_hash(alarm.value("ITL_Signature")),
        ctl_server=alarm.value("CTL_TFTP_Server") or "",
        itl_server=alarm.value("ITL_TFTP_Server") or "",
        status=alarm.value("StatusCode") or "",
    )


def _hash(text: str | None) -> bytes | None:
    """Hexadecimal with or without separators."""
    if not text or not _HEX.fullmatch(text):
        return None
    return bytes.fromhex(text.translate(_SEPARATORS))
