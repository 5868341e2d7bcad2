"""The certificates of the phones as a table, comma-separated values or JSON."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from capfpcap.formats import comma_separated
from capfpcap.formats.harmless_report import cleaned
from capfpcap.formats.layout import Style, Writer, cells, clip
from capfpcap.formats.page import Page
from capfpcap.formats.steps import host_and_port
from capfpcap.inventory.model import Held, Inventory, InventoryPhone, Use
from capfpcap.report import Certificate, CertificateKind

EXPIRING_DAYS = 30
"""Days below which a certificate stands out, as a check warns of it."""
NONE_SEEN = "none seen"
COLUMNS = (
    "phone",
    "mac",
    "addresses",
    "kind",
    "subject",
    "issuer",
    "serial",
    "key",
    "signature_hash",
    "not_before",
    "not_after",
    "days_left",
    "sha256",
    "service",
    "server",
    "message",
    "times",
    "first_capture",
    "first_frame",
    "first_time",
    "last_capture",
    "last_frame",
    "last_time",
)
"""A line for each place at which a phone showed a certificate."""

_WIDTHS = (17, 5, 18, 12, 11, 6)
"""Of the table's columns: with the gaps 79 of 80."""
_HEADER = ("phone", "kind", "issuer", "key", "valid until", "days")
_GAP = "  "
_INDENT = "    "
_MOST_USES = 8
"""Places that text names of one certificate; JSON and CSV have all."""


def render(inventory: Inventory, format_name: str, page: Page) -> Iterator[bytes]:
    """The inventory in one of the formats."""
    if format_name == "json":
        yield msgspec.json.format(msgspec.json.encode(cleaned(inventory)), indent=2) + b"\n"
    elif format_name == "csv":
        yield from _separated(inventory)
    else:
        yield _text(inventory, page)


def _separated(inventory: Inventory) -> Iterator[bytes]:
    yield comma_separated.line(COLUMNS)
    for phone in inventory.phones:
        about = (phone.name, phone.mac or "", " ".join(phone.addresses))
        if not phone.certificates:
            nothing = ("",) * (len(COLUMNS) - len(about) - 1)
            yield comma_separated.line((*about, NONE_SEEN, *nothing))
        for held in phone.certificates:
            for use in held.uses:
                yield comma_separated.line((*about, *_certificate(held), *_use(use)))


def _certificate(held: Held) -> tuple[str | int, ...]:
    certificate = held.certificate
    return (
        certificate.kind.value,
        certificate.subject or "",
        certificate.issuer or "",
        certificate.serial or "",
        certificate.key or "",
        certificate.signature_hash or "",
        certificate.not_before or "",
        certificate.not_after or "",
        "" if held.days_left is None else held.days_left,
        certificate.sha256,
    )


def _use(use: Use) -> tuple[str | int, ...]:
    return (
        use.service.value,
        _shown_to(use),
        use.message or "",
        use.times,
        use.first.capture,
        use.first.frame,
        use.first.time,
        use.last.capture,
        use.last.frame,
        use.last.time,
    )


def _shown_to(use: Use) -> str:
    if use.server is not None:
        return host_and_port(use.server.address, use.server.port)
    return use.authenticator or ""


def _text(inventory: Inventory, page: Page) -> bytes:
    writer = Writer(page)
    writer.paragraph(_summary(inventory, page))
    if inventory.phones:
        writer.gap()
        writer.line(_row(_HEADER[:-1]) + _GAP + _HEADER[-1].rjust(_WIDTHS[-1]), Style.STRONG)
    for phone in inventory.phones:
        _write_phone(writer, phone, page)
    for note in inventory.notes:
        writer.gap()
        writer.marked("• ", Style.PLAIN, note)
    return writer.encoded()


def _summary(inventory: Inventory, page: Page) -> str:
    phones = inventory.phones
    if not phones:
        return "no phone is seen in these captures"
    showed = sum(bool(phone.certificates) for phone in phones)
    many = "1 phone" if len(phones) == 1 else f"{len(phones):,} phones"
    counted = ""
    if inventory.at is not None:
        counted = (
            f", days counted from {page.date(inventory.at)} {page.clock_seconds(inventory.at)}"
        )
        counted += f" {page.zone_name(inventory.at)}"
    return f"{many}, certificates seen of {showed:,}{counted}"


def _write_phone(writer: Writer, phone: InventoryPhone, page: Page) -> None:
    name = phone.name
    if cells(name) > _WIDTHS[0]:
        writer.line(name)
        name = ""
    if not phone.certificates:
        hidden = "" if not phone.hidden else f" ({phone.hidden} in TLS 1.3, which hides it)"
        writer.pieces([(_cell(name, 0) + _GAP, Style.PLAIN), (NONE_SEEN + hidden, Style.FAINT)])
    for held in phone.certificates:
        _write_certificate(writer, name, held, page)
        name = ""


def _write_certificate(writer: Writer, name: str, held: Held, page: Page) -> None:
    certificate = held.certificate
    until = "" if certificate.not_after is None else page.date(certificate.not_after)
    days = "" if held.days_left is None else f"{held.days_left:,}"
    issuer = common_name(certificate.issuer or "") or certificate.problem or ""
    texts = (name, _kind(certificate), issuer, certificate.key or "", until)
    writer.pieces(
        [(_row(texts), Style.PLAIN), (_GAP + days.rjust(_WIDTHS[-1]), _style(held.days_left))]
    )
    serial = f"serial {certificate.serial}, " if certificate.serial else ""
    subject = certificate.subject or f"sha256 {certificate.sha256}"
    writer.paragraph(f"{serial}{subject}", indent=_INDENT, style=Style.FAINT)
    for use in held.uses[:_MOST_USES]:
        writer.paragraph(_use_words(use), indent=_INDENT, style=Style.FAINT)
    if len(held.uses) > _MOST_USES:
        writer.line(f"{_INDENT}and at {len(held.uses) - _MOST_USES} other places", Style.FAINT)


def _use_words(use: Use) -> str:
    shown_to = _shown_to(use)
    where = f"{use.service.value} {shown_to}" if shown_to else use.service.value
    inside = f" in {use.message}" if use.message else ""
    first = f"{use.first.capture}:{use.first.frame}"
    if use.times == 1:
        return f"{where}{inside}: {first}"
    return f"{where}{inside}: {use.times:,} times, {first} to {use.last.capture}:{use.last.frame}"


def _kind(certificate: Certificate) -> str:
    kind: str = certificate.kind.value
    return kind if certificate.kind is CertificateKind.OTHER else kind.upper()


def _style(days_left: int | None) -> Style:
    if days_left is None or days_left >= EXPIRING_DAYS:
        return Style.PLAIN
    return Style.BAD if days_left < 0 else Style.WARN


def common_name(name: str) -> str:
    """The common name in a distinguished name (RFC 4514), or the whole of it."""
    parts = [part for part in name.split(",") if part.startswith("CN=")]
    return parts[0].removeprefix("CN=") if parts else name


def _row(texts: tuple[str, ...]) -> str:
    return _GAP.join(_cell(text, column) for column, text in enumerate(texts))


def _cell(text: str, column: int) -> str:
    width = _WIDTHS[column]
    shown = clip(text, width)
    return shown + " " * (width - cells(shown))
