"""Lines of a given width: wrapping by display cells, colour, and characters that ASCII lacks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import Enum

from msgspec import Struct, field

from capfpcap.formats.harmless import ELLIPSIS, harmless
from capfpcap.formats.page import Page


class Style(Enum):
    """How a piece of text stands out: parameters of SGR (ECMA-48, 8.3.117)."""

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    GOOD = "32"
    BAD = "1;31"
    WARN = "33"


MIN_WIDTH = 10
"""Columns that wrapped text always has, whatever stands before it."""

_TRANSLITERATED = str.maketrans(
    {
        "…": "...",
        "\N{EN DASH}": "-",
        "—": "-",
        "→": "->",
        "←": "<-",
        "⇢": "?>",
        "⇠": "<?",
        "≤": "<=",
        "≥": ">=",
        "\N{MULTIPLICATION SIGN}": "x",
        "±": "+/-",
        "·": "-",
        "•": "*",
        "✓": "+",
        "✗": "X",
        "│": "|",
        "┆": ":",
        "┊": ".",
        "─": "-",
        "╌": "~",
        "▶": ">",
        "◀": "<",
        "●": "*",
        "○": "o",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "“": '"',
        "”": '"',
        "\N{NO-BREAK SPACE}": " ",
    }
)


def plain_ascii(text: str) -> str:
    """``text`` with ASCII in place of the marks that we set ourselves; the rest as escapes."""
    return text.translate(_TRANSLITERATED).encode("ascii", "backslashreplace").decode("ascii")


def cells(text: str) -> int:
    """Columns that a terminal gives to ``text`` (UAX #11; combining marks have none)."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def clip(text: str, width: int) -> str:
    """``text``, harmless, in at most ``width`` columns; an ellipsis ends it if any had to go."""
    shown = harmless(text)
    if cells(shown) <= width:
        return shown
    head, _ = _split(shown, width - 1)
    return head + ELLIPSIS if cells(head) < width else ELLIPSIS


def wrap(text: str, width: int) -> list[str]:
    """The words of ``text`` on lines of at most ``width`` columns; longer words are broken.

    A ``width`` below ``MIN_WIDTH`` counts as that.
    """
    width = max(width, MIN_WIDTH)
    lines: list[str] = []
    line, used = "", 0
    for word in text.split():
        rest, needed = word, cells(word)
        if line and used + 1 + needed > width:
            lines.append(line)
            line, used = "", 0
        while needed > width:
            head, rest = _split(rest, width)
            lines.append(head)
            needed = cells(rest)
        line = f"{line} {rest}" if line else rest
        used = cells(line)
    return [*lines, line] if line else lines


def _split(text: str, width: int) -> tuple[str, str]:
    """The longest head of ``text`` within ``width`` columns (one character at least), the rest."""
    used = 0
    for index, character in enumerate(text):
        used += _cell(character)
        if used > width and index:
            return text[:index], text[index:]
    return text, ""


class Writer(Struct):
    """Collects lines for one page; whatever it is given, what it writes is harmless."""

    page: Page
    _lines: list[str] = field(default_factory=list)

    def line(self, text: str = "", style: Style = Style.PLAIN) -> None:
        """One line, clipped at the page's width."""
        self._lines.append(self.styled(clip(self._spelt(text), self.page.width), style))

    def pieces(self, pieces: Iterable[tuple[str, Style]]) -> None:
        """One line of pieces, each in its style, clipped at the page's width."""
        line, room = "", self.page.width
        for text, style in pieces:
            shown = clip(self._spelt(text), room) if room > 0 else ""
            line += self.styled(shown, style)
            room -= cells(shown)
        self._lines.append(line.rstrip())

    def gap(self) -> None:
        """An empty line, unless there is one or nothing stands above it."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def paragraph(
        self, text: str, *, indent: str = "", hanging: str | None = None, style: Style = Style.PLAIN
    ) -> None:
        """``text`` wrapped; ``indent`` before the first line, ``hanging`` before the others.

        The style covers the text, not the indent.
        """
        first = self._spelt(indent)
        other = first if hanging is None else hanging
        width = self.page.width - max(cells(first), cells(other))
        for number, line in enumerate(wrap(self._spelt(text), width)):
            self._lines.append((other if number else first) + self.styled(line, style))

    def marked(
        self, mark: str, style: Style, text: str, *, indent: str = "", label: str = ""
    ) -> None:
        """A wrapped ``text`` behind a coloured ``mark`` and a label, its lines in one column."""
        sign, name = self._spelt(mark), self._spelt(label)
        margin = indent + " " * (cells(sign) + cells(name))
        lines = wrap(self._spelt(text), self.page.width - len(margin)) or [""]
        self._lines.append(f"{indent}{self.styled(sign, style)}{name}{lines[0]}".rstrip())
        self._lines += [margin + line for line in lines[1:]]

    def styled(self, text: str, style: Style) -> str:
        """``text`` between the escapes of ``style``, where the page shows colour."""
        if not self.page.color or style is Style.PLAIN or not text:
            return text
        return f"\x1b[{style.value}m{text}\x1b[0m"

    def encoded(self) -> bytes:
        """All lines, each with a newline, in the page's encoding."""
        text = "".join(line + "\n" for line in self._lines)
        return text.encode("utf-8" if self.page.unicode else "ascii", "backslashreplace")

    def _spelt(self, text: str) -> str:
        """``text`` as this page can show it: harmless, and in ASCII where it must be."""
        shown = harmless(text)
        return shown if self.page.unicode else plain_ascii(shown)
