"""Trust lists, their signatures, and certificates compared with their records."""

from __future__ import annotations

import capf_dissectors.certificates
from capf_dissectors import trust_list
from capf_dissectors.signature import verify

from capfpcap.timeline.files import FileKind
from fuzz.answers import check_answer
from fuzz.harness import Harness
from fuzz.seeds import carried
from fuzz.tape import Tape, write_part

_LOADED = capf_dissectors.certificates.read_identity
"""Loaded here, so that it is instrumented with the rest."""


def judge(data: bytes) -> None:
    """Read a list and compare a certificate with all that is in it."""
    tape = Tape(data)
    certificate = tape.part()
    content = tape.rest()
    read = trust_list.dissect(content)
    check_answer(read, len(content))
    if not isinstance(read, trust_list.TrustList):
        return
    lengths = sum(record.length for record in read.records)
    assert read.header.length + lengths == len(content)
    verify(content, read)
    for record in read.records:
        trust_list.record_matches(record, certificate)
        trust_list.record_matches(record, record.certificate or b"")


def seeds() -> list[bytes]:
    """Every list, with a certificate that is in one of them and with none."""
    files = carried().files
    lists = files.get(FileKind.ITL, []) + files.get(FileKind.CTL, [])
    presented = [b"", *carried().certificates[:2]]
    return [write_part(certificate) + content for content in lists for certificate in presented]


HARNESS = Harness(judge, seeds, longest=1 << 15)
