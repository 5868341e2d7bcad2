"""The streams of many connections laid one behind the other on one line of octets.

A place on the line is a number, so that all streams are walked at once with arithmetic on columns.
No octet is copied: a place leads to the segment it lies in, and that to the capture's chunks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.distinct import distinct
from capfpcap.flows.table import FlowTable

Numbers = npt.NDArray[np.int64]


class StreamLine:
    """Whole segments of whole streams; every stream has its number, and some may be empty."""

    def __init__(self, table: FlowTable, rows: Numbers, streams: Numbers, count: int) -> None:
        """Lay out the segments at ``rows`` of the table, each with a payload.

        ``streams`` has for each segment the number of its stream, ascending and below ``count``;
        the segments of a stream are in the order of its octets.
        """
        columns = table.columns
        self._chunks = table.capture.payloads.chunks
        self._rows = rows
        self._chunk = columns.chunk[rows]
        self._edges = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(columns.payload_length[rows], out=self._edges[1:])
        self._shift = columns.payload_at[rows].astype(np.int64) - self._edges[:-1]
        bounds = self._edges[np.searchsorted(streams, np.arange(count + 1))]
        self.begins: Numbers = bounds[:-1]
        """Where each stream begins."""
        self.ends: Numbers = bounds[1:]

    def _segments(self, places: Numbers) -> npt.NDArray[np.intp]:
        return np.searchsorted(self._edges, places, "right") - 1

    def rows(self, places: Numbers) -> Numbers:
        """The row of the flow table that brought the octet at each place."""
        return self._rows[self._segments(places)]

    def heads(self, places: Numbers, width: int) -> npt.NDArray[np.uint8]:
        """``width`` octets from each place on, a line of the matrix each.

        All zero where they are not all in the segment in which the first one lies.
        """
        heads = np.zeros((len(places), width), np.uint8)
        segment = self._segments(places)
        whole = places + width <= self._edges[segment + 1]
        chunk_of = self._chunk[segment]
        offsets = places + self._shift[segment]
        for chunk in distinct(chunk_of[whole]):
            here = np.flatnonzero(whole & (chunk_of == chunk))
            octets = np.frombuffer(self._chunks[chunk], np.uint8)
            heads[here] = octets[offsets[here, np.newaxis] + np.arange(width)]
        return heads

    def read(self, starts: Numbers, ends: Numbers) -> list[bytes]:
        """The octets from each start, which lies in a stream, to the end that belongs to it."""
        first, last = self._segments(starts), self._segments(np.maximum(ends - 1, starts))
        chunks = self._chunks
        return [
            chunks[chunk][offset : offset + length] if one else self._joined(start, start + length)
            for one, chunk, offset, start, length in zip(
                (first == last).tolist(),
                self._chunk[first].tolist(),
                (starts + self._shift[first]).tolist(),
                starts.tolist(),
                (ends - starts).tolist(),
                strict=True,
            )
        ]

    def _joined(self, start: int, end: int) -> bytes:
        """Octets that lie in several segments."""
        first, behind = np.searchsorted(self._edges, (start + 1, end)).tolist()
        edges, shift = self._edges[first - 1 : behind + 1], self._shift[first - 1 : behind]
        parts = zip(
            self._chunk[first - 1 : behind].tolist(),
            (np.maximum(edges[:-1], start) + shift).tolist(),
            (np.minimum(edges[1:], end) + shift).tolist(),
            strict=True,
        )
        return b"".join([self._chunks[chunk][begin:stop] for chunk, begin, stop in parts])
