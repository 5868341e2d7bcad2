"""The configuration file of a phone (``SEP….cnf.xml``), as far as enrolment depends on it.

Phones take any order of elements and pass over what they do not know, and so does this. A document
type or an entity, which no TFTP service writes, makes a file malformed: it is never expanded.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.parsers.expat import ExpatError, ParserCreate, errors

from defusedxml import DTDForbidden

from capf_dissectors.results import Malformed

MAX_LENGTH = 1 << 20
"""Octets of a configuration; real ones have 1,000 to 30,000."""
MAX_DEPTH = 64
"""Elements nested in one another; real ones nest 8."""
MAX_VALUE = 1024
"""Characters kept of one value."""
MAX_CAPF_SERVERS = 5
"""Phones accept no more entries (usecallmanager.nz documentation of ``capfList``)."""
MAX_MEMBERS = 16
"""Entries kept of a list of servers; a group has at most 3 and a survivable gateway."""
_ROOTS = frozenset({"device", "default"})
"""Root elements, lower case: a phone's own file, and ``XMLDefault.cnf.xml``."""
_UTF16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class CapfServer:
    """An entry of ``capfList``."""

    host: str
    """``processNodeName``: a name or an address."""
    port: int | None
    """``phonePort``; without one a phone takes 3804."""


@dataclass(frozen=True, slots=True)
class TvsServer:
    """A member of ``TVS``, to be tried in the order of ``priority``, lowest first."""

    host: str
    port: int | None
    priority: int | None


@dataclass(frozen=True, slots=True)
class CallManager:
    """A member of ``callManagerGroup``, to be tried in the order of ``priority``."""

    name: str
    host: str
    """``processNodeName``: a name or an address."""
    sccp_port: int | None
    """``ethernetPhonePort``."""
    sip_port: int | None
    secured_sip_port: int | None
    priority: int | None


@dataclass(frozen=True, slots=True)
class PhoneConfiguration:
    """What a configuration says; ``None`` where it says nothing, or no number where one belongs."""

    full_config: bool | None
    """False in the short file that a phone without a certificate gets before the encrypted one."""
    encr_config: bool | None
    capf_auth_mode: int | None
    """0 none pending, 1 by string, 2 by null string, 3 by LSC first, 4 by MIC first."""
    capf_servers: tuple[CapfServer, ...]
    cert_hash: str | None
    """MD5 of the phone's certificate in hexadecimal; empty without an LSC."""
    device_security_mode: int | None
    """1 non-secure, 2 authenticated, 3 encrypted."""
    transport_layer_protocol: int | None
    """1 TCP, 2 UDP, 3 TLS."""
    ip_address_mode: int | None
    """0 IPv4, 1 IPv6, 2 both."""
    eap_authentication: int | None
    disable_tls_ciphers: str | None
    device_protocol: str | None
    load_information: str | None
    load_server: str | None
    version_stamp: str | None
    tvs_servers: tuple[TvsServer, ...]
    call_managers: tuple[CallManager, ...]


def dissect(xml: bytes) -> PhoneConfiguration | Malformed:
    """The configuration that is all of ``xml``; encodings are those of the XML declaration."""
    if len(xml) > MAX_LENGTH:
        return Malformed(MAX_LENGTH, f"longer than {MAX_LENGTH} octets")
    leading = 0
    if not xml.startswith(_UTF16_STARTS):
        leading = len(xml) - len(xml.lstrip(b" \t\r\n"))
        xml = xml[leading:].rstrip(b"\0 \t\r\n")
    reader = _Reader()
    offset_and_reason = reader.read(xml)
    if offset_and_reason is not None:
        offset, reason = offset_and_reason
        return Malformed(leading + max(offset, 0), reason)
    return reader.configuration()


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
"""Elements read wherever they stand; their first value counts."""
_ENTRIES = {
    ("capfList", "capf"): ("capf", MAX_CAPF_SERVERS),
    ("TVS", "members", "member"): ("tvs", MAX_MEMBERS),
    ("callManagerGroup", "members", "member"): ("callManager", MAX_MEMBERS),
}
_ENTRY_ELEMENTS = frozenset(path[-1] for path in _ENTRIES)
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
_FIELDS = _SCALARS | _ENTRY_FIELDS


