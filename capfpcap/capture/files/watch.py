"""Looks out for files that hold no capture of a network, only work without an end."""

from __future__ import annotations

from capfpcap.capture.records import Records

MAX_EMPTY_RECORDS = 1 << 20
"""Records in a row without an octet; a file whose end was never written holds zeros there."""
RECORDS_OF_AN_OCTET = 2
"""Records that may come out of one compressed octet. Their times alone take more room: identical
frames a millisecond apart, which is the most regular capture there is, get down to one."""
FREE_RECORDS = 1 << 20
"""Records that no such limit holds for: they are read soon whatever they are."""


class Watch:
    """The batches of one file, one after another."""

    def __init__(self) -> None:
        self._records = 0
        self._empty = 0

    def objection(self, records: Records, compressed: int | None) -> str | None:
        """Why reading ends behind a batch, where it does.

        ``compressed`` is how many octets of a compressed file were read, or more; None for others.
        """
        count = len(records)
        self._records += count
        self._empty = 0 if records.captured.any() else self._empty + count
        if self._empty > MAX_EMPTY_RECORDS:
            return f"more than {MAX_EMPTY_RECORDS} records in a row are empty"
        if compressed is None or self._records <= FREE_RECORDS:
            return None
        if self._records > RECORDS_OF_AN_OCTET * compressed:
            return f"it grows to more than {RECORDS_OF_AN_OCTET} records a byte"
        return None
