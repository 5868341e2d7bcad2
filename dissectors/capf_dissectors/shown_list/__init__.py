"""Trust lists as CUCM's command line prints them: saved output of ``show itl`` and ``show ctl``.

Such text comes out of terminals, mails, tickets and documents: lines are wrapped, joined or left
out, several lists follow each other, prompts and pagers stand in between. What can be read of it is
read; nothing raises. :func:`dissect` reads text, :func:`of_bytes` brings a list's bytes into the
same form, and :func:`as_printed` writes that form as the command line does.
"""

from __future__ import annotations

from capf_dissectors.shown_list.arithmetic import with_remarks
from capf_dissectors.shown_list.binary import of_bytes
from capf_dissectors.shown_list.decoding import decode, looks_shown
from capf_dissectors.shown_list.model import (
    Failure,
    Kind,
    Remark,
    Row,
    ShownList,
    ShownRecord,
)
from capf_dissectors.shown_list.reading import MAX_LISTS, read_lists
from capf_dissectors.shown_list.records import as_record, name_is_whole, untold
from capf_dissectors.shown_list.writing import as_printed, header_as_printed

__all__ = [
    "MAX_LISTS",
    "Failure",
    "Kind",
    "Remark",
    "Row",
    "ShownList",
    "ShownRecord",
    "as_printed",
    "as_record",
    "decode",
    "dissect",
    "header_as_printed",
    "looks_shown",
    "name_is_whole",
    "of_bytes",
    "untold",
]


def dissect(text: str) -> tuple[ShownList, ...]:
    """Every list in ``text``, in order, with what does not add up; none where there is none."""
    return tuple(map(with_remarks, read_lists(text)))
