"""What is known from elsewhere than captures: trust lists at hand, logs of phones.

Files are read by the command line; here their content is understood and handed to the rules, who
weigh it beside what the captures show. Nothing of this is loaded by a check that is given none.
"""

from __future__ import annotations

from capf_dissectors.shown_list import Kind
from msgspec import Struct

from capfpcap.evidence.lists import EvidenceError, GivenFile, GivenList, read_lists
from capfpcap.evidence.logs import PhoneLog
from capfpcap.report import EvidenceFile

__all__ = ["Evidence", "EvidenceError", "GivenFile", "GivenList", "PhoneLog", "read_lists"]


class Evidence(Struct, frozen=True):
    """All that was given beside the captures."""

    lists: tuple[GivenList, ...] = ()
    """What TFTP servers serve, as files or as saved output of ``show itl``."""
    logs: tuple[PhoneLog, ...] = ()
    """Console logs of phones."""

    remarks: tuple[str, ...] = ()
    """What is odd about the files themselves, a sentence each."""

    @property
    def files(self) -> tuple[EvidenceFile, ...]:
        """The files, as the report names them."""
        files = [item.file for item in self.lists] + [item.file for item in self.logs]
        return tuple({file.id: file for file in files}.values())

    @property
    def itls(self) -> tuple[GivenList, ...]:
        """The ITLs among the lists."""
        return tuple(item for item in self.lists if item.kind is Kind.ITL)
