"""The one failure of this room."""

from __future__ import annotations


class TsharkError(Exception):
    """Wireshark's view cannot be had; the message is one sentence that says why."""
