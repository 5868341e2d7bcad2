"""Trust lists and signed files in hand: what is in a file, a capture or saved output of the CLI."""

from __future__ import annotations

from capfpcap.inspection.held.certificates import certificates_of
from capfpcap.inspection.held.description import HeldFile, HeldFiles, Loading, describe
from capfpcap.inspection.held.sources import (
    Content,
    Held,
    content_of,
    held_in_capture,
    held_in_file,
)

__all__ = [
    "Content",
    "Held",
    "HeldFile",
    "HeldFiles",
    "Loading",
    "certificates_of",
    "content_of",
    "describe",
    "held_in_capture",
    "held_in_file",
]
