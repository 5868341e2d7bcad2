"""The report, composed from what was read and what was judged."""

from capfpcap.compose.whole import Part, build_report, describe_captures, join_parts

__all__ = ["Part", "build_report", "describe_captures", "join_parts"]
