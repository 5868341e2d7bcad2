"""Trust lists that were given: what a TFTP server serves, as a file or as ``show itl`` tells it."""

from __future__ import annotations

from msgspec import Struct

from capfpcap.report import EvidenceFile


class GivenList(Struct, frozen=True):
    """A trust list that was given beside the captures."""

    file: EvidenceFile
