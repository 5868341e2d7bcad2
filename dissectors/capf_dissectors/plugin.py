"""What a dissector of another protocol offers, so that timelines show it beside the bundled ones.

An installed distribution names it in the entry point group ``capfpcap.dissectors``. This module
is all that such a distribution needs to know. ``capfpcap flows`` and ``capfpcap timeline``
show what it reads; ``capfpcap check`` does not load it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from capf_dissectors.streams import Piece

GROUP = "capfpcap.dissectors"
"""The entry point group. The bundled dissectors stand in it for other programs to find; capfpcap
imports those by name, and they need not be stream dissectors."""


class Remark(NamedTuple):
    """One thing that was said in a stream."""

    from_client: bool
    offset: int
    """Stream offset of its first octet, in the direction of its sender."""
    end: int
    """Stream offset behind its last octet."""
    text: str
    """One line; text of packets need not be made harmless."""


class StreamDissector(Protocol):
    """A dissector of a protocol over TCP: a module or an object with these two names."""

    tcp_ports: frozenset[int]
    """The server's ports."""

    def dissect_streams(self, client: Sequence[Piece], server: Sequence[Piece]) -> Iterable[Remark]:
        """What was said, from both directions of a connection with their holes."""
        ...
