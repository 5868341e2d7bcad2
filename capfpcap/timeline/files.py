"""A file that a phone asked a server for, by TFTP or by HTTP on port 6970 alike."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from msgspec import Struct, field

from capfpcap.flows.table import FlowView
from capfpcap.services import Service


class TransferState(Enum):
    """How far a transfer went, as far as the capture shows."""

    COMPLETE = "complete"
    NOT_FOUND = "not found"
    FAILED = "failed"
    """The server answered with an error other than file-not-found."""
    NO_ANSWER = "no answer"
    STALLED = "stalled"
    """It began and never ended."""


class FileKind(Enum):
    """What a file is to an enrolment, told by its name."""

    ITL = "ITL"
    CTL = "CTL"
    CONFIGURATION = "configuration"
    OTHER = "other"


CONTENT_LIMIT = 4 * 1024 * 1024
"""Octets of a trust list or configuration that are kept; real ones are under 100 kB."""
_REMEMBERED = 16_384
_TRUST_LIST = re.compile(r"(ITL|CTL)[^/\\]*\.tlv$", re.IGNORECASE)
_CONFIGURATION = re.compile(r"\.cnf\.xml(\.enc)?(\.sgn)?$|^[^/\\]+\.cnf(\.sgn)?$", re.IGNORECASE)


class FileTransfer(Struct, eq=False):
    """One request for one file, its repetitions included."""

    view: FlowView
    via: Service
    name: str
    server: int
    """Address code of the host that was asked."""
    state: TransferState
    request_rows: list[int]
    first_row: int
    last_row: int
    answered_from: int | None = None
    """Address code of the host that answered, where it is not the one that was asked."""
    answer_row: int | None = None
    """The row of the first answer: data, option acknowledgement, error, HTTP status."""
    end_row: int | None = None
    """The row with which the file, or the error, was whole."""
    error: str | None = None
    """The server's error, as the protocol names it, with the text that it sent."""
    diverted: bool = False
    """Whether HTTP led elsewhere, or asked for a login as proxies and portals do."""
    content: bytes | None = None
    """The file, where the capture holds every octet of a complete transfer."""
    media_type: str = ""
    """What HTTP says that the content is."""
    size: int = 0
    """Octets of content that were delivered as far as the capture shows."""
    incomplete_reason: str | None = None
    """Why a transfer that ended well has no content here: octets the capture lacks."""
    lacks_packets: bool = False
    """Whether packets of it arrived that the capture lacks."""
    repeated_rows: list[int] = field(default_factory=list)
    """Data or acknowledgements that were sent again."""
    last_new_row: int | None = None
    """The last row that brought the transfer on."""
    accepted_row: int | None = None
    """The last row with which the phone acknowledged something new, where that is to be seen."""

    @property
    def kind(self) -> FileKind:
        """What the file is to an enrolment."""
        return file_kind(self.name)

    @property
    def progress_row(self) -> int:
        """The last row that brought the transfer on, or the request."""
        return self.first_row if self.last_new_row is None else self.last_new_row

    @property
    def final_row(self) -> int:
        """The row with which it was whole, or the last one of a transfer that never was."""
        return self.last_row if self.end_row is None else self.end_row

    @property
    def ignored_other_address(self) -> bool:
        """Whether answers came from another address, and the phone acknowledged none of them."""
        return self.answered_from is not None and self.accepted_row is None

    def time(self, row: int) -> int:
        """Nanoseconds since 1970 UTC of one of the transfer's rows."""
        return int(self.view.table.columns.time[row])

    @property
    def started(self) -> int:
        """Time of the first request."""
        return self.time(self.first_row)

    @property
    def ended(self) -> int:
        """Time of the last packet."""
        return self.time(self.final_row)


TOO_LARGE = f"it is larger than {CONTENT_LIMIT} bytes"
"""Why such a file has no content here."""


@lru_cache(_REMEMBERED)
def file_kind(name: str) -> FileKind:
    """What a file of that name is to an enrolment."""
    if name.endswith(".cnf.xml"):
        return FileKind.CONFIGURATION
    if name[-4:].lower() == ".tlv":
        listed = _TRUST_LIST.search(name)
        return FileKind[listed[1].upper()] if listed else FileKind.OTHER
    return FileKind.CONFIGURATION if _CONFIGURATION.search(name) else FileKind.OTHER


_DEVICE = re.compile(
    r"(?:CTL|ITL)?([A-Za-z0-9][A-Za-z0-9_.\-]{1,49}?)"
    r"(?:\.tlv|\.cnf\.xml(?:\.enc)?(?:\.sgn)?|\.cnf(?:\.sgn)?)",
    re.IGNORECASE,
)
_USUAL_DEVICE = re.compile(r"(?:CTL|ITL)?(SEP[0-9A-F]{12})\.(?:tlv|cnf\.xml(?:\.sgn)?)")
"""What nearly all names are that name a device; it is told in a fifth of the time."""
_MAC_NAME = re.compile(r"SEP[0-9A-F]{12}", re.IGNORECASE)
_NO_DEVICE = frozenset({"file", "itlfile", "ctlfile", "extfile", "xmldefault", "itlextfile"})


@lru_cache(_REMEMBERED)
def device_name(file_name: str) -> str | None:
    """The device that a file name names: ``SEP001122334455`` of ``CTLSEP001122334455.tlv``."""
    usual = _USUAL_DEVICE.fullmatch(file_name)
    if usual:
        return usual[1]
    named = _DEVICE.fullmatch(file_name.rsplit("/", 1)[-1])
    if named is None or named[1].lower() in _NO_DEVICE:
        return None
    name = named[1]
    return name.upper() if _MAC_NAME.fullmatch(name) else name
