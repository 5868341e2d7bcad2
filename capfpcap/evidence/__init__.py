"""What is known from elsewhere than captures: trust lists at hand, logs of phones.

Files are read by the command line; here their content is understood and handed to the rules, who
weigh it beside what the captures show. Nothing of this is loaded by a check that is given none.
"""

from __future__ import annotations

from msgspec import Struct

from capfpcap.evidence.lists import GivenList
from capfpcap.report import EvidenceFile

__all__ = ["Evidence", "GivenList"]


class Evidence(Struct, frozen=True):
    """All that was given beside the captures."""

    lists: tuple[GivenList, ...] = ()
    """What TFTP servers serve, as files or as saved output of ``show itl``."""

    remarks: tuple[str, ...] = ()
    """What is odd about the files themselves, a sentence each."""

    @property
    def files(self) -> tuple[EvidenceFile, ...]:
        """The files, as the report names them."""
        return tuple({item.file.id: item.file for item in self.lists}.values())
