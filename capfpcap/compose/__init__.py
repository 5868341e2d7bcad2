"""The report, composed from what was read and what was judged."""

from capfpcap.compose.decryption import remarks_on_secrets
from capfpcap.compose.remarks import remarks_on_left_out, remarks_on_scene
from capfpcap.compose.whole import (
    Part,
    about_shown,
    build_report,
    describe_captures,
    join_parts,
)

__all__ = [
    "Part",
    "about_shown",
    "build_report",
    "describe_captures",
    "join_parts",
    "remarks_on_left_out",
    "remarks_on_scene",
    "remarks_on_secrets",
]
