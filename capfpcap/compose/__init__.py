"""The report, composed from what was read and what was judged."""

from capfpcap.compose.whole import build_report

__all__ = ["build_report"]
