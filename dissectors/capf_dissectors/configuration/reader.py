"""Reads a configuration in one walk of the parser.

A busy capture holds thousands of configurations, and calling Python costs more than parsing: the
handlers for text and for ends of elements are there only while a value or a list is read.
"""

from __future__ import annotations

from xml.parsers.expat import ExpatError, ParserCreate, errors

from defusedxml import DTDForbidden

from capf_dissectors.configuration.model import (
    CallManager,
    CapfServer,
    PhoneConfiguration,
    TvsServer,
)
from capf_dissectors.results import Malformed

MAX_VALUE = 1024
"""Characters kept of one value."""
MAX_CAPF_SERVERS = 5
"""Phones accept no more entries (usecallmanager.nz documentation of ``capfList``)."""
MAX_MEMBERS = 16
"""Entries kept of a list of servers; a group has at most 3 and a survivable gateway."""
_ROOTS = frozenset({"device", "default"})
"""Root elements, lower case: a phone's own file, and ``XMLDefault.cnf.xml``."""
_MAX_PORT = 65535
_SCALARS = frozenset(
    {
        "fullConfig",
        "encrConfig",
        "capfAuthMode",
        "certHash",
        "deviceSecurityMode",
        "transportLayerProtocol",
        "ipAddressMode",
        "eapAuthentication",
        "disableTLSCiphers",
        "deviceProtocol",
        "loadInformation",
        "loadServer",
        "versionStamp",
    }
)
"""Elements read wherever they stand outside the lists; their first value counts."""
_ENTRIES = {
    "capfList": ("capf", 2, MAX_CAPF_SERVERS),
    "TVS": ("member", 3, MAX_MEMBERS),
    "callManagerGroup": ("member", 3, MAX_MEMBERS),
}
"""Lists of servers: the element of an entry, its depth, the list's own being 1, and how many."""
_ENTRY_FIELDS = frozenset(
    {
        "name",
        "processNodeName",
        "phonePort",
        "address",
        "port",
        "ethernetPhonePort",
        "sipPort",
        "securedSipPort",
    }
)
"""Elements read only within an entry of a list."""


class _RefusedError(Exception):
    """Well-formed so far, and yet no configuration that is read further."""


def read_configuration(xml: bytes) -> PhoneConfiguration | Malformed:
    """The configuration that is all of ``xml``."""
    reader = _Reader()
    parser = reader.parser
    try:
        parser.Parse(xml, True)
    except ExpatError as error:
        return Malformed(max(parser.ErrorByteIndex, 0), errors.messages[error.code])
    except DTDForbidden:
        reason = "a document type, which could define entities, is declared"
        return Malformed(reader.refused_at, reason)
    except _RefusedError as refusal:
        return Malformed(reader.refused_at, str(refusal))
    except (ValueError, LookupError):
        return Malformed(max(parser.ErrorByteIndex, 0), "the declared encoding is not known")
    return reader.configuration()


class _Reader:
    """Collects the values of the elements above."""

    def __init__(self) -> None:
        self.parser = parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start_root
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        self.refused_at = 0
        self._scalars: dict[str, str] = {}
        self._lists: dict[str, list[dict[str, str]]] = {name: [] for name in _ENTRIES}
        self._list = ""
        self._depth = 0
        self._element = ""
        self._text: list[str] = []

    def _start_root(self, name: str, _attributes: dict[str, str]) -> None:
        self.parser.StartElementHandler = self._start
        if name.lower() not in _ROOTS:
            self.refused_at = self.parser.CurrentByteIndex
            raise _RefusedError(f"the root element is {name[:MAX_VALUE]!r}, not 'device'")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        """An element outside the lists."""
        if name in _SCALARS:
            self._open(name)
            self.parser.EndElementHandler = self._end_scalar
        elif name in _ENTRIES:
            self._list = name
            self._depth = 1
            self.parser.StartElementHandler = self._start_in_list
            self.parser.EndElementHandler = self._end_in_list

    def _end_scalar(self, name: str) -> None:
        if name == self._element:
            self._scalars.setdefault(name, self._close())
            self.parser.EndElementHandler = None

    def _start_in_list(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if name in _ENTRY_FIELDS:
            self._open(name)
            return
        entry, depth, most = _ENTRIES[self._list]
        entries = self._lists[self._list]
        if name == entry and self._depth == depth and len(entries) <= most:
            entries.append({"priority": attributes.get("priority", "")})

    def _end_in_list(self, name: str) -> None:
        self._depth -= 1
        if name == self._element:
            value = self._close()
            _, depth, _ = _ENTRIES[self._list]
            entries = self._lists[self._list]
            if entries and self._depth >= depth:
                entries[-1].setdefault(name, value)
        elif self._depth == 0:
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = None

    def _open(self, name: str) -> None:
        self._element = name
        self._text = []
        self.parser.CharacterDataHandler = self._text.append

    def _close(self) -> str:
        self._element = ""
        self.parser.CharacterDataHandler = None
        return "".join(self._text).strip()[:MAX_VALUE]

    def _refuse_document_type(
        self, name: str, system_id: str | None, public_id: str | None, _internal: int
    ) -> None:
        self.refused_at = self.parser.CurrentByteIndex
        raise DTDForbidden(name, system_id, public_id)

    def configuration(self) -> PhoneConfiguration:
        scalars = self._scalars
        return PhoneConfiguration(
            full_config=_truth(scalars.get("fullConfig")),
            encr_config=_truth(scalars.get("encrConfig")),
            capf_auth_mode=_number(scalars.get("capfAuthMode")),
            capf_servers=tuple(_capf_server(entry) for entry in self._entries("capfList")),
            cert_hash=scalars.get("certHash"),
            device_security_mode=_number(scalars.get("deviceSecurityMode")),
            transport_layer_protocol=_number(scalars.get("transportLayerProtocol")),
            ip_address_mode=_number(scalars.get("ipAddressMode")),
            eap_authentication=_number(scalars.get("eapAuthentication")),
            disable_tls_ciphers=scalars.get("disableTLSCiphers"),
            device_protocol=scalars.get("deviceProtocol"),
            load_information=scalars.get("loadInformation"),
            load_server=scalars.get("loadServer"),
            version_stamp=scalars.get("versionStamp"),
            tvs_servers=tuple(_tvs_server(entry) for entry in self._entries("TVS")),
            call_managers=tuple(
                _call_manager(entry) for entry in self._entries("callManagerGroup")
            ),
        )

    def _entries(self, name: str) -> list[dict[str, str]]:
        _, _, most = _ENTRIES[name]
        return self._lists[name][:most]


def _capf_server(entry: dict[str, str]) -> CapfServer:
    return CapfServer(entry.get("processNodeName", ""), _port(entry.get("phonePort")))


def _tvs_server(entry: dict[str, str]) -> TvsServer:
    priority = _number(entry["priority"])
    return TvsServer(entry.get("address", ""), _port(entry.get("port")), priority)


def _call_manager(entry: dict[str, str]) -> CallManager:
    return CallManager(
        name=entry.get("name", ""),
        host=entry.get("processNodeName", ""),
        sccp_port=_port(entry.get("ethernetPhonePort")),
        sip_port=_port(entry.get("sipPort")),
        secured_sip_port=_port(entry.get("securedSipPort")),
        priority=_number(entry["priority"]),
    )


def _number(text: str | None) -> int | None:
    """A number as the schema writes one: ASCII digits, few enough to be one of its values."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return int(text)


def _port(text: str | None) -> int | None:
    number = _number(text)
    return number if number is not None and 0 < number <= _MAX_PORT else None


def _truth(text: str | None) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get((text or "").lower())
