"""Signed files, encrypted or not."""

from __future__ import annotations

from capf_dissectors import signed_file
from capf_dissectors.signed_file import SignedFile

from capfpcap.timeline.files import FileKind
from fuzz.answers import check_answer
from fuzz.harness import Harness
from fuzz.seeds import carried


def judge(data: bytes) -> None:
    """The short way and the long one agree."""
    read = signed_file.dissect(data)
    check_answer(read, len(data))
    content = signed_file.unwrap(data)
    if isinstance(read, SignedFile):
        assert signed_file.is_signed(data)
        assert content == read.content == data[read.header.length :]
        assert signed_file.outline(data) == (read.encrypted, read.content)
    else:
        assert content == data
        signed_file.outline(data)


def seeds() -> list[bytes]:
    """Configurations and lists as they were loaded."""
    files = carried().files
    every = [content for kind in FileKind for content in files.get(kind, [])]
    return [content for content in every if signed_file.is_signed(content)]


HARNESS = Harness(judge, seeds, longest=1 << 14)
