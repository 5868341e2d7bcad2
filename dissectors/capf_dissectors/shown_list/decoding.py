"""Bytes of a saved session to text, and text to lines that are worth a look."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from msgspec import Struct

from capf_dissectors.text import decode_text

MAX_TEXT = 1 << 20
"""Characters of a text that are read; the output for one list has some ten thousand."""
_WIDE_SAMPLE = 512
"""Bytes that are looked at to tell UTF-16 without a byte order mark."""
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))
_SHOWN = re.compile(
    r"BYTEPOS\s+TAG|(ITL|CTL)\s+Record\s+#|Length\s+of\s+(ITL|CTL)\s+file|show\s+(itl|ctl)\b"
    r"|(ITL|CTL)\s+File\s+not\s+found|Error\s+parsing\s+the\s+(ITL|CTL)\s+File|\bRECORDLENGTH\b",
    re.IGNORECASE,
)
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]{0,16}[A-Za-z]|\][^\x07\x1b]{0,256}\x07?|.)?")
_PAGER = re.compile(
    r"Press <enter> for 1 line, <space> for one page, or <q> to quit|-{1,8} ?More ?-{1,8}",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^[>\s]{1,32}")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\x00\b"))


def decode(data: bytes) -> str:
    """``data`` as text, in whichever encoding a terminal program saved it; never an error."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    sample = data[:_WIDE_SAMPLE]
    if len(sample) >= 2:
        for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            half = sample[start::2]
            if half.count(0) * 2 > len(half) and sample[1 - start :: 2].count(0) * 8 < len(half):
                return data.decode(encoding, "replace")
    return decode_text(data)


def looks_shown(text: str) -> bool:
    """Whether a text has anything of what ``show itl`` prints."""
    return _SHOWN.search(text[:MAX_TEXT]) is not None


class Lines(Struct, frozen=True):
    """A text without blank lines, pagers and escapes, each run of blanks one blank."""

    text: str
    starts: list[int]
    """Where each line begins in it."""
    numbers: list[int]
    """Which line of the file it was, from 1."""

    def number_at(self, offset: int) -> int:
        """The line of the file, from 1, that stands at an offset of the text."""
        if not self.numbers:
            return 1
        return self.numbers[max(0, bisect_right(self.starts, offset) - 1)]


def _cleaned(line: str) -> str:
    """A line without what is none of the node's; most lines have nothing of that."""
    if not (line.isascii() and line.isprintable()):
        line = _ESCAPES.sub("", line).translate(_INVISIBLE)
    if "-" in line or "Press" in line:
        line = _PAGER.sub(" ", line)
    return _QUOTED.sub("", line) if line.lstrip()[:1] == ">" else line


def lines_of(text: str) -> Lines:
    """The lines of a text that say something."""
    kept: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(text[:MAX_TEXT].splitlines(), 1):
        words = _cleaned(line).split()
        if words:
            kept.append(" ".join(words))
            numbers.append(number)
    starts = [0, *accumulate(len(line) + 1 for line in kept)]
    return Lines("\n".join(kept), starts[: len(kept)], numbers)
