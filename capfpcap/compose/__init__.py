"""The report, composed from what was read and what was judged."""

from capfpcap.compose.whole import Part, build_report, join_parts

__all__ = ["Part", "build_report", "join_parts"]
