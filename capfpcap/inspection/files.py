"""Files that a phone loads: trust lists, signed files, configurations, field by field."""

from __future__ import annotations

from capf_dissectors import signed_file
from capf_dissectors.outline import Node, moved
from capf_dissectors.outline.configuration import outline_configuration
from capf_dissectors.outline.signed_header import outline_signed_file
from capf_dissectors.outline.trust_list import outline_trust_list
from capf_dissectors.signed_file import SignedFile

from capfpcap.timeline.files import FileKind


def outline_file(kind: FileKind, content: bytes) -> tuple[Node, ...]:
    """The fields of a file; none of one that is neither signed nor read by phones to enrol."""
    if kind in (FileKind.ITL, FileKind.CTL):
        return outline_trust_list(content)
    header: tuple[Node, ...] = ()
    start = 0
    if signed_file.is_signed(content):
        header = outline_signed_file(content)
        signed = signed_file.dissect(content)
        if not isinstance(signed, SignedFile) or signed.encrypted:
            return header
        start = signed.header.length
    if kind is not FileKind.CONFIGURATION:
        return header
    return (*header, *moved(outline_configuration(content[start:]), start, 0))
