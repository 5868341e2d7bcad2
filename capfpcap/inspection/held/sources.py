"""What a source holds: told by the content of a file, never by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import Enum

from capf_dissectors import shown_list, signed_file
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.shown_list import Kind, ShownList
from capf_dissectors.signed_header import SignedHeader, dissect_header
from capf_dissectors.trust_list import LIST_VERSION, TrustList
from capf_dissectors.trust_list import dissect as dissect_list
from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.enrolment.loaded import LoadedConfiguration, LoadedTrustList, read_trust_list
from capfpcap.enrolment.phone import Phone
from capfpcap.rules.model.case import Scene
from capfpcap.timeline.files import FileKind


class Content(Enum):
    """What the beginning of a file says that it is."""

    SIGNED = "signed"
    """A trust list or a signed file: both begin alike."""
    TEXT = "text"
    """Saved output of ``show itl`` or ``show ctl``."""
    OTHER = "other"
    """Perhaps a capture."""


def content_of(beginning: bytes) -> Content:
    """What a file is, by its first thousands of bytes."""
    if signed_file.is_signed(beginning):
        return Content.SIGNED
    if shown_list.looks_shown(shown_list.decode(beginning)):
        return Content.TEXT
    return Content.OTHER


class Loaded(Struct, frozen=True, eq=False):
    """One loading of a file by a phone."""

    phone: Phone
    item: LoadedTrustList | LoadedConfiguration
    last: bool
    """Whether the phone loaded no other of this kind later."""


class Held(Struct, frozen=True, eq=False):
    """One trust list or signed file."""

    source: str
    """Path of the file that it is, or that it was found in."""
    number: int
    """Among those of its source, from 1."""
    name: str
    """As its header or the phone that loaded it calls it; empty where nothing says so."""
    kind: Kind | None
    """Which list; None for a signed file."""
    content: bytes | None
    """None where only saved output tells of it."""
    header: SignedHeader | None = None
    parsed: TrustList | Malformed | NeedMore | None = None
    """Of a list in bytes: what reading it gave."""
    shown: ShownList | None = None
    """Of saved output: what it tells."""
    loads: tuple[Loaded, ...] = ()
    addresses: AddressTable | None = None
    """Of the capture that it was found in."""

    @property
    def trust_list(self) -> TrustList | None:
        """The list, where its bytes are there and can be read."""
        return self.parsed if isinstance(self.parsed, TrustList) else None

    @property
    def sha256(self) -> str:
        """Of its bytes; empty without them."""
        return "" if self.content is None else hashlib.sha256(self.content).hexdigest()


def held_in_file(source: str, data: bytes, content: Content) -> list[Held]:
    """What a file of that content holds: one list or signed file, or all that a text tells of."""
    if content is Content.TEXT:
        lists = shown_list.dissect(shown_list.decode(data))
        return [_of_text(source, number, one) for number, one in enumerate(lists, 1)]
    return [_of_bytes(source, data)]


def _of_text(source: str, number: int, shown: ShownList) -> Held:
    return Held(source, number, "", shown.kind, None, shown=shown)


def _of_bytes(source: str, data: bytes) -> Held:
    header = dissect_header(data)
    read = dissect_list(data)
    known = header if isinstance(header, SignedHeader) else None
    name = known.file_name if known else ""
    if known is not None and known.version != LIST_VERSION and not _has_records(read):
        return Held(source, 1, name, None, data, header=known)
    kind = Kind.CTL if name.upper().startswith("CTL") else Kind.ITL
    return Held(source, 1, name, kind, data, header=known, parsed=read)


def _has_records(read: TrustList | Malformed | NeedMore) -> bool:
    return isinstance(read, TrustList) and bool(read.records)


def held_in_capture(source: str, scene: Scene) -> list[Held]:
    """Each distinct list and signed file that phones loaded, in the order of the first loading."""
    loads: dict[bytes, list[Loaded]] = {}
    for loaded in sorted(_loads(scene), key=lambda one: one.item.time):
        loads.setdefault(loaded.item.transfer.content or b"", []).append(loaded)
    return [
        _of_loads(source, number, content, of_one, scene.addresses)
        for number, (content, of_one) in enumerate(loads.items(), 1)
    ]


def _loads(scene: Scene) -> Iterator[Loaded]:
    for phone in scene.chosen.phones:
        lists = phone.trust_lists
        for number, item in enumerate(lists):
            later = any(other.kind is item.kind for other in lists[number + 1 :])
            yield Loaded(phone, item, not later)
        files = phone.configurations
        for one in files:
            if signed_file.is_signed(one.transfer.content or b""):
                yield Loaded(phone, one, one is files[-1])


def _of_loads(
    source: str, number: int, content: bytes, loads: list[Loaded], addresses: AddressTable
) -> Held:
    item = loads[0].item
    header = dissect_header(content)
    known = header if isinstance(header, SignedHeader) else None
    is_list = isinstance(item, LoadedTrustList)
    kind = None
    if isinstance(item, LoadedTrustList):
        kind = Kind.CTL if item.kind is FileKind.CTL else Kind.ITL
    return Held(
        source,
        number,
        item.transfer.name,
        kind,
        content,
        header=known,
        parsed=read_trust_list(content).parsed if is_list else None,
        loads=tuple(loads),
        addresses=addresses,
    )