class _Reader:
    """Collects the values of the elements above while the parser walks the file once."""

    def __init__(self) -> None:
        self.parser = parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        self._path: list[str] = []
        self._scalars: dict[str, str] = {}
        self._lists: dict[str, list[dict[str, str]]] = {"capf": [], "tvs": [], "callManager": []}
        self._entry: dict[str, str] | None = None
        self._entry_depth = 0
        self._refused_at = 0
        self._text: list[str] | None = None

    def read(self, xml: bytes) -> tuple[int, str] | None:
        """Walk the whole file; returns where and why it cannot be read, if it cannot."""
        parser = self.parser
        try:
            parser.Parse(xml, True)
        except ExpatError as error:
            return parser.ErrorByteIndex, errors.messages[error.code]
        except DTDForbidden:
            return self._refused_at, "a document type, which could define entities, is declared"
        except _RefusedError as refusal:
            return self._refused_at, str(refusal)
        except (ValueError, LookupError):
            return parser.ErrorByteIndex, "the declared encoding is not known"
        return None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        path = self._path
        path.append(name)
        if len(path) == 1:
            self._check_root(name)
        elif name in _FIELDS:
            self._text = []
            self.parser.CharacterDataHandler = self._text.append
        elif name in _ENTRY_ELEMENTS:
            self._open_entry(attributes)
        if len(path) > MAX_DEPTH:
            self._refuse(f"elements nest deeper than {MAX_DEPTH}")

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._text is not None:
            value = "".join(self._text).strip()[:MAX_VALUE]
            self._text = None
            self.parser.CharacterDataHandler = None
            if name in _SCALARS:
                self._scalars.setdefault(name, value)
            elif name in _ENTRY_FIELDS and self._entry is not None:
                self._entry.setdefault(name, value)
        elif len(self._path) < self._entry_depth:
            self._entry = None
            self._entry_depth = 0

    def _check_root(self, name: str) -> None:
        if name.lower() not in _ROOTS:
            self._refuse(f"the root element is {name[:MAX_VALUE]!r}, not 'device'")

    def _refuse(self, reason: str) -> None:
        self._refused_at = self.parser.CurrentByteIndex
        raise _RefusedError(reason)

    def _open_entry(self, attributes: dict[str, str]) -> None:
        path = self._path
        kind = _ENTRIES.get(tuple(path[-3:])) or _ENTRIES.get(tuple(path[-2:]))
        if kind is None or self._entry is not None:
            return
        name, most = kind
        self._entry = {"priority": attributes.get("priority", "")}
        self._entry_depth = len(path)
        if len(self._lists[name]) < most:
            self._lists[name].append(self._entry)

    def _refuse_document_type(
        self, name: str, system_id: str | None, public_id: str | None, _internal: int
    ) -> None:
        self._refused_at = self.parser.CurrentByteIndex
        raise DTDForbidden(name, system_id, public_id)

    def configuration(self) -> PhoneConfiguration:
        scalars = self._scalars
        return PhoneConfiguration(
            full_config=_truth(scalars.get("fullConfig")),
            encr_config=_truth(scalars.get("encrConfig")),
            capf_auth_mode=_number(scalars.get("capfAuthMode")),
            capf_servers=tuple(_capf_server(entry) for entry in self._lists["capf"]),
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
            tvs_servers=tuple(_tvs_server(entry) for entry in self._lists["tvs"]),
            call_managers=tuple(_call_manager(entry) for entry in self._lists["callManager"]),
        )


class _RefusedError(Exception):
    """Well-formed so far, and yet no configuration that is read further."""


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
