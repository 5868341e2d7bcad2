"""Text cut into lines of so many cells."""

from __future__ import annotations

from rich.cells import cell_len


def slices(text: str, width: int) -> list[tuple[int, int]]:
    """Where a text is cut into lines, behind a blank where there is one; one line at least."""
    cut: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        stop, used = start, 0
        while stop < len(text) and used + cell_len(text[stop]) <= width:
            used += cell_len(text[stop])
            stop += 1
        blank = text.rfind(" ", start + 1, stop) if stop < len(text) else -1
        stop = max(blank + 1 if blank > 0 else stop, start + 1)
        cut.append((start, stop))
        start = stop
    return cut or [(0, 0)]


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text, without the blanks between them."""
    return [text[start:stop].strip() for start, stop in slices(text, width)]
