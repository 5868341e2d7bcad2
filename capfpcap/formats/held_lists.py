"""Trust lists in hand as text, in the form of CUCM's ``show itl``, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from capfpcap.formats.harmless import harmless
from capfpcap.formats.harmless_report import cleaned
from capfpcap.formats.layout import Style, Writer, cells, clip
from capfpcap.formats.page import Page
from capfpcap.inspection.held import HeldFile, HeldFiles, Loading
from capfpcap.inspection.trust_lists import RecordLine

MAX_LOADS = 20
"""Loadings of one file that the text tells; JSON has more."""
MAX_REMARKS = 20
_LINE = 300
_WIDEST_PRINTED = 4000
"""Columns of a printed list's line: names are as long as they are."""
_OWNER_WIDTH = 34
_FUNCTION_WIDTH = 10
_VERDICTS = {True: Style.GOOD, False: Style.BAD, None: Style.WARN}


def render_json(files: HeldFiles) -> bytes:
    """One document; keys are always present."""
    return msgspec.json.format(msgspec.json.encode(cleaned(files)), indent=2) + b"\n"


def render_text(files: HeldFiles, page: Page, *, summary: bool) -> Iterator[bytes]:
    """Each file in a few lines and a table, then as the command line prints it."""
    for place, held in enumerate(files.files):
        writer = Writer(page)
        if place:
            writer.line()
        _write_summary(writer, held)
        yield writer.encoded()
        if not summary:
            yield _printed(held, page)


def _printed(held: HeldFile, page: Page) -> bytes:
    writer = Writer(page._replace(width=_WIDEST_PRINTED))
    writer.line()
    for line in held.printed:
        writer.line(line)
    return writer.encoded()


def _write_summary(writer: Writer, held: HeldFile) -> None:
    records = f", {_counted(len(held.records), 'record')}" if held.records else ""
    length = "" if held.length is None else f", {held.length:,} bytes"
    named = f"{held.name}: " if held.name and not held.source.endswith(held.name) else ""
    several = held.loads or held.number > 1
    source = f"{held.source}:{held.number}" if several else held.source
    encrypted = ", encrypted" if held.encrypted else ""
    title = f"{named}{held.kind}{length}{records}{encrypted}"
    heading = f"{clip(source, _LINE)}: {harmless(title, _LINE)}"
    writer.paragraph(heading, hanging="  ", style=Style.STRONG)
    for label, words, style in _facts(held, writer.page):
        writer.marked(f"{label:<11}", style, harmless(words, _LINE), indent="  ")
    for load in held.loads[:MAX_LOADS]:
        writer.marked(f"{'loaded':<11}", Style.PLAIN, _load_words(load, writer.page), indent="  ")
    hidden = len(held.loads) + held.further_loads - MAX_LOADS
    if hidden > 0:
        writer.line(f"  and {hidden:,} more loadings")
    for remark in held.remarks[:MAX_REMARKS]:
        writer.marked("! ", Style.WARN, harmless(remark, _LINE), indent="  ")
    _write_records(writer, held.records)


def _facts(held: HeldFile, page: Page) -> Iterator[tuple[str, str, Style]]:
    """What is told in a line each."""
    if held.problem:
        yield "problem", held.problem, Style.BAD
    if held.signer:
        serial = f", serial {held.signer_serial}" if held.signer_serial else ""
        yield "signer", f"{held.signer}{serial}", Style.PLAIN
    if held.signed_at:
        digest = f" with {held.digest}" if held.digest else ""
        time = f"{page.date(held.signed_at)} {page.clock_seconds(held.signed_at)}"
        yield "signed", f"{time} {page.zone_name(held.signed_at)}{digest}", Style.PLAIN
    if held.signature:
        yield "signature", held.signature, _VERDICTS[held.verified]
    if held.kind not in _CLI_HASHES:
        yield "MD5", held.md5, Style.PLAIN
        yield "SHA-1", held.sha1, Style.PLAIN
    if held.sha256:
        yield "SHA-256", held.sha256, Style.PLAIN


_CLI_HASHES = frozenset({"ITL", "CTL"})
"""Files whose MD5 and SHA-1 stand below, as the command line prints them."""


def _load_words(load: Loading, page: Page) -> str:
    last = ", the last of its kind" if load.last else ""
    return harmless(
        f"by {load.phone} from {load.server} over {load.via.upper()}, whole at "
        f"{page.date(load.time)} {page.clock(load.time)}: frames {load.first_frame} to "
        f"{load.last_frame} of {load.capture}{last}",
        _LINE,
    )


def _write_records(writer: Writer, records: Sequence[RecordLine]) -> None:
    if not records:
        return
    writer.gap()
    rows = [_row(record) for record in records]
    widths = [max(cells(row[column]) for row in (_HEAD, *rows)) for column in range(len(_HEAD))]
    for place, row in enumerate((_HEAD, *rows)):
        line = "  ".join(
            f"{cell}{' ' * (width - cells(cell))}" for cell, width in zip(row, widths, strict=True)
        )
        writer.line(f"  {line}".rstrip(), Style.PLAIN if place else Style.STRONG)
    for record in records:
        if record.signed_list:
            writer.line(f"  Record {record.number} signed the list.")


_HEAD = ("#", "function", "owner", "key", "valid until")


def _row(record: RecordLine) -> tuple[str, ...]:
    return (
        str(record.number),
        clip(harmless(record.function) or "-", _FUNCTION_WIDTH),
        clip(harmless(record.owner) or "-", _OWNER_WIDTH),
        record.key or f"({record.holds})",
        record.not_after[:10] or "-",
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
