"""Saved output of ``show itl``: any text is read, and what is printed is read back."""

from __future__ import annotations

from itertools import pairwise

from capf_dissectors import shown_list, trust_list
from capf_dissectors.signature import verifying_record

from capfpcap.timeline.files import FileKind
from fuzz.harness import Harness
from fuzz.seeds import carried


def judge(data: bytes) -> None:
    """Read a text, and what its records say; print and read again what was read."""
    text = shown_list.decode(data)
    lists = shown_list.dissect(text)
    assert len(lists) <= shown_list.MAX_LISTS
    lines = text.count("\n") + len(text.splitlines()) + 1
    assert all(one.line <= other.line for one, other in pairwise(lists))
    for one in lists:
        assert 0 < one.line <= lines
        for record in one.records:
            read = shown_list.as_record(record)
            assert len(read.certificate_hash) <= 1 << 13
            shown_list.untold(record)
        shown_list.dissect("\n".join(shown_list.as_printed(one)))


def seeds() -> list[bytes]:
    """Every list that the shipped captures carried, as the command line would print it."""
    texts = []
    for kind in (FileKind.ITL, FileKind.CTL):
        for content in carried().files.get(kind, []):
            read = trust_list.dissect(content)
            if isinstance(read, trust_list.TrustList):
                shown = shown_list.of_bytes(
                    content,
                    read.header,
                    read.records,
                    kind=shown_list.Kind(kind.value.upper()),
                    signing=verifying_record(content, read),
                    verified=True,
                )
                text = "\n".join(shown_list.as_printed(shown))
                texts += [text, " ".join(text.split())]
    return [text.encode() for text in texts]


HARNESS = Harness(judge, seeds, longest=1 << 15)
